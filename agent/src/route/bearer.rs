//! A token that whoever holds it may use: sent behind `Bearer`, never shown.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::error::{Failure, Kind};
use crate::secret::Secret;

/// A token, ready to be sent.
pub struct Bearer {
    header: HeaderValue,
    secret: Secret,
}

impl Bearer {
    /// Takes the token over.
    pub fn new(token: String) -> Result<Bearer, Failure> {
        let header = HeaderValue::from_str(&format!("Bearer {token}"));
        match header {
            Ok(mut header) if !token.is_empty() => {
                header.set_sensitive(true);
                Ok(Bearer {
                    header,
                    secret: Secret::new(token),
                })
            }
            _ => {
                let what =
                    "the token is empty or holds characters that no token has; sign in again";
                Err(Failure::new(Kind::Auth, what))
            }
        }
    }

    /// Puts it into the headers of a request.
    pub fn put(&self, headers: &mut HeaderMap) {
        headers.insert(AUTHORIZATION, self.header.clone());
    }

    /// The token itself, for the one place that writes it into a form.
    pub fn reveal(&self) -> &[u8] {
        self.secret.reveal()
    }
}
