//! Edits: what is to be changed, what a model makes of it, and a patch that is moved over what was typed meanwhile.
//!
//! `select` finds the lines, `code` the code in an answer, `fit` gives it the file's habits, `make` puts it in its place (`comment`
//! as a doc comment, `trials` as tests, of which `layout` knows where they go), `patch` is the change, `block` is a patch of code from a chat, `target` says where it may go. `work` and `tasks` are an edit in an editor, `disk` is one from a shell.

pub mod block;
pub mod code;
mod comment;
pub mod disk;
pub mod fit;
pub mod layout;
pub mod make;
pub mod patch;
pub mod select;
pub mod target;
pub mod tasks;
mod trials;
pub mod work;

pub use tasks::Tasks;
