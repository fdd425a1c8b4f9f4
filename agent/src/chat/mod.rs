//! Conversations: who asks what of which route, and what comes of it.
//!
//! `road` finds the route, `outcome` is one answer to its end, good or bad.

pub mod outcome;
pub mod road;

pub use outcome::{Outcome, Trouble};
pub use road::Road;
