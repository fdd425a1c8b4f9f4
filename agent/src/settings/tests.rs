//! Files as people write them, wrong ones above all, and the exact words that answer them.

mod layers;
mod shown;
mod values;

use std::path::Path;

use super::*;

fn file(path: &str, text: &str) -> ConfigFile {
    ConfigFile {
        path: Path::new(path).into(),
        text: Ok(text.into()),
    }
}

fn user(text: &str) -> Layers {
    Layers {
        user: Some(file("u.toml", text)),
        ..Layers::default()
    }
}

fn said(loaded: &Loaded) -> String {
    loaded
        .notices
        .iter()
        .map(|notice| format!("{notice}\n"))
        .collect()
}

const FAST: &str =
    "[routes.fast]\nprovider = \"openai-compatible\"\nbase_url = \"http://127.0.0.1:8080/v1\"\n";
