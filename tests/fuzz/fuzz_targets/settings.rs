//! Any configuration file, as the user's and as a project's: notices, never a panic, and the project widens nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nextline::settings::{ConfigFile, Layers};

fuzz_target!(|text: String| {
    let file = ConfigFile { path: "/x/config.toml".into(), text: Ok(text) };
    let mut layers = Layers { user: Some(file.clone()), ..Layers::default() };
    let _ = layers.load();
    layers.user = None;
    layers.projects = vec![file];
    assert!(layers.load().settings.routes.is_empty(), "a project defined a route");
});
