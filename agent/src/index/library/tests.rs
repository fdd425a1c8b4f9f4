//! A library that grew by and by answers as one that was built at once, and random texts do it no harm.

use proptest::prelude::*;

use super::*;
use crate::index::library::names::name_of;

const LIMITS: Limits = Limits {
    max_held: 64 << 20,
    max_file: 1 << 20,
};

/// Everything that a reader can see, in an order of its own.
fn seen(library: &Library) -> Vec<String> {
    let shelf = library.shelf();
    let mut rows = Vec::new();
    for part in shelf.parts() {
        let segment = part.segment();
        for (number, page) in segment
            .pages
            .iter()
            .enumerate()
            .filter(|(number, _)| part.answers(*number))
        {
            rows.push(format!("{} {:?}", page.key, page.text.text(0..u32::MAX)));
            for chunk in segment.chunks_of(number) {
                let lines = segment.lines(chunk);
                assert_eq!(segment.page_of(chunk), number);
                let text = page.text.text(lines.clone());
                let all = lines::lines(&text, page.language);
                for name in names::names(&lines::bare(&all)) {
                    let found: Vec<_> = segment
                        .find(name)
                        .filter(|posting| posting.chunk == chunk)
                        .collect();
                    assert_eq!(found.len(), 1, "{} {lines:?} {text:?}", page.key);
                    rows.push(format!("{} {lines:?} {name} {}", page.key, found[0].times));
                }
                rows.push(format!("{} {lines:?} {}", page.key, segment.size(chunk)));
            }
            for (at, definition) in page.definitions.iter().enumerate() {
                assert!(
                    segment
                        .definitions(definition.name)
                        .any(|row| row == (number, at))
                );
                rows.push(format!("{} {definition:?}", page.key));
            }
        }
    }
    rows.sort();
    rows
}

fn text(seed: usize) -> String {
    let function = |n: usize| {
        format!(
            "fn name_{n}(value: Type{}) {{\n    call_{}(value);\n}}\n\n",
            n % 5,
            n % 7
        )
    };
    (seed..seed + 3 + seed % 40).map(function).collect()
}

#[test]
fn what_was_learnt_answers_and_what_is_gone_does_not() {
    let library = Library::new(LIMITS);
    let find = |name: &str| {
        library
            .shelf()
            .parts()
            .map(|part| {
                part.segment()
                    .find(name_of(name))
                    .filter(|posting| part.answers(part.segment().page_of(posting.chunk)))
                    .count()
            })
            .sum::<usize>()
    };
    assert_eq!(
        library.learn("a.rs", "fn alpha() { beta(); }\n"),
        Kept::Taken
    );
    assert_eq!(find("alpha"), 0, "not yet settled");
    library.settle();
    assert_eq!((find("alpha"), find("beta")), (1, 1));
    library.open("a.rs", &Rope::from_str("fn gamma() {}\n"));
    assert!(library.due("") && !library.due("a.rs"));
    assert_eq!(
        find("alpha"),
        1,
        "the copy on disk answers until the document is read"
    );
    library.settle();
    assert_eq!((find("alpha"), find("gamma")), (0, 1));
    assert!(!library.due(""));
    library.learn("a.rs", "fn delta() {}\n");
    library.settle();
    assert_eq!(
        (find("delta"), find("gamma")),
        (0, 1),
        "the document still leads"
    );
    library.close("a.rs");
    assert!(library.due(""));
    library.settle();
    assert_eq!((find("delta"), find("gamma"), find("alpha")), (1, 0, 0));
    library.forget("a.rs");
    library.settle();
    assert_eq!((find("delta"), library.stats().files), (0, 0));
    assert!(library.shelf().parts().next().is_none());
}

#[test]
fn limits_hold_and_are_counted() {
    let library = Library::new(Limits {
        max_held: 40_000,
        max_file: 10_000,
    });
    assert_eq!(
        library.learn("big.rs", &"fn a() {}\n".repeat(2_000)),
        Kept::TooLarge
    );
    assert_eq!(library.learn("a.md", "# alpha\n"), Kept::NotCode);
    assert_eq!(library.learn("a.js", &"a".repeat(5_000)), Kept::NotCode);
    assert_eq!(library.learn("b.rs", "fn a\0"), Kept::NotCode);
    let mut taken = 0;
    for n in 0..200 {
        taken += usize::from(library.learn(&format!("{n}.rs"), &text(n)) == Kept::Taken);
        if n % 7 == 0 {
            library.settle();
        }
        assert!(library.stats().held <= 40_000, "{:?}", library.stats());
    }
    library.settle();
    let stats = library.stats();
    assert!(
        taken > 5 && stats.files == taken && stats.full == 200 - taken,
        "{stats:?}"
    );
    assert_eq!((stats.too_large, stats.not_code), (1, 3));
    assert!(stats.held <= 40_000, "{stats:?}");
}

#[test]
fn a_refused_text_replaces_nothing_stale() {
    let library = Library::new(LIMITS);
    library.learn("a.rs", "fn alpha() {}\n");
    library.settle();
    assert_eq!(library.learn("a.rs", "fn a\0"), Kept::NotCode);
    library.settle();
    assert_eq!(
        library.stats().files,
        0,
        "what is on disk now is not what was learnt"
    );
}

#[derive(Debug, Clone)]
enum Step {
    Learn(usize, usize),
    Forget(usize),
    Open(usize, usize),
    Close(usize),
    Settle,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12usize, 0..60usize).prop_map(|(file, seed)| Step::Learn(file, seed)),
        1 => (0..12usize).prop_map(Step::Forget),
        2 => (0..12usize, 0..60usize).prop_map(|(file, seed)| Step::Open(file, seed)),
        1 => (0..12usize).prop_map(Step::Close),
        2 => Just(Step::Settle),
    ]
}

#[test]
fn several_read_one_stock_and_see_their_own_documents() {
    let first = Library::new(LIMITS);
    first.learn("a.rs", "fn alpha() {}\n");
    first.settle();
    let second = Library::reading(&first.stock);
    let sees = |library: &Library, text: &str| seen(library).iter().any(|row| row.contains(text));
    assert!(sees(&second, "alpha"));
    first.open("a.rs", &Rope::from_str("fn unsaved() {}\n"));
    first.settle();
    assert!(sees(&first, "unsaved") && !sees(&first, "alpha"));
    assert!(!sees(&second, "unsaved") && sees(&second, "alpha"));
    // Whoever settles, does it for all.
    second.learn("b.rs", "fn beta() {}\n");
    second.settle();
    assert!(sees(&first, "beta") && sees(&first, "unsaved") && sees(&second, "beta"));
    assert!(!first.due(""));
    first.close("a.rs");
    second.settle();
    assert!(sees(&first, "alpha") && !sees(&first, "unsaved"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn grown_is_built_at_once(steps in prop::collection::vec(step(), 0..60)) {
        let grown = Library::new(LIMITS);
        let mut disk = HashMap::new();
        let mut open = HashMap::new();
        for step in steps {
            match step {
                Step::Learn(file, seed) => {
                    grown.learn(&format!("{file}.rs"), &text(seed));
                    disk.insert(file, seed);
                }
                Step::Forget(file) => {
                    grown.forget(&format!("{file}.rs"));
                    disk.remove(&file);
                }
                Step::Open(file, seed) => {
                    grown.open(&format!("{file}.rs"), &Rope::from_str(&text(seed)));
                    open.insert(file, seed);
                }
                Step::Close(file) => {
                    grown.close(&format!("{file}.rs"));
                    open.remove(&file);
                }
                Step::Settle => grown.settle(),
            }
        }
        grown.settle();
        let built = Library::new(LIMITS);
        for (file, seed) in &disk {
            built.learn(&format!("{file}.rs"), &text(*seed));
        }
        for (file, seed) in &open {
            built.open(&format!("{file}.rs"), &Rope::from_str(&text(*seed)));
        }
        built.settle();
        prop_assert_eq!(seen(&grown), seen(&built));
        prop_assert!(!grown.due(""));
    }

    #[test]
    fn any_text_can_be_learnt(text in "\\PC{0,200}|[a-z{}()<>\n\t:;=/*\"# ]{0,400}|(impl|fn|class|def|const| |<|\\(|\n|\\{|é){0,80}") {
        for key in ["a.rs", "a.ts", "a.py", "a.go", "a.unknown", "a"] {
            for cut in [Cut::Looks, Cut::Tree] {
                let (page, counts) = Page::read(key, &text, cut);
                prop_assert_eq!(page.text.text(0..u32::MAX), text.as_str());
                let lines = page.text.lines();
                prop_assert!(page.chunks.iter().all(|chunk| chunk.start < chunk.end && chunk.end <= lines));
                prop_assert!(counts.iter().all(|row| (row.1 as usize) < page.chunks.len()));
                for row in &page.definitions {
                    prop_assert!(row.lines.start < row.head && row.lines.end <= lines && row.head <= lines, "{:?}", row);
                }
            }
        }
    }
}
