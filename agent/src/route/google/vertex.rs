//! Who asks Vertex: a token that all requests of a route share, and the project that the credentials belong to.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use super::super::credential::{Credential, Kept, Making, Standing, Unsent};
use super::super::error::Failure;
use super::super::surroundings::Surroundings;
use super::{Pass, adc, none};

/// The credential of one route.
pub struct Vertex {
    around: Surroundings,
    pass: Kept<Pass>,
}

/// Makes one.
pub fn make(making: &Making<'_>) -> Arc<dyn Credential> {
    Arc::new(Vertex {
        around: Surroundings::new(making.http, making.settings),
        pass: Kept::default(),
    })
}

impl Vertex {
    async fn put(&self, request: &mut Unsent) -> Result<(), Failure> {
        let around = self.around.clone();
        let pass = self.pass.get(move || adc::fetch(around).boxed()).await?;
        pass.token.put(&mut request.headers);
        if let Some(project) = &pass.quota_project {
            let project = HeaderValue::from_str(project)
                .map_err(|_| none("the project that pays has a name that cannot be sent; correct `quota_project_id`"))?;
            request.headers.insert("x-goog-user-project", project);
        }
        Ok(())
    }
}

impl Credential for Vertex {
    fn sign<'a>(&'a self, request: &'a mut Unsent) -> BoxFuture<'a, Result<(), Failure>> {
        self.put(request).boxed()
    }

    fn refused(&self, failure: &Failure, signed: Instant) -> bool {
        let refused = failure.status == Some(401);
        if refused {
            self.pass.forget(signed);
        }
        refused
    }

    fn unaccepted(&self) -> Option<String> {
        let mend = match self.around.variable("GOOGLE_APPLICATION_CREDENTIALS") {
            Some(_) => "check `GOOGLE_APPLICATION_CREDENTIALS`",
            None => "sign in anew (`gcloud auth application-default login`)",
        };
        Some(format!("Google's credentials were not accepted; {mend}"))
    }

    fn standing(&self) -> Standing {
        let variable = "GOOGLE_APPLICATION_CREDENTIALS";
        Standing::Later(match self.around.variable(variable) {
            Some(path) => format!("the file `{variable}` ({path})"),
            None => "gcloud's application default credentials or a metadata service".to_owned(),
        })
    }

    fn blank<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        async move {
            match name {
                "project" => adc::project(&self.around).await,
                _ => Ok(None),
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::error::Kind;
    use super::*;

    #[tokio::test]
    async fn what_is_known_and_what_mends_go_by_the_file_that_is_named() {
        let variable = "GOOGLE_APPLICATION_CREDENTIALS";
        for (variables, standing, mend) in [
            (
                &[][..],
                "gcloud's application default credentials or a metadata service",
                "sign in anew (`gcloud auth application-default login`)",
            ),
            (
                &[(variable, "/k.json")],
                "the file `GOOGLE_APPLICATION_CREDENTIALS` (/k.json)",
                "check `GOOGLE_APPLICATION_CREDENTIALS`",
            ),
        ] {
            let vertex = Vertex {
                around: Surroundings::of(variables),
                pass: Kept::default(),
            };
            assert_eq!(vertex.standing(), Standing::Later(standing.into()));
            let told = format!("Google's credentials were not accepted; {mend}");
            assert_eq!(vertex.unaccepted(), Some(told));
            for (status, again) in [(Some(401), true), (Some(403), false), (None, false)] {
                let mut failure = Failure::new(Kind::Auth, "");
                failure.status = status;
                assert_eq!(vertex.refused(&failure, Instant::now()), again);
            }
            assert_eq!(vertex.blank("region").await, Ok(None));
        }
    }
}
