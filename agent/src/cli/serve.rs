//! `nextline serve`: where the HTTP face listens, and the token that it wants.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom, SystemRandom};

use super::{Options, code, complain, project_of};
use crate::settings::state_dir;

/// The file of the state directory that holds the token, readable by its owner alone.
const TOKEN: &str = "serve-token";
/// Bytes of chance in a token.
const BYTES: usize = 32;

/// `nextline serve`.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where to listen: an address of loopback; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// A page elsewhere that may ask with the token, such as an editor in a browser; may be given more than once.
    #[arg(long, value_name = "ORIGIN")]
    origin: Vec<String>,
}

/// Serves until it is stopped.
pub fn run(arguments: &Arguments, options: &Options, out: &mut dyn Write) -> u8 {
    if !arguments.listen.ip().is_loopback() {
        complain(&format!(
            "{} is no address of loopback; `--listen 127.0.0.1:0` is one",
            arguments.listen
        ));
        return code::USAGE;
    }
    let token = match token() {
        Ok(token) => token,
        Err(error) => return complain(&format!("there is no token: {error}")),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let served = runtime.and_then(|runtime| {
        let here = std::env::current_dir().unwrap_or_default();
        // As if a file of this folder were opened.
        let folders = vec![project_of(&here.join("_"))];
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(arguments.listen).await?;
            let address = listener.local_addr()?;
            // The part behind `#` stays in the browser: no request has it.
            writeln!(out, "http://{address}\ntoken: {token}\npage: http://{address}/#token={token}")?;
            out.flush()?;
            let invitation = crate::serve::Invitation {
                token,
                origins: arguments.origin.clone(),
                folders,
            };
            tokio::select! {
                served = crate::serve::run(listener, options.layers(), invitation) => served,
                stopped = tokio::signal::ctrl_c() => stopped,
            }
        })
    });
    match served {
        Ok(()) => code::OK,
        Err(error) => complain(&format!("{}: {error}", arguments.listen)),
    }
}

/// The token of this user, made when there is none: editors keep it in their settings, so it stays the same.
fn token() -> std::io::Result<String> {
    let folder = state_dir().ok_or_else(|| std::io::Error::other("there is no home directory"))?;
    let file = folder.join(TOKEN);
    if let Some(known) = known(&file) {
        return Ok(known);
    }
    let mut bytes = [0; BYTES];
    let random = SystemRandom::new().fill(&mut bytes);
    random.map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    let token = URL_SAFE_NO_PAD.encode(bytes);
    std::fs::create_dir_all(&folder)?;
    // Never widened, not even for a moment: a new file, made with its mode.
    let _ = std::fs::remove_file(&file);
    let mut made = std::fs::OpenOptions::new();
    made.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut made, 0o600);
    made.open(&file)?.write_all(token.as_bytes())?;
    Ok(token)
}

/// The token of the file, if nobody else could read it.
fn known(file: &Path) -> Option<String> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::symlink_metadata(file).ok()?.permissions().mode();
        if mode & 0o777 != 0o600 {
            return None;
        }
    }
    let token = std::fs::read_to_string(file).ok()?;
    let whole = URL_SAFE_NO_PAD
        .decode(token.trim())
        .is_ok_and(|bytes| bytes.len() == BYTES);
    whole.then(|| token.trim().to_owned())
}
