//! `/v1/models`: what stands behind this face. Whatever a client names, `completion.route` answers.

use serde_json::{Value, json};

use crate::settings::Settings;

/// `auto`, the embedded model, and every route.
pub fn list(settings: &Settings) -> Vec<Value> {
    let names = ["auto", "local"].into_iter();
    let names = names.chain(settings.routes.keys().map(String::as_str));
    names
        .map(|name| json!({ "id": name, "object": "model", "created": 0, "owned_by": "nextline" }))
        .collect()
}
