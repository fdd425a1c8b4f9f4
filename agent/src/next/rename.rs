//! A rename followed through: a name was changed where it is given, and its other uses still have the old one.

use std::ops::Range;
use std::sync::Arc;

use nextline_grammars::{Name, Role};

use super::owner::{self, bare};
use super::scene::{Done, Scene, called, is_distinctive};
use super::{Followed, Found, Kind, Reason};
use crate::document::Document;

/// Deeds newer than the rename that do not go on with it; after so many it is forgotten.
const UNRELATED: usize = 3;
/// What a thing calls itself.
const SELF: &[&str] = &["self", "this", "Self", "cls", "@", "$this"];

/// A name that was changed where it is given.
struct Renamed<'d> {
    document: &'d Arc<Document>,
    before: &'d Document,
    /// As it was.
    was: Name<'d>,
    /// As it is, in the text of now.
    is: Name<'d>,
    old: String,
    new: String,
}

/// Finds the uses of the name that was renamed last.
pub fn find(scene: &Scene) -> Result<Option<Followed>, Reason> {
    let mut refused = None;
    for (index, done) in scene.deeds.iter().enumerate() {
        let Some(renamed) = Renamed::by(done) else {
            continue;
        };
        let goes_on = |other: &&Done| renamed.goes_on(other);
        let newer = &scene.deeds[..index];
        if newer.iter().filter(|other| !renamed.goes_on(other)).count() >= UNRELATED {
            continue;
        }
        match renamed.places(scene) {
            Ok(found) if found.is_empty() => {}
            Ok(found) => {
                let last = newer
                    .iter()
                    .find(goes_on)
                    .map_or(done.deed.at, |newer| newer.deed.at);
                return Ok(Some((found, last)));
            }
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    refused.map_or(Ok(None), Err)
}

/// Whether a name was renamed so where it is given: then its uses are known, and others of that name are other things.
pub fn explains(scene: &Scene, old: &str, new: &str) -> bool {
    let mut renamed = scene.deeds.iter().filter_map(Renamed::by);
    renamed.any(|renamed| renamed.old == old && renamed.new == new)
}

impl<'d> Renamed<'d> {
    /// The rename that a deed is, if it is one and still stands.
    fn by(done: &'d Done) -> Option<Renamed<'d>> {
        let deed = &done.deed;
        let was = deed.before.syntax()?.name_at(deed.old.clone())?;
        let then = deed.after.syntax()?.name_at(deed.new.clone())?;
        let is = done.document.syntax()?.name_at(deed.now.clone())?;
        let given = [&was, &then, &is]
            .iter()
            .all(|name| name.role == Role::Declared);
        let (old, new) = (was.node.byte_range(), then.node.byte_range());
        let alone = old.start == new.start && old.end - deed.old.end == new.end - deed.new.end;
        let (old, new) = (deed.before.text.bytes(old), deed.after.text.bytes(new));
        let stands = done.document.text.bytes(is.node.byte_range()) == new;
        (given && alone && stands && old != new && was.node.kind() == is.node.kind()).then_some(
            Renamed {
                document: &done.document,
                before: &deed.before,
                was,
                is,
                old,
                new,
            },
        )
    }

    /// Whether a later deed did the same to a use.
    fn goes_on(&self, other: &Done) -> bool {
        let deed = &other.deed;
        let (was, is) = (
            name_text(&deed.before, &deed.old),
            name_text(&deed.after, &deed.new),
        );
        was.as_deref() == Some(&*self.old) && is.as_deref() == Some(&*self.new)
    }

    fn places(&self, scene: &Scene) -> Result<Vec<Found>, Reason> {
        let scope = self.is.scope();
        let everywhere = 0..self.document.text.len();
        let within = scope.map_or(everywhere, |scope| scope.byte_range());
        let was_within = self
            .was
            .scope()
            .map_or(0..self.before.text.len(), |scope| scope.byte_range());
        // The new name meant something there before.
        if !called(self.before, was_within, &self.new).is_empty() {
            return Err(Reason::Ambiguous);
        }
        let mut found = Vec::new();
        if scope.is_some() {
            if self.is_wanted(scene, self.document) {
                found.extend(self.local(within));
            }
            return Ok(found);
        }
        let member = self.is.is_member();
        // What a trait calls its members is not changed where it is written for a type.
        if member && self.is.dictated().is_some() {
            return Ok(found);
        }
        let shared = |document: &Arc<Document>| self.is_declared(document);
        if !member && shared(self.document) {
            return Err(Reason::Ambiguous);
        }
        let alike = |document: &&Arc<Document>| same_language(document, self.document);
        // Another thing has the name that this one had.
        let anywhere = scene.documents().filter(alike).any(shared);
        for document in scene.targets().filter(alike) {
            let own = Arc::ptr_eq(document, self.document);
            let uses = match member {
                true => self.of_member(document, anywhere),
                false if own => self.of_global(document, anywhere),
                false if shared(document) => Vec::new(),
                false => {
                    let known = !anywhere && is_distinctive(&self.old);
                    let brought = owner::brings_in(document, &self.old, self.document, !anywhere);
                    match known || brought {
                        true => self.of_global(document, anywhere),
                        false => Vec::new(),
                    }
                }
            };
            found.extend(uses);
        }
        Ok(found)
    }

    /// Whether something of the old name is declared in a document for all to see.
    fn is_declared(&self, document: &Document) -> bool {
        let names = called(document, 0..document.text.len(), &self.old);
        names.iter().any(|name| {
            name.role == Role::Declared
                && name.scope().is_none()
                && !self.is_its_own(name, document)
        })
    }

    /// Whether a declared name is one that the renamed trait asks for.
    fn is_its_own(&self, name: &Name<'_>, document: &Document) -> bool {
        let dictated = name.dictated().map(|node| owner::read(node, document));
        dictated.is_some_and(|name| Some(bare(&name).to_owned()) == self.holder())
    }

    /// The type that the renamed thing is a member of.
    fn holder(&self) -> Option<String> {
        let holder = self.is.holder()?;
        Some(bare(&owner::read(holder, self.document)).to_owned())
    }

    fn is_wanted(&self, scene: &Scene, document: &Arc<Document>) -> bool {
        scene.targets().any(|target| Arc::ptr_eq(target, document))
    }

    /// The uses of a local thing: behind the place where it is given, and not where another one hides it.
    fn local(&self, within: Range<usize>) -> Vec<Found> {
        let names = called(self.document, within.clone(), &self.old);
        let declaring = self.is.declaring();
        let written = declaring.is_some_and(|node| node.kind() == "assignment");
        let from = match (declaring, written, self.is.is_parameter()) {
            (Some(node), false, false) if node.byte_range() != within => {
                node.end_byte().min(within.end)
            }
            _ => within.start,
        };
        // A loop's or a function's own name stands at its head, and its declaring node holds all of it.
        let from = if from >= within.end {
            self.is.node.end_byte()
        } else {
            from
        };
        let hidden = hidden(&names, written);
        let uses = names.iter().filter(|name| {
            let at = name.node.start_byte();
            let ours = match name.role {
                Role::Used | Role::Shorthand => at >= from,
                Role::Declared => written,
                Role::Member | Role::Key => false,
            };
            ours && !hidden.iter().any(|span| span.contains(&at))
        });
        uses.map(|name| self.replaced(self.document, name, false))
            .collect()
    }

    fn of_global(&self, document: &Arc<Document>, shared: bool) -> Vec<Found> {
        let names = called(document, 0..document.text.len(), &self.old);
        let hidden = hidden(&names, false);
        let sure = !shared && is_distinctive(&self.old);
        let uses = names.iter().filter(|name| {
            let mark = name.node.prev_sibling();
            let path = name.role == Role::Member && mark.is_some_and(|mark| mark.kind() == "::");
            let ours = || sure || owner::leads_to(name, document, self.document);
            let used = matches!(name.role, Role::Used | Role::Shorthand) || path && ours();
            used && !hidden
                .iter()
                .any(|span| span.contains(&name.node.start_byte()))
        });
        uses.map(|name| self.replaced(document, name, false))
            .collect()
    }

    /// The uses of a member: what is reached through the thing itself, by its type's name or through something of its type, and what
    /// nothing else is called.
    fn of_member(&self, document: &Arc<Document>, shared: bool) -> Vec<Found> {
        let holder = self.holder();
        let sure = !shared && is_distinctive(&self.old);
        // Standard libraries have few fields for all to see; what is called like one may be a method of anything.
        let field = !shared
            && self.is.is_field()
            && holder
                .as_ref()
                .is_some_and(|holder| !called(document, 0..document.text.len(), holder).is_empty());
        let names = called(document, 0..document.text.len(), &self.old);
        let hidden = hidden(&names, false);
        let here = |name: &Name<'_>| {
            let holder = name.holder().map(|holder| owner::read(holder, document));
            holder.map(|holder| bare(&holder).to_owned())
        };
        let uses = names.iter().filter(|name| match name.role {
            Role::Member => {
                let through = name.through();
                let said = through
                    .map(|node| owner::read(node, document))
                    .unwrap_or_default();
                if SELF.contains(&said.as_str()) && here(name) == holder {
                    return true;
                }
                match through.and_then(|node| owner::typed(node, document)) {
                    Some(kind) if kind == "Self" => here(name) == holder,
                    Some(kind) if holder.as_ref() == Some(&kind) => true,
                    Some(_) => sure,
                    None => {
                        let plain = field && !name.is_called();
                        sure || plain || holder.as_deref() == Some(bare(&said))
                    }
                }
            }
            Role::Key | Role::Shorthand => {
                let literal = name.literal_of().map(|node| owner::read(node, document));
                match literal.as_deref().map(bare) {
                    None => sure,
                    Some(literal) if SELF.contains(&literal) => here(name) == holder,
                    literal => literal == holder.as_deref(),
                }
            }
            Role::Used => {
                let bare = document
                    .language
                    .is_some_and(|language| language.members_are_in_scope());
                let at = name.node.start_byte();
                bare && here(name) == holder && !hidden.iter().any(|span| span.contains(&at))
            }
            Role::Declared => self.is.dictated().is_none() && self.is_its_own(name, document),
        });
        uses.map(|name| self.replaced(document, name, true))
            .collect()
    }

    fn replaced(&self, document: &Arc<Document>, name: &Name<'_>, key: bool) -> Found {
        let text = match (name.role, key) {
            (Role::Shorthand, true) => format!("{}: {}", self.new, self.old),
            (Role::Shorthand, false) => format!("{}: {}", self.old, self.new),
            _ => self.new.clone(),
        };
        Found {
            document: document.clone(),
            kind: Kind::Rename,
            span: name.node.byte_range(),
            text,
        }
    }
}

fn name_text(document: &Document, span: &Range<usize>) -> Option<String> {
    let name = document.syntax()?.name_at(span.clone())?;
    Some(document.text.bytes(name.node.byte_range()))
}

/// Where other things of this name hide the one in question; none where writing a name again is no new thing.
fn hidden(names: &[Name<'_>], written: bool) -> Vec<Range<usize>> {
    let declared = names
        .iter()
        .filter(|name| name.role == Role::Declared && !written);
    let spans = declared.filter_map(|name| {
        let scope = name.scope()?;
        let declaring = name.declaring()?;
        let from = if name.is_parameter() || declaring.byte_range() == scope.byte_range() {
            scope.start_byte()
        } else {
            declaring.end_byte()
        };
        Some(from..scope.end_byte())
    });
    spans.collect()
}

fn same_language(one: &Document, other: &Document) -> bool {
    match (one.language, other.language) {
        (Some(one), Some(other)) => one.id() == other.id(),
        _ => false,
    }
}
