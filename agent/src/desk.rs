//! One handler a file: params of the wire to an ask of the core, and its outcome to a reply. LSP and JSON stop here.

pub mod acp;
mod agent;
mod chat;
mod command;
mod context;
pub mod copilot;
mod custom;
mod edit;
mod explain;
pub mod hello;
mod inline;
mod landing;
mod lens;
mod lsp;
mod mcp;
mod next;
mod popup;
mod suggest;

pub use agent::AgentDesk;
pub use lsp::LspDesk;
