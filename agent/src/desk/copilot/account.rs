//! What Copilot's clients ask about accounts, versions, models and quotas: there is no account, and a route is a model.

use nextline_protocol::copilot::Model;
use nextline_protocol::document::DocumentParams;
use serde_json::{Value, json};

use crate::door::Turn;

/// Whom their status lines name.
const USER: &str = "nextline";

/// The state of an account that nobody needs, in the word that the method has for it.
pub fn signed_in(status: &str) -> Value {
    json!({ "status": status, "user": USER })
}

/// The answer that lets a client go on; the next `checkStatus` is signed in again.
pub fn signed_out() -> Value {
    json!({ "status": "NotSignedIn" })
}

/// Our own version and product.
pub fn version() -> Value {
    let version = env!("CARGO_PKG_VERSION");
    json!({ "version": version, "buildType": "prod", "runtimeVersion": format!("nextline/{version}") })
}

/// Whether completion is on for a document's language.
pub fn file_status(turn: &Turn, params: &Value) -> Value {
    let uri = params["uri"].as_str().map(ToOwned::to_owned);
    let uri = uri.or_else(|| {
        let params: DocumentParams = serde_json::from_value(params.clone()).ok()?;
        Some(params.text_document.uri)
    });
    let completion = &turn.snapshot.settings.settings.completion;
    let document = uri.and_then(|uri| turn.snapshot.document(&uri));
    let language = document.map(|document| &*document.language_id);
    let off = language.is_some_and(|language| completion.languages.get(language) == Some(&false));
    let included = completion.enabled && !off;
    json!({ "status": if included { "included" } else { "not included" } })
}

/// Nothing is rationed here; what a route's provider rations, its errors say.
pub fn quota() -> Value {
    let all = json!({ "percentRemaining": 100.0, "unlimited": true, "overagePermitted": false });
    json!({ "chat": all, "completions": all, "premiumInteractions": all, "resetDate": "", "copilotPlan": USER })
}

/// The embedded model and every route.
pub fn models(turn: &Turn) -> Vec<Model> {
    let settings = &turn.snapshot.settings.settings;
    let model = |id: &str, name: String, family: &str| Model {
        id: id.to_owned(),
        model_name: name,
        model_family: family.to_owned(),
        scopes: vec!["completion"],
        default: settings.completion.route == id,
    };
    let local = model("local", "embedded model".into(), "local");
    let routes = settings.routes.iter().map(|(name, route)| {
        let shown = format!("{} ({name})", route.model);
        model(name, shown, &route.provider)
    });
    std::iter::once(local).chain(routes).collect()
}
