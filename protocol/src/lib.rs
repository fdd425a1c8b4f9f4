//! The words on the wire: method table, params, results and faults.
//!
//! Standard LSP where LSP has the word, `agent/<noun>/<verb>` where it has none. This crate depends on no other room.

pub mod agent;
pub mod chat;
pub mod copilot;
pub mod document;
pub mod edit;
pub mod fault;
pub mod inline;
pub mod methods;

pub use fault::Fault;

/// The version of the `agent/*` methods; clients that know another one say so or ask for an update.
pub const VERSION: u32 = 1;
