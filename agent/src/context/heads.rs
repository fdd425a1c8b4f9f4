//! Definitions as a prompt holds them: heads of functions, whole types, members' heads of classes.

use std::sync::Arc;

use nextline_grammars::Kind;

use super::search::{distance, distinct};
use super::{Candidate, ContextAsk, Source};
use crate::index::library::definitions::Definition;
use crate::index::library::lines::{self, Line, Sort};
use crate::index::library::names::Name;
use crate::index::library::page::Page;

/// Definitions of one name that are looked at.
const PER_NAME: usize = 12;
/// Code lines up to which a type is shown whole, and most lines of anything.
const WHOLE: usize = 25;
/// What a type is favoured by over a function.
const TYPE: f32 = 1.6;
/// What a file in the same folder is favoured by.
const NEARBY: f32 = 0.3;
/// A name defined in more places says too little.
const COMMON: usize = 40;

/// Where a name is defined in other files, each with its score for a name of weight 1; best first.
pub fn definitions(ask: &ContextAsk<'_>, name: Name) -> Vec<(f32, Arc<Page>, usize)> {
    let mut found: Vec<(f32, Arc<Page>, usize)> = Vec::new();
    for part in ask.shelf.parts() {
        for (page, at) in part.segment().definitions(name) {
            let known = &part.segment().pages[page];
            if part.answers(page) && &*known.key != ask.key {
                let nearby = 1.0 + NEARBY / (1.0 + distance(ask.key, &known.key) as f32);
                let kind = match known.definitions[at].kind {
                    Kind::Class => TYPE,
                    Kind::Function | Kind::Definition => 1.0,
                };
                let constancy = ask.constancy(&known.key, &known.definitions[at].lines);
                found.push((nearby * kind * constancy, Arc::clone(known), at));
            }
        }
    }
    if found.len() > COMMON {
        return Vec::new();
    }
    found.sort_by(|left, right| {
        right
            .0
            .total_cmp(&left.0)
            .then_with(|| (&left.1.key, left.2).cmp(&(&right.1.key, right.2)))
    });
    found.truncate(PER_NAME);
    // The more often it is defined, the less likely is each.
    let many = (found.len() as f32).sqrt();
    found.iter_mut().for_each(|row| row.0 /= many);
    found
}

/// The definition as a piece.
pub fn piece(page: &Page, at: usize, score: f32) -> Candidate {
    let definition = &page.definitions[at];
    let text = page.text.text(definition.lines.clone());
    let all = lines::lines(&text, page.language);
    let text = shown(definition, &all);
    Candidate {
        key: Arc::clone(&page.key),
        lines: definition.lines.clone(),
        names: distinct(&text),
        text,
        source: Source::Definition,
        score,
    }
}

fn shown(definition: &Definition, all: &[Line<'_>]) -> String {
    let head = (definition.head - definition.lines.start) as usize;
    let head = head.clamp(1, all.len().max(1)).min(all.len());
    match definition.kind {
        Kind::Function => lines::bare(&all[..head]),
        Kind::Definition => lines::bare(&all[..all.len().min(head.max(6))]),
        Kind::Class => {
            let code = all.iter().filter(|line| line.sort == Sort::Code).count();
            if code <= WHOLE {
                return lines::bare(all);
            }
            let inside = &all[head..];
            let indents = inside
                .iter()
                .filter(|line| line.sort == Sort::Code && !line.closes());
            let own = all.first().map_or(0, |line| line.indent);
            let member = indents
                .map(|line| line.indent)
                .filter(|indent| *indent > own)
                .min();
            let mut kept: Vec<Line<'_>> = all[..head].to_vec();
            let members = inside.iter().filter(|line| {
                line.sort == Sort::Code && Some(line.indent) == member && !line.closes()
            });
            kept.extend(members.take(WHOLE));
            lines::bare(&kept)
        }
    }
}
