//! Conversations: who asks what of which route, and what comes of it.
//!
//! `road` finds the route and `outcome` is one answer to its end, good or bad: edits ask by these two as well. `transcript` is one
//! conversation, `book` those of a connection, `history` those on disk; `mentions` is what a message adds with `@`, `names` what may
//! stand there, `harmless` what a
//! renderer may see of an answer, `pace` how often it is told.

pub mod book;
pub mod harmless;
pub mod history;
pub mod mentions;
pub mod names;
pub mod outcome;
pub mod pace;
pub mod road;
pub mod transcript;

pub use book::Chats;
pub use outcome::{Outcome, Trouble};
pub use road::Road;
