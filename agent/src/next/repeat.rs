//! The repeated edit: the last two edits had the same shape, and other places have it still.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use nextline_grammars::Node;

use super::rename;
use super::scene::{Done, Scene};
use super::shape::{Habit, Piece};
use super::{Followed, Found, Kind, Reason};
use crate::document::Document;

/// Deeds among which the one before is looked for.
const BACK: usize = 3;
/// Nodes around a change that it may be a change of.
const LEVELS: usize = 6;
/// Places at most.
const PLACES: usize = 100;

/// Finds the places that the last two edits could be made at too.
pub fn find(scene: &Scene) -> Result<Option<Followed>, Reason> {
    let lists = [&scene.gathered, &scene.deeds];
    for list in lists {
        let Some((last, earlier)) = list.split_first() else {
            continue;
        };
        let earlier = earlier
            .iter()
            .take(BACK)
            .filter(|other| same_language(last, other));
        for before in earlier {
            let found = match last.document.syntax() {
                Some(_) => by_tree(scene, last, before),
                None => by_text(scene, last, before),
            };
            if !found.is_empty() {
                return Ok(Some((found, last.deed.at)));
            }
        }
    }
    Ok(None)
}

fn same_language(one: &Done, other: &Done) -> bool {
    one.document.language_id == other.document.language_id
}

/// A change as trees see it: what it was made of, what became of it.
type Change<'d> = (Piece<'d>, Piece<'d>);

/// The nodes that a deed changed, each in both texts, the smallest first.
fn changes(done: &Done) -> Vec<Change<'_>> {
    let deed = &done.deed;
    let (Some(before), Some(after)) = (deed.before.syntax(), deed.after.syntax()) else {
        return Vec::new();
    };
    let (olds, news) = (
        around(before.root(), &deed.old),
        around(after.root(), &deed.new),
    );
    let mut found: Vec<Change<'_>> = Vec::new();
    for old in &olds {
        let tail = old.end_byte() - deed.old.end;
        let same = |new: &&Node<'_>| {
            new.start_byte() == old.start_byte() && new.end_byte() - deed.new.end == tail
        };
        // Of nodes that span the same bytes the outermost of one kind with its counterpart, else any.
        let news: Vec<&Node<'_>> = news.iter().filter(same).collect();
        let new = news
            .iter()
            .find(|new| new.kind_id() == old.kind_id())
            .or(news.first());
        if let Some(new) = new {
            found.push((
                Piece {
                    of: &deed.before,
                    node: *old,
                    touched: deed.old.clone(),
                },
                Piece {
                    of: &deed.after,
                    node: **new,
                    touched: deed.new.clone(),
                },
            ));
        }
    }
    found.truncate(LEVELS);
    found
}

/// The nodes that hold some bytes, the smallest first.
fn around<'d>(root: Node<'d>, bytes: &Range<usize>) -> Vec<Node<'d>> {
    let mut found = Vec::new();
    // Where nothing stands between two nodes, either side may be what was changed.
    let sides = [
        bytes.clone(),
        bytes.start.saturating_sub(1)..bytes.end,
        bytes.start..bytes.end + 1,
    ];
    for side in sides {
        let mut node = root.descendant_for_byte_range(side.start, side.end);
        while let Some(here) = node {
            let holds = here.start_byte() <= bytes.start && bytes.end <= here.end_byte();
            if holds && here.is_named() && !found.contains(&here) {
                found.push(here);
            }
            node = here.parent();
        }
    }
    found.sort_by(
        |one, other| match one.byte_range().len().cmp(&other.byte_range().len()) {
            Ordering::Equal => depth(*other).cmp(&depth(*one)),
            unequal => unequal,
        },
    );
    found
}

fn depth(mut node: Node<'_>) -> usize {
    let mut depth = 0;
    while let Some(above) = node.parent() {
        (node, depth) = (above, depth + 1);
    }
    depth
}

fn by_tree(scene: &Scene, last: &Done, before: &Done) -> Vec<Found> {
    let (one, other) = (changes(last), changes(before));
    let mut pairs: Vec<(usize, &Change<'_>, &Change<'_>)> = Vec::new();
    for (level, one) in one.iter().enumerate() {
        for (its, other) in other.iter().enumerate() {
            if one.0.node.kind_id() == other.0.node.kind_id() {
                pairs.push((level + its, one, other));
            }
        }
    }
    pairs.sort_by_key(|(level, ..)| *level);
    for (_, one, other) in pairs {
        let Some(habit) = Habit::of(one, other) else {
            continue;
        };
        let renamed = |(old, new)| rename::explains(scene, old, new);
        if habit.words().is_some_and(renamed) {
            return Vec::new();
        }
        let found = match habit.names {
            // Nothing that somebody chose is in it: only what comes next in the same row.
            0 => next_in_row(last, before, &habit).into_iter().collect(),
            _ => everywhere(scene, last, &habit),
        };
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Every place that a habit is about.
fn everywhere(scene: &Scene, last: &Done, habit: &Habit) -> Vec<Found> {
    let mut found = Vec::new();
    for document in scene
        .targets()
        .filter(|document| document.language_id == last.document.language_id)
    {
        let done: Vec<&Range<usize>> = scene
            .deeds
            .iter()
            .filter(|done| Arc::ptr_eq(&done.document, document))
            .map(|done| &done.deed.now)
            .collect();
        let Some(syntax) = document.syntax() else {
            continue;
        };
        let mut cursor = syntax.root().walk();
        'tree: loop {
            let node = cursor.node();
            if Some(node.kind_id()) == habit.kind()
                && !done
                    .iter()
                    .any(|done| done.start < node.end_byte() && node.start_byte() < done.end)
                && let Some(one) = changed(document, node, habit)
            {
                found.push(one);
                if found.len() == PLACES {
                    return found;
                }
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    break 'tree;
                }
            }
        }
    }
    found
}

/// What a habit makes of a node, as the smallest edit.
fn changed(document: &Arc<Document>, node: Node<'_>, habit: &Habit) -> Option<Found> {
    let piece = Piece {
        of: document,
        node,
        touched: node.byte_range(),
    };
    let new = habit.applied(&piece)?;
    smallest(
        document,
        node.byte_range(),
        &piece.text(),
        &new,
        Kind::Repeat,
    )
}

/// An edit without what stands on both sides of it anyway; `None` if it changes nothing.
pub fn smallest(
    document: &Arc<Document>,
    span: Range<usize>,
    old: &str,
    new: &str,
    kind: Kind,
) -> Option<Found> {
    if old == new {
        return None;
    }
    let boundary = |text: &str, at: usize| text.is_char_boundary(at);
    let same = old
        .bytes()
        .zip(new.bytes())
        .take_while(|(one, other)| one == other)
        .count();
    let start = (0..=same)
        .rev()
        .find(|at| boundary(old, *at) && boundary(new, *at))?;
    let most = old.len().min(new.len()) - start;
    let same = old
        .bytes()
        .rev()
        .zip(new.bytes().rev())
        .take(most)
        .take_while(|(one, other)| one == other)
        .count();
    let end = (0..=same)
        .rev()
        .find(|at| boundary(old, old.len() - at) && boundary(new, new.len() - at))?;
    // Words are changed whole: half of one is hard to read.
    let is_word = |text: &str, at: usize| {
        text[..at]
            .chars()
            .next_back()
            .is_some_and(crate::text::is_word)
    };
    let starts_word =
        |text: &str, at: usize| text[at..].chars().next().is_some_and(crate::text::is_word);
    let (mut start, mut end) = (start, end);
    while start > 0
        && is_word(old, start)
        && (starts_word(old, start) && start < old.len() - end
            || starts_word(new, start) && start < new.len() - end)
    {
        start = old[..start]
            .char_indices()
            .next_back()
            .map_or(0, |(at, _)| at);
    }
    while end > 0
        && starts_word(old, old.len() - end)
        && (is_word(old, old.len() - end) && old.len() - end > start
            || is_word(new, new.len() - end) && new.len() - end > start)
    {
        end -= old[old.len() - end..]
            .chars()
            .next()
            .map_or(end, char::len_utf8);
    }
    Some(Found {
        document: document.clone(),
        kind,
        span: span.start + start..span.end - end,
        text: new[start..new.len() - end].to_owned(),
    })
}

/// The next sibling of what was changed last, where the two changes went from one sibling to the next.
fn next_in_row(last: &Done, before: &Done, habit: &Habit) -> Option<Found> {
    if !Arc::ptr_eq(&last.document, &before.document) {
        return None;
    }
    let root = last.document.syntax()?.root();
    let row = |done: &Done| around(root, &done.deed.now);
    let (ones, others) = (row(last), row(before));
    // The nearest siblings that hold the two changes.
    let (one, other) = ones.iter().find_map(|one| {
        let parent = one.parent()?;
        let other = others.iter().find(|other| {
            other.id() != one.id()
                && other
                    .parent()
                    .is_some_and(|above| above.id() == parent.id())
        })?;
        Some((*one, *other))
    })?;
    let down = other.start_byte() < one.start_byte();
    let step = |node: Node<'_>| -> Option<(usize, usize)> {
        let next = if down {
            node.next_named_sibling()
        } else {
            node.prev_named_sibling()
        };
        next.map(|next| (next.start_byte(), next.end_byte()))
    };
    let adjacent = step(other)? == (one.start_byte(), one.end_byte());
    if !adjacent {
        return None;
    }
    let (start, end) = step(one)?;
    let next = around(root, &(start..end));
    let within = next.first()?;
    let mut cursor = within.walk();
    // The first node in it that the habit is about.
    loop {
        let node = cursor.node();
        if Some(node.kind_id()) == habit.kind()
            && let Some(found) = changed(&last.document, node, habit)
        {
            return Some(found);
        }
        if cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return None;
            }
        }
    }
}

/// Without a tree: the same words were changed into the same words twice.
fn by_text(scene: &Scene, last: &Done, before: &Done) -> Vec<Found> {
    let widened = |done: &Done| {
        let deed = &done.deed;
        let old = words_around(&deed.before, &deed.old);
        let new = words_around(&deed.after, &deed.new);
        (deed.before.text.bytes(old), deed.after.text.bytes(new))
    };
    let (old, new) = widened(last);
    let chosen = old.chars().filter(|c| crate::text::is_word(*c)).count() >= 3;
    if !chosen || old.contains('\n') || widened(before) != (old.clone(), new.clone()) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for document in scene
        .targets()
        .filter(|document| document.language_id == last.document.language_id)
    {
        let text = document.text.bytes(0..document.text.len());
        for (at, _) in text.match_indices(&old).take(PLACES) {
            let whole = words_around(document, &(at..at + old.len())) == (at..at + old.len());
            if whole {
                found.extend(smallest(
                    document,
                    at..at + old.len(),
                    &old,
                    &new,
                    Kind::Repeat,
                ));
            }
        }
    }
    found
}

/// A span and the words that it cuts into.
fn words_around(document: &Document, span: &Range<usize>) -> Range<usize> {
    use crate::text::{Byte, is_word};
    let (mut start, mut end) = (Byte(span.start), Byte(span.end));
    while let Some(c) = document.text.char_before(start).filter(|c| is_word(*c)) {
        start = start - c.len_utf8();
    }
    while let Some(c) = document.text.char_at(end).filter(|c| is_word(*c)) {
        end = end + c.len_utf8();
    }
    start.0..end.0
}
