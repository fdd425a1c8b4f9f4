//! Tables in fewer bytes: how they are written, and that they are what is linked.

#[path = "../build/sparse.rs"]
mod rewriting;
