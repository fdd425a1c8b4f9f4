//! Edits: what is to be changed, what a model makes of it, and a patch that is moved over what was typed meanwhile.
//!
//! `select` finds the lines, `code` the code in an answer, `fit` gives it the file's habits, `patch` is the change, `target` says where it may
//! go, `disk` writes it.

pub mod code;
pub mod disk;
pub mod fit;
pub mod layout;
pub mod make;
pub mod patch;
pub mod select;
pub mod target;
