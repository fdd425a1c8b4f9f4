//! Application default credentials: the file that a variable names, the one that gcloud left, the machine's own service.

use std::path::PathBuf;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::super::bearer::Bearer;
use super::super::credential::{Fetched, Fresh};
use super::super::error::{Failure, Kind};
use super::super::surroundings::Surroundings;
use super::{Pass, SCOPE, account, external, impersonation, metadata, none};

/// A file of credentials.
pub struct Document {
    /// Its JSON.
    pub value: Value,
    /// How errors name it.
    pub place: String,
}

impl Document {
    /// The text of the key `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value[name].as_str().filter(|text| !text.is_empty())
    }

    /// The text of a key that must be there.
    pub fn needed(&self, name: &str) -> Result<&str, Failure> {
        self.text(name)
            .ok_or_else(|| none(&format!("{} has no `{name}`; get a new one", self.place)))
    }
}

/// One form of credentials. The last argument is what the token shall be good for.
type Form = for<'a> fn(&'a Surroundings, &'a Document, &'a str) -> BoxFuture<'a, Fetched<Bearer>>;

/// The forms by the word in `type`.
const FORMS: &[(&str, Form)] = &[
    ("service_account", account::service),
    ("authorized_user", account::user),
    ("external_account", external::account),
    ("external_account_authorized_user", account::external_user),
    ("impersonated_service_account", impersonation::account),
];

/// A token and what goes along with it.
pub async fn fetch(around: Surroundings) -> Fetched<Pass> {
    let document = document(&around)?;
    let token = match &document {
        Some(document) => token(&around, document, SCOPE).await?,
        None => metadata::token(&around).await?,
    };
    let own = document
        .as_ref()
        .and_then(|document| document.text("quota_project_id"));
    let quota_project = around
        .variable("GOOGLE_CLOUD_QUOTA_PROJECT")
        .or_else(|| own.map(str::to_owned));
    Ok(Fresh {
        value: Pass {
            token: token.value,
            quota_project,
        },
        life: token.life,
    })
}

/// The project that requests belong to, where the settings name none.
pub async fn project(around: &Surroundings) -> Result<Option<String>, Failure> {
    if let Some(project) = around.first(&["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"]) {
        return Ok(Some(project));
    }
    match document(around)? {
        Some(document) => {
            let named = ["project_id", "quota_project_id"]
                .into_iter()
                .find_map(|name| document.text(name));
            Ok(named.map(str::to_owned))
        }
        None => metadata::project(around).await,
    }
}

/// The token of `document`.
pub fn token<'a>(
    around: &'a Surroundings,
    document: &'a Document,
    scope: &'a str,
) -> BoxFuture<'a, Fetched<Bearer>> {
    let kind = document.text("type").unwrap_or_default();
    match FORMS.iter().find(|(known, _)| *known == kind) {
        Some((_, form)) => form(around, document, scope),
        None => {
            let known: Vec<_> = FORMS.iter().map(|(known, _)| *known).collect();
            let why = format!(
                "{} is of no `type` that is known here; known are {}",
                document.place,
                known.join(", ")
            );
            std::future::ready(Err(none(&why))).boxed()
        }
    }
}

fn document(around: &Surroundings) -> Result<Option<Document>, Failure> {
    if let Some(path) = around.variable("GOOGLE_APPLICATION_CREDENTIALS") {
        let path = around.at_home(&path);
        let text = around.needed_file(&path, "the file `GOOGLE_APPLICATION_CREDENTIALS`")?;
        let place = format!(
            "the file `GOOGLE_APPLICATION_CREDENTIALS` ({})",
            path.display()
        );
        return parsed(&text, place).map(Some);
    }
    let Some(path) = usual(around) else {
        return Ok(None);
    };
    match around.file(&path, "the credentials of gcloud")? {
        Some(text) => parsed(&text, format!("the file {}", path.display())).map(Some),
        None => Ok(None),
    }
}

/// Where gcloud leaves them.
fn usual(around: &Surroundings) -> Option<PathBuf> {
    let directory = match around.variable("CLOUDSDK_CONFIG") {
        Some(directory) => around.at_home(&directory),
        None if cfg!(windows) => PathBuf::from(around.variable("APPDATA")?).join("gcloud"),
        None => around.home()?.join(".config/gcloud"),
    };
    Some(directory.join("application_default_credentials.json"))
}

fn parsed(text: &str, place: String) -> Result<Document, Failure> {
    match serde_json::from_str(text) {
        Ok(value @ Value::Object(_)) => Ok(Document { value, place }),
        _ => Err(Failure::new(
            Kind::Auth,
            format!("has no Google token: {place} is no JSON of credentials; get a new one"),
        )),
    }
}
