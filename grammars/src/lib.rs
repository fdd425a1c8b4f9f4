//! Source text to syntax: which language a file is in, its tree, and what stands where in it.
//!
//! - [`Language`]: the language table, one row each; an unknown language has no row.
//! - [`Syntax`]: a parsed tree, made whole or from an older one and its edits, within a time budget.
//! - [`Place`]: what surrounds a byte: comment, string, block, function.
//! - [`Symbol`]: one line of a file's outline.
//! - [`Name`]: a name in a text, what it does there, and how far it is known.
//!
//! No grammar crate and no query is named outside this crate, and this crate knows no editor, no rope and no
//! JSON. Text is read in pieces: a function from a byte offset to the bytes from there to the end of the piece
//! that holds it, empty at and after the end of the text. [`whole`] makes one of a single slice. Such a function
//! must not panic: it is called from C, where a panic ends the process.

mod languages;
mod names;
mod outline;
mod place;
mod query;
mod structure;
mod syntax;

pub use languages::Language;
pub use names::{Name, Role};
pub use outline::{Kind, Symbol};
pub use place::Place;
pub use structure::Capture;
pub use syntax::{Syntax, whole};
/// The types of tree-sitter that callers meet. Bytes are offsets in UTF-8; a [`Point`] counts rows by `\n` alone
/// and columns in bytes.
pub use tree_sitter::{InputEdit, Node, Point, Range, Tree};
