//! A signature followed through: a parameter came, went or moved, and the calls have the arguments of before.

use std::sync::Arc;

use nextline_grammars::{Name, Node, Role};

use super::calls::{
    Parameter, arguments_of, call, function_name, is_receiver, list_around, list_of, parameters,
    rewritten,
};
use super::repeat::smallest;
use super::scene::{Done, Scene, called, is_distinctive};
use super::{Followed, Found, Kind, Reason};
use crate::document::Document;

/// Deeds newer than the signature's that are no calls of it; after so many it is forgotten.
const UNRELATED: usize = 3;
/// What became of the parameters.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    /// One came, at this place.
    Added(usize),
    /// The one at this place went.
    Removed(usize),
    /// The same ones in another order: where each of them was.
    Moved(Vec<usize>),
}

/// A function whose parameters were changed.
struct Changed<'d> {
    done: &'d Done,
    name: String,
    turn: Turn,
    /// The one that came.
    added: Option<Parameter>,
    /// Parameters before, without the receiver.
    count: usize,
    /// There is a receiver among the written parameters.
    receiver: bool,
}

/// Finds the calls of the function whose parameters were changed last.
pub fn find(scene: &Scene) -> Result<Option<Followed>, Reason> {
    for (index, done) in scene.gathered.iter().enumerate() {
        let Some(changed) = Changed::by(done) else {
            continue;
        };
        let newer = &scene.gathered[..index];
        let calls: Vec<&Done> = newer
            .iter()
            .filter(|other| changed.call_of(other).is_some())
            .collect();
        if newer.len() - calls.len() >= UNRELATED {
            continue;
        }
        if changed.is_shared(scene) {
            return Err(Reason::Ambiguous);
        }
        let written = calls.iter().find_map(|call| changed.written(call));
        let mut found = Vec::new();
        for document in scene
            .targets()
            .filter(|document| document.language_id == done.document.language_id)
        {
            let own = Arc::ptr_eq(document, &done.document);
            if own || is_distinctive(&changed.name) {
                found.extend(changed.calls(document, written.as_deref()));
            }
        }
        if !found.is_empty() {
            return Ok(Some((
                found,
                calls.first().map_or(done.deed.at, |call| call.deed.at),
            )));
        }
    }
    Ok(None)
}

impl<'d> Changed<'d> {
    fn by(done: &'d Done) -> Option<Changed<'d>> {
        let deed = &done.deed;
        let old = list_around(deed.before.syntax()?.root(), deed.old.start, deed.old.end)?;
        let new = list_around(deed.after.syntax()?.root(), deed.new.start, deed.new.end)?;
        let same = old.start_byte() == new.start_byte()
            && old.end_byte() - deed.old.end == new.end_byte() - deed.new.end;
        let (was, is) = (
            function_name(&deed.before, old)?,
            function_name(&deed.after, new)?,
        );
        if !same || was != is || old.has_error() || new.has_error() {
            return None;
        }
        // It stands as it was written then.
        let now = list_around(done.document.syntax()?.root(), deed.now.start, deed.now.end)?;
        let (olds, news) = (parameters(&deed.before, old), parameters(&deed.after, new));
        if parameters(&done.document, now) != news {
            return None;
        }
        let receiver = olds.first().is_some_and(is_receiver);
        let skip = usize::from(receiver);
        let news_skip = usize::from(news.first().is_some_and(is_receiver));
        if skip != news_skip {
            return None;
        }
        let (olds, news) = (&olds[skip..], &news[skip..]);
        let turn = turn(olds, news)?;
        let added = match &turn {
            Turn::Added(at) => news.get(*at).cloned(),
            _ => None,
        };
        // What may be left out changes no call.
        let optional = |one: &Parameter| {
            one.text.contains('=') || one.text.contains('?') || one.text.contains("...")
        };
        if added.as_ref().is_some_and(optional) || olds.iter().any(optional) {
            return None;
        }
        Some(Changed {
            done,
            name: is,
            turn,
            added,
            count: olds.len(),
            receiver,
        })
    }

    /// Whether another function has this name.
    fn is_shared(&self, scene: &Scene) -> bool {
        let same = scene
            .documents()
            .filter(|document| document.language_id == self.done.document.language_id);
        let count: usize = same
            .map(|document| {
                let names = called(document, 0..document.text.len(), &self.name);
                let functions = names.iter().filter(|name| {
                    name.role == Role::Declared
                        && name.declaring().is_some_and(|node| list_of(node).is_some())
                });
                functions.count()
            })
            .sum();
        count > 1
    }

    /// The arguments of the call of it that a later deed was made in.
    fn call_of(&self, other: &'d Done) -> Option<(&'d Document, Vec<Node<'d>>)> {
        let document: &Document = &other.document;
        let mut node = document
            .syntax()?
            .root()
            .descendant_for_byte_range(other.deed.now.start.saturating_sub(1), other.deed.now.end);
        while let Some(here) = node {
            if let Some((name, arguments)) = call(document, here)
                && name.text == self.name
            {
                return Some((document, arguments));
            }
            node = here.parent();
        }
        None
    }

    /// The argument that the person wrote at a call for the parameter that came.
    fn written(&self, call: &'d Done) -> Option<String> {
        let Turn::Added(at) = self.turn else {
            return None;
        };
        let (document, arguments) = self.call_of(call)?;
        let argument = arguments
            .get(at)
            .filter(|_| arguments.len() == self.count + 1)?;
        Some(document.text.bytes(argument.byte_range()))
    }

    fn calls(&self, document: &Arc<Document>, written: Option<&str>) -> Vec<Found> {
        let names = called(document, 0..document.text.len(), &self.name);
        let mut found = Vec::new();
        for name in names.iter().filter(|name| name.role != Role::Declared) {
            let mut node = name.node.parent();
            for _ in 0..3 {
                let Some(here) = node else { break };
                if let Some((callee, arguments)) = call(document, here)
                    && callee.at == name.node.start_byte()
                {
                    found.extend(self.changed(document, name, here, &arguments, written));
                    break;
                }
                node = here.parent();
            }
        }
        found
    }

    /// The call as it has to be now; `None` where it is right already, or where nobody knows what to write.
    fn changed(
        &self,
        document: &Arc<Document>,
        name: &Name<'_>,
        call: Node<'_>,
        arguments: &[Node<'_>],
        written: Option<&str>,
    ) -> Option<Found> {
        // By the type's name the receiver is an argument like the others.
        let by_type = self.receiver
            && name
                .node
                .prev_sibling()
                .is_some_and(|mark| mark.kind() == "::");
        let extra = usize::from(by_type);
        if arguments.len() != self.count + extra {
            return None;
        }
        let text = |node: &Node<'_>| document.text.bytes(node.byte_range());
        let mut texts: Vec<String> = arguments.iter().map(text).collect();
        match &self.turn {
            Turn::Added(at) => texts.insert(at + extra, self.argument(document, name, written)?),
            Turn::Removed(at) => {
                texts.remove(at + extra);
            }
            Turn::Moved(order) => {
                let before = texts.clone();
                for (to, from) in order.iter().enumerate() {
                    texts[to + extra] = before[from + extra].clone();
                }
            }
        }
        let list = arguments_of(call)?;
        let old = document.text.bytes(list.byte_range());
        let new = rewritten(document, list, arguments, &texts)?;
        smallest(document, list.byte_range(), &old, &new, Kind::Signature)
    }

    /// What stands for the new parameter at a call: a variable of its name, what the person wrote at another call, or a type's nothing.
    fn argument(
        &self,
        document: &Document,
        name: &Name<'_>,
        written: Option<&str>,
    ) -> Option<String> {
        let added = self.added.as_ref()?;
        let known = |variable: &str| {
            let names = called(document, 0..name.node.start_byte(), variable);
            names.iter().any(|one| {
                one.role == Role::Declared
                    && one.scope().is_some_and(|scope| {
                        scope.start_byte() <= name.node.start_byte()
                            && name.node.end_byte() <= scope.end_byte()
                    })
            })
        };
        if let Some(written) = written {
            let first = written
                .split(|c: char| !crate::text::is_word(c))
                .find(|word| !word.is_empty());
            let literal = first.is_none_or(|word| {
                word.starts_with(|c: char| c.is_ascii_digit() || c.is_uppercase())
                    || CONSTANTS.contains(&word)
            }) || written.starts_with(['"', '\'']);
            if literal || first.is_some_and(known) {
                return Some(written.to_owned());
            }
        }
        if known(&added.name) {
            return Some(added.name.clone());
        }
        added.text.contains(": Option<").then(|| "None".to_owned())
    }
}

/// Words that mean the same everywhere.
const CONSTANTS: &[&str] = &["true", "false", "null", "nil", "undefined", "nullptr"];

fn turn(olds: &[Parameter], news: &[Parameter]) -> Option<Turn> {
    let names = |all: &[Parameter]| {
        all.iter()
            .map(|one| one.name.clone())
            .collect::<Vec<String>>()
    };
    let (olds, news) = (names(olds), names(news));
    let without = |all: &[String], at: usize| {
        let mut all = all.to_vec();
        all.remove(at);
        all
    };
    if news.len() == olds.len() + 1 {
        return (0..news.len())
            .find(|at| without(&news, *at) == olds)
            .map(Turn::Added);
    }
    if olds.len() == news.len() + 1 {
        return (0..olds.len())
            .find(|at| without(&olds, *at) == news)
            .map(Turn::Removed);
    }
    if olds.len() == news.len() && olds != news {
        let order: Option<Vec<usize>> = news
            .iter()
            .map(|name| olds.iter().position(|old| old == name))
            .collect();
        let order = order?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        sorted.dedup();
        return (sorted.len() == olds.len()).then_some(Turn::Moved(order));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_parameters() {
        let list = |names: &str| -> Vec<Parameter> {
            let one = |name: &str| Parameter {
                name: name.into(),
                text: name.into(),
            };
            names.split_whitespace().map(one).collect()
        };
        for (old, new, wanted) in [
            ("a b", "a x b", Some(Turn::Added(1))),
            ("", "a", Some(Turn::Added(0))),
            ("a b c", "a c", Some(Turn::Removed(1))),
            ("a b c", "c a b", Some(Turn::Moved(vec![2, 0, 1]))),
            ("a b", "a c", None),
            ("a b", "a b", None),
            ("a b", "a b c d", None),
        ] {
            assert_eq!(turn(&list(old), &list(new)), wanted, "{old} -> {new}");
        }
    }
}
