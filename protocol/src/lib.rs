//! The words on the wire: method table, params, results and faults.
//!
//! Standard LSP where LSP has the word, `agent/<noun>/<verb>` where it has none. This crate depends on no other room.

pub mod acp;
pub mod agent;
#[cfg(test)]
mod bindings;
pub mod chat;
pub mod config;
pub mod copilot;
pub mod document;
pub mod edit;
pub mod fault;
pub mod inline;
pub mod methods;
pub mod next;
pub mod version;

pub use fault::Fault;
pub use version::VERSION;
