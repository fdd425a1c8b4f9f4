//! `nextline login` and `logout`: a route's key in the system's keyring.

use std::io::{self, IsTerminal, Write};

use super::routes::{exit_code, unknown};
use super::{Options, code, complain};
use crate::route::{Http, KeyOwner, Route};
use crate::secret::Secret;

/// Reads a key, from the terminal without showing it or from standard input, and keeps it for the route `name`.
pub fn login(name: &str, options: &Options, out: &mut dyn Write) -> u8 {
    let (owner, host) = match owner(name, options) {
        Ok(found) => found,
        Err(code) => return code,
    };
    let key = match read(&format!("Key of route {name} ({host}): ")) {
        Ok(key) => Secret::new(key.trim().to_owned()),
        Err(error) => return complain(&format!("the key cannot be read: {error}")),
    };
    if key.is_empty() {
        return complain("no key was given; nothing is kept");
    }
    match owner.keep(&key) {
        Ok(()) => say(
            out,
            &format!(
                "the key of route `{name}` is in the keyring; it goes to {} only",
                owner.origin
            ),
        ),
        Err(failure) => complain(&failure.what),
    }
}

/// Takes the key of the route `name` out of the keyring.
pub fn logout(name: &str, options: &Options, out: &mut dyn Write) -> u8 {
    let (owner, _) = match owner(name, options) {
        Ok(found) => found,
        Err(code) => return code,
    };
    match owner.discard() {
        Ok(true) => say(out, &format!("the key of route `{name}` is gone")),
        Ok(false) => say(out, &format!("the keyring has no key of route `{name}`")),
        Err(failure) => complain(&failure.what),
    }
}

fn owner(name: &str, options: &Options) -> Result<(KeyOwner, String), u8> {
    let settings = options.layers().load().settings;
    let Some(route) = settings.routes.get(name) else {
        complain(&unknown(name, &settings));
        return Err(code::USAGE);
    };
    let made = Route::new(name, route, &Http::default()).map_err(|error| {
        complain(&error.to_string());
        exit_code(&error)
    })?;
    Ok((made.key_owner(), made.host().to_owned()))
}

fn read(question: &str) -> io::Result<String> {
    if io::stdin().is_terminal() {
        return hidden(question);
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}

#[cfg(feature = "keyring")]
fn hidden(question: &str) -> io::Result<String> {
    rpassword::prompt_password(question)
}

#[cfg(not(feature = "keyring"))]
fn hidden(_: &str) -> io::Result<String> {
    // The keyring will say that it is not there; a key is not shown for that.
    Ok("-".into())
}

fn say(out: &mut dyn Write, text: &str) -> u8 {
    match writeln!(out, "{text}") {
        Ok(()) => code::OK,
        Err(_) => code::FAILED,
    }
}
