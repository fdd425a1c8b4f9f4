//! A real llama.cpp server with a real small model, where they can be had.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use crate::{binary, wait};

/// Tokens of the server's window.
pub const WINDOW: usize = 2048;

/// Where server and model are; `None`, with the reason on stderr, where they cannot be had.
fn home() -> Option<PathBuf> {
    static INSTALLED: OnceLock<String> = OnceLock::new();
    let said = INSTALLED.get_or_init(|| {
        let script = binary::root().join("tests/llama/install.sh");
        let output = Command::new("sh").arg(script).output().unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    });
    let home = binary::root().join(".cache/llama");
    if home.join("llama-server").is_file() && home.join("model.gguf").is_file() {
        return Some(home);
    }
    eprintln!("skipped: no llama.cpp server here\n{said}");
    assert!(
        std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_none(),
        "NEXTLINE_REQUIRE_EDITORS is set, and the llama.cpp server is not here"
    );
    None
}

/// One model at a time: each takes every core.
static ALONE: Mutex<()> = Mutex::new(());

/// A running server; dropped, it stops.
#[derive(Debug)]
pub struct Llama {
    child: Child,
    port: u16,
    _alone: MutexGuard<'static, ()>,
}

impl Drop for Llama {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Llama {
    /// Starts it; `None` where it cannot be had.
    #[must_use]
    pub fn start() -> Option<Llama> {
        let home = home()?;
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let program = home.join("llama-server").canonicalize().unwrap();
        let child = Command::new(&program)
            .env("LD_LIBRARY_PATH", program.parent().unwrap())
            .arg("-m")
            .arg(home.join("model.gguf"))
            .args(["--host", "127.0.0.1", "--port", &port.to_string()])
            .args(["-c", &WINDOW.to_string(), "-np", "1", "-t", "2", "--slots"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let llama = Llama {
            child,
            port,
            _alone: alone,
        };
        wait::until("the llama.cpp server", || {
            llama.get("/health").filter(|said| said.contains("ok"))
        });
        Some(llama)
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The body of an answer.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        let (head, body) = answer.split_once("\r\n\r\n")?;
        head.contains(" 200 ").then(|| body.to_owned())
    }

    /// Whether the model generates.
    #[must_use]
    pub fn is_working(&self) -> bool {
        let slots = self.get("/slots").unwrap_or_default();
        let slots: Value = serde_json::from_str(&slots).unwrap_or_default();
        slots[0]["is_processing"] == true
    }

    /// Waits until the model generates.
    pub fn wait_working(&self) {
        wait::until("the model to work", || self.is_working().then_some(()));
    }

    /// Waits until it rests.
    pub fn wait_resting(&self) {
        wait::until("the model to rest", || (!self.is_working()).then_some(()));
    }
}
