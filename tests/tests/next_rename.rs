//! A rename followed through as a compiler would have it: whose a name is, in this file and in others.
#![allow(clippy::unwrap_used)]

use nextline_tests::Launch;
use nextline_tests::next::{applied, change, follows, open, silent, suggest};
use serde_json::json;

/// Opens files, renames in the first one, and expects the texts that all suggested edits make of them.
fn across(language: &str, files: &[(&str, &str)], rename: (&str, &str, &str), wanted: &[&str]) {
    let mut server = Launch::new().start();
    let mut docs: Vec<_> = files
        .iter()
        .map(|(name, text)| open(&mut server, name, language, text))
        .collect();
    let (after, old, new) = rename;
    change(&mut server, &mut docs[0], after, old, new);
    let answer = suggest(&mut server, &docs[0], json!({ "others": true }));
    for (doc, wanted) in docs.iter().zip(wanted) {
        assert_eq!(applied(doc, &answer), *wanted, "{answer}");
    }
}

#[test]
fn what_a_trait_dictates_is_not_followed() {
    for (text, after, old) in [
        (
            "struct All;\nimpl Iterator for All {\n    type Item = u8;\n    fn next(&mut self) -> Option<Self::Item> { None }\n}\nfn f(a: All) -> <All as Iterator>::Item { 1 }\n",
            "type ",
            "Item",
        ),
        (
            "struct All;\nimpl ExactSizeIterator for All {\n    fn all_length(&self) -> usize { 1 }\n}\nfn f(a: All) { a.all_length(); }\n",
            "fn ",
            "all_length",
        ),
    ] {
        silent("rust", text, &[(after, old, "Other")], "nothing_follows");
    }
}

#[test]
fn a_traits_own_member_is_followed_into_what_implements_it() {
    follows(
        "rust",
        "trait Shape {\n    fn measure_it(&self) -> u8;\n    fn twice(&self) -> u8 { self.measure_it() * 2 }\n}\nimpl Shape for A {\n    fn measure_it(&self) -> u8 { 1 }\n}\nfn f(a: A) -> u8 { a.measure_it() }\n",
        &[("fn ", "measure_it", "weigh")],
        "rename",
        "trait Shape {\n    fn weigh(&self) -> u8;\n    fn twice(&self) -> u8 { self.weigh() * 2 }\n}\nimpl Shape for A {\n    fn weigh(&self) -> u8 { 1 }\n}\nfn f(a: A) -> u8 { a.weigh() }\n",
    );
}

#[test]
fn a_path_through_another_module_leads_to_another_thing() {
    follows(
        "rust",
        "type Result<T> = result::Result<T, Error>;\nfn f() -> Result<u8> { todo!() }\nfn g(f: &mut fmt::Formatter) -> fmt::Result { self::Result::Ok(()) }\n",
        &[("type ", "Result", "Outcome")],
        "rename",
        "type Outcome<T> = result::Result<T, Error>;\nfn f() -> Outcome<u8> { todo!() }\nfn g(f: &mut fmt::Formatter) -> fmt::Result { self::Outcome::Ok(()) }\n",
    );
}

#[test]
fn fields_go_with_their_type() {
    // In the literal of another type, in one of `Self`, through what is annotated or made, and not through what is something else.
    follows(
        "rust",
        "struct Drain { len: u8 }\nimpl Drain {\n    fn new() -> Self { Self { len: 1 } }\n    fn iter(&self) -> Iter { Iter { len: self.len } }\n    fn same(&self, rhs: &Self, v: Vector) -> bool { self.len == rhs.len && v.len == 2 }\n}\nfn f(one: &Drain, other: &[Drain]) -> u8 {\n    let made = Drain { len: 3 };\n    made.len + one.len + other[0].len + other.len()\n}\n",
        &[("struct Drain", "len", "width")],
        "rename",
        "struct Drain { width: u8 }\nimpl Drain {\n    fn new() -> Self { Self { width: 1 } }\n    fn iter(&self) -> Iter { Iter { len: self.width } }\n    fn same(&self, rhs: &Self, v: Vector) -> bool { self.width == rhs.width && v.len == 2 }\n}\nfn f(one: &Drain, other: &[Drain]) -> u8 {\n    let made = Drain { width: 3 };\n    made.width + one.width + other[0].width + other.len()\n}\n",
    );
    follows(
        "typescript",
        "class Box {\n  size = 1;\n  grow(other: Box, all: Set<Box>) { this.size += other.size + all.size; }\n}\n",
        &[("class Box", "size", "width")],
        "rename",
        "class Box {\n  width = 1;\n  grow(other: Box, all: Set<Box>) { this.width += other.width + all.size; }\n}\n",
    );
}

#[test]
fn a_method_that_libraries_have_too_goes_with_its_type_alone() {
    follows(
        "rust",
        "struct Slab { entries: Vec<u8> }\nimpl Slab {\n    fn get_mut(&mut self, at: usize) -> Option<&mut u8> { self.entries.get_mut(at) }\n    fn first(&mut self) -> Option<&mut u8> { self.get_mut(0) }\n}\nfn f(slab: &mut Slab, list: &mut Vec<u8>) { slab.get_mut(1); list.get_mut(1); }\n",
        &[("fn ", "get_mut", "entry_mut")],
        "rename",
        "struct Slab { entries: Vec<u8> }\nimpl Slab {\n    fn entry_mut(&mut self, at: usize) -> Option<&mut u8> { self.entries.get_mut(at) }\n    fn first(&mut self) -> Option<&mut u8> { self.entry_mut(0) }\n}\nfn f(slab: &mut Slab, list: &mut Vec<u8>) { slab.entry_mut(1); list.get_mut(1); }\n",
    );
}

#[test]
fn short_names_are_followed_to_the_files_that_import_them() {
    across(
        "rust",
        &[
            ("types.rs", "pub enum State { A }\nfn f(s: State) {}\n"),
            (
                "lib.rs",
                "mod types;\npub use types::State;\nfn g() -> State { State::A }\n",
            ),
            (
                "deep.rs",
                "use crate::{other, State};\nfn g() -> State { State::A }\n",
            ),
            ("own.rs", "use other::State;\nfn g(s: State) {}\n"),
        ],
        ("enum ", "State", "Phase"),
        &[
            "pub enum Phase { A }\nfn f(s: Phase) {}\n",
            "mod types;\npub use types::Phase;\nfn g() -> Phase { Phase::A }\n",
            "use crate::{other, Phase};\nfn g() -> Phase { Phase::A }\n",
            "use other::State;\nfn g(s: State) {}\n",
        ],
    );
    across(
        "typescript",
        &[
            ("state.ts", "export interface State { a: number }\n"),
            (
                "uses.ts",
                "import { State } from './state';\nlet s: State;\n",
            ),
            ("again.ts", "export { State } from './state';\n"),
            (
                "others.ts",
                "import { State } from './elsewhere';\nlet s: State;\n",
            ),
        ],
        ("interface ", "State", "Phase"),
        &[
            "export interface Phase { a: number }\n",
            "import { Phase } from './state';\nlet s: Phase;\n",
            "export { Phase } from './state';\n",
            "import { State } from './elsewhere';\nlet s: State;\n",
        ],
    );
    // Two files have one: the one that is imported by its module is followed, what says less is left.
    across(
        "rust",
        &[
            (
                "one.rs",
                "pub struct Quoter;\nfn f() -> Quoter { two::Quoter::new() }\n",
            ),
            ("two.rs", "pub struct Quoter;\nfn f(q: Quoter) {}\n"),
            ("uses.rs", "use crate::one::Quoter;\nfn f(q: Quoter) {}\n"),
            ("less.rs", "use crate::Quoter;\nfn f(q: Quoter) {}\n"),
        ],
        ("struct ", "Quoter", "Marker"),
        &[
            "pub struct Marker;\nfn f() -> Marker { two::Quoter::new() }\n",
            "pub struct Quoter;\nfn f(q: Quoter) {}\n",
            "use crate::one::Marker;\nfn f(q: Marker) {}\n",
            "use crate::Quoter;\nfn f(q: Quoter) {}\n",
        ],
    );
}
