//! Conversations: who asks what of which route, and what comes of it.
//!
//! `ask` is one question to its end as a face shows it; `road` finds the route and `outcome` is one answer to its end, good or bad: edits ask by these two as well. `transcript` is one
//! conversation, `book` those of a connection, `history` those on disk; `mentions` is what a message adds with `@` (`names` is what may
//! stand there, `lookup` asks the index, `picture` reads one), `asked` what goes with a question without being mentioned, `cody` reads
//! its users' chats, `harmless` what a
//! renderer may see of an answer, `pace` how often it is told.

pub mod ask;
pub mod asked;
pub mod book;
pub mod cody;
pub mod excerpt;
pub mod harmless;
pub mod history;
pub mod lookup;
pub mod mentions;
pub mod names;
pub mod outcome;
pub mod pace;
mod picture;
pub mod road;
pub mod transcript;

pub use book::Chats;
pub use outcome::{Outcome, Trouble};
pub use road::Road;
