//! One handler a file: params of the wire to an ask of the core, and its outcome to a reply. LSP and JSON stop here.

mod agent;
mod chat;
mod command;
pub mod copilot;
mod edit;
pub mod hello;
mod inline;
mod landing;
mod lsp;
mod popup;
mod suggest;

pub use agent::AgentDesk;
pub use lsp::LspDesk;
