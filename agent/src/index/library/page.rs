//! One file as retrieval holds it: its text packed, its chunks and its definitions as line numbers.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use nextline_grammars::{Language, Syntax, whole};

use super::chunks;
use super::definitions::{self, Definition};
use super::lines::{self, Line};
use super::names::{Name, names};
use super::packed::Packed;

/// Time that one file's tree may take; a file that needs longer is cut by its looks.
const PARSE_BUDGET: Duration = Duration::from_millis(100);

/// How a file is cut into chunks and searched for definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// By the looks of its lines.
    Looks,
    /// By its syntax tree, where the language has one.
    Tree,
}

/// A file.
#[derive(Debug)]
pub struct Page {
    /// The file's URI, in the spelling of `document::place::key_of`.
    pub key: Arc<str>,
    /// The row of the language table, if there is one.
    pub language: Option<&'static Language>,
    /// The text.
    pub text: Packed,
    /// Line ranges of the chunks, in order.
    pub chunks: Box<[Range<u32>]>,
    /// What it defines, in order.
    pub definitions: Box<[Definition]>,
    /// Bytes of the text.
    pub bytes: usize,
}

/// How often each name is in each chunk of a page: (name, chunk, times).
pub type Counts = Vec<(Name, u32, u8)>;

impl Page {
    /// Reads a text. The counts go into the postings and are not kept here.
    pub fn read(key: &str, text: &str, cut: Cut) -> (Page, Counts) {
        let language = Language::by_path(Path::new(key));
        let lines = lines::lines(text, language);
        let tree = match cut {
            Cut::Looks => None,
            Cut::Tree => language.and_then(|row| Syntax::parse(row, whole(text), PARSE_BUDGET)),
        };
        let definitions = match &tree {
            Some(tree) => {
                let mut at = 0;
                let starts = lines.iter().map(|line| {
                    at += line.whole.len() as u32;
                    at - line.whole.len() as u32
                });
                definitions::by_tree(tree, text, &starts.collect::<Vec<u32>>())
            }
            None => definitions::by_looks(&lines),
        };
        let chunks = match tree.is_some() && !definitions.is_empty() {
            true => chunks::split(&lines, depths(&definitions, &lines)),
            false => chunks::split(&lines, |at| chunks::by_indent(&lines, at)),
        };
        let counts = count(&lines, &chunks);
        let page = Page {
            key: key.into(),
            language,
            text: Packed::new(text),
            chunks: chunks.into(),
            definitions: definitions.into(),
            bytes: text.len(),
        };
        (page, counts)
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        size_of::<Page>()
            + self.key.len()
            + self.text.held()
            + size_of_val(&*self.chunks)
            + size_of_val(&*self.definitions)
    }
}

/// Cutting before a definition is better the fewer definitions hold it; elsewhere the lines' looks tell, and count less.
fn depths<'a>(definitions: &'a [Definition], lines: &'a [Line<'a>]) -> impl Fn(usize) -> u16 + 'a {
    let mut depth = vec![0u16; lines.len()];
    let mut starts = vec![false; lines.len()];
    for definition in definitions {
        let lines = definition.lines.start as usize..definition.lines.end as usize;
        starts[lines.start] = true;
        depth[lines]
            .iter_mut()
            .skip(1)
            .for_each(|depth| *depth += 1);
    }
    move |at| match (chunks::by_indent(lines, at), starts[at]) {
        (u16::MAX, false) => u16::MAX,
        (_, true) => depth[at],
        (looks, false) => (100 + depth[at].min(50) * 200).saturating_add(looks),
    }
}

fn count(lines: &[Line<'_>], chunks: &[Range<u32>]) -> Counts {
    let mut counts = Vec::new();
    let mut here: Vec<Name> = Vec::new();
    for (number, chunk) in chunks.iter().enumerate() {
        here.clear();
        for line in &lines[chunk.start as usize..chunk.end as usize] {
            if line.sort == lines::Sort::Code {
                here.extend(names(line.text));
            }
        }
        here.sort_unstable();
        let runs = here.chunk_by(|left, right| left == right);
        counts.extend(runs.map(|run| (run[0], number as u32, run.len().min(255) as u8)));
    }
    counts
}
