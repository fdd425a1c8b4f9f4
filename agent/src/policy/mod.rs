//! What may leave the machine, and why: which files may be used at all, and the door that every prompt passes.
//!
//! The union of all ignore files excludes, and so do built-in secrets, what lies outside the workspace, and links to any of these. What
//! passed is [`Cleared`], and nothing else can be sent.

mod bounds;
mod clear;
mod destination;
mod disk;
mod judge;
mod kinds;
mod known;
pub mod list;
mod pattern;
mod remotes;
pub mod secrets;
mod shapes;
mod trail;
mod veil;
mod verdict;
mod ways;

#[cfg(test)]
mod tests;

pub use bounds::{covers, pattern_of_repository};
pub use clear::Cleared;
pub use destination::Destination;
pub use judge::{Folder, Policy};
pub use kinds::is_rules;
pub use veil::{Unveiling, Veil};
pub use verdict::{Excluded, Rule, Verdict};
