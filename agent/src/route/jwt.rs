//! Assertions that a private key signs: what service accounts and applications with a certificate show instead of a password.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};

use super::date;
use super::error::{Failure, Kind};

/// How an assertion is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSA with the padding of PKCS #1.
    Rs256,
    /// RSA with the padding of PSS.
    Ps256,
}

/// A private RSA key.
pub struct Signer(RsaKeyPair);

impl Signer {
    /// The first key in the PEM text; `place` names where the text is from.
    pub fn of(pem: &str, place: &str) -> Result<Signer, Failure> {
        let wrong = || {
            let what =
                format!("{place} holds no RSA key in PEM form without a password; get a new one");
            Failure::new(Kind::Auth, what)
        };
        let pair = match PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong())? {
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(wrong()),
        };
        pair.map(Signer).map_err(|_| wrong())
    }

    /// `claims` and when they hold (from now for `seconds`), signed. `head` goes into the header beside the algorithm.
    pub fn assertion(
        &self,
        algorithm: Algorithm,
        mut head: Value,
        mut claims: Value,
        seconds: u64,
    ) -> Result<String, Failure> {
        let now = date::since_1970(SystemTime::now());
        head["typ"] = json!("JWT");
        head["alg"] = json!(match algorithm {
            Algorithm::Rs256 => "RS256",
            Algorithm::Ps256 => "PS256",
        });
        claims["iat"] = json!(now);
        claims["exp"] = json!(now + seconds);
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encoded(&head), encoded(&claims));
        let mut signature = vec![0; self.0.public().modulus_len()];
        let random = SystemRandom::new();
        let signed = match algorithm {
            Algorithm::Rs256 => {
                self.0
                    .sign(&RSA_PKCS1_SHA256, &random, text.as_bytes(), &mut signature)
            }
            Algorithm::Ps256 => {
                self.0
                    .sign(&RSA_PSS_SHA256, &random, text.as_bytes(), &mut signature)
            }
        };
        signed
            .map_err(|_| Failure::new(Kind::Auth, "the private key cannot sign; get a new one"))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// A key and its certificate that are known to everybody.
#[cfg(test)]
pub const FOR_TESTS: &str = include_str!("jwt/for-tests.pem");

/// The header and the claims of an assertion, if that key signed it.
#[cfg(test)]
pub fn opened(assertion: &str) -> Option<(Value, Value)> {
    use ring::signature::{
        RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    };
    let (text, signature) = assertion.rsplit_once('.')?;
    let (head, claims) = text.split_once('.')?;
    let json =
        |text: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(text).ok()?).ok();
    let head = json(head)?;
    let signer = Signer::of(FOR_TESTS, "the test").ok()?;
    let public = signer.0.public();
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    match head["alg"].as_str()? {
        "RS256" => UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public)
            .verify(text.as_bytes(), &signature),
        _ => UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, public)
            .verify(text.as_bytes(), &signature),
    }
    .ok()?;
    Some((head, json(claims)?))
}
