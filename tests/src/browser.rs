//! Headless Chromium, driven over its debugging protocol: what a page shows, logs and fetches.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::{Value, json};

use crate::socket::{Came, Socket};
use crate::{Scratch, binary, wait};

/// One browser is enough for a machine at a time.
static TURN: Mutex<()> = Mutex::new(());

/// A browser with one page.
#[derive(Debug)]
pub struct Browser {
    child: Child,
    socket: Socket,
    session: Value,
    next: u64,
    /// Every event so far: `method` and `params`.
    pub events: Vec<Value>,
    _profile: Scratch,
    _turn: MutexGuard<'static, ()>,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where Chromium is; `None`, with the reason on stderr, where it cannot be had.
fn program() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let output = Command::new(binary::root().join("tests/browser/install.sh"))
            .output()
            .unwrap();
        let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if output.status.success() {
            return Some(PathBuf::from(path));
        }
        eprintln!("skipped: {}", String::from_utf8_lossy(&output.stderr));
        assert!(
            std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_none(),
            "NEXTLINE_REQUIRE_EDITORS is set, and there is no Chromium"
        );
        None
    };
    FOUND.get_or_init(find).clone()
}

impl Browser {
    /// A browser with an empty page; `None` where there is no Chromium.
    #[must_use]
    pub fn start() -> Option<Browser> {
        let program = program()?;
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let profile = Scratch::new();
        let mut command = binary::isolated(program, profile.path());
        let mut child = command
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"])
            .args(["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"])
            .args(["--disable-dev-shm-usage", "--remote-debugging-port=0", "about:blank"])
            .arg(format!("--user-data-dir={}", profile.path().join("profile").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("listening on ws://")?.1.to_owned()))
            .expect("Chromium says where it listens");
        // It writes on, and must not be stopped by a full pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let (host, path) = address.split_once('/').unwrap();
        let socket = Socket::open(host, &format!("/{path}"), &[]).unwrap();
        let mut browser = Browser {
            child,
            socket,
            session: Value::Null,
            next: 1,
            events: Vec::new(),
            _profile: profile,
            _turn: turn,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached = browser.call(
            "Target.attachToTarget",
            json!({ "targetId": target["targetId"], "flatten": true }),
        );
        browser.session = attached["sessionId"].clone();
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        Some(browser)
    }

    /// Calls a method of the protocol.
    ///
    /// # Panics
    /// When it fails.
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !self.session.is_null() {
            message["sessionId"] = self.session.clone();
        }
        self.socket.send(&message.to_string());
        loop {
            let message = self.message();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push(message);
        }
    }

    fn message(&mut self) -> Value {
        match self.socket.receive() {
            Came::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("Chromium said {other:?}"),
        }
    }

    /// Goes to an address; answers when it is loaded.
    pub fn open(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address }));
        self.until("document.readyState === 'complete'");
    }

    /// The value of an expression; a promise is awaited.
    ///
    /// # Panics
    /// When it throws.
    pub fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true });
        let answer = self.call("Runtime.evaluate", params);
        assert!(
            answer["exceptionDetails"].is_null(),
            "{expression}: {}",
            answer["exceptionDetails"]
        );
        answer["result"]["value"].clone()
    }

    /// The text of the elements that a selector finds, joined by line breaks.
    pub fn text(&mut self, selector: &str) -> String {
        let all = format!("[...document.querySelectorAll({})]", json!(selector));
        let text = self.value(&format!("{all}.map((one) => one.innerText).join('\\n')"));
        text.as_str().unwrap().to_owned()
    }

    /// Waits until an expression is true.
    pub fn until(&mut self, expression: &str) {
        let what = format!("the page: {expression}");
        wait::until(&what, || (self.value(expression) == true).then_some(()));
    }

    /// Waits until a selector's text holds some words.
    pub fn until_text(&mut self, selector: &str, words: &str) {
        let what = format!("{selector} with {words:?}");
        wait::until(&what, || self.text(selector).contains(words).then_some(()));
    }

    /// Clicks on the first element of a selector that is seen and holds some words.
    ///
    /// # Panics
    /// When there is none.
    pub fn click(&mut self, selector: &str, words: &str) {
        let find = format!(
            "[...document.querySelectorAll({})].find((one) => one.innerText.includes({}) && one.checkVisibility())",
            json!(selector),
            json!(words)
        );
        self.until(&format!("Boolean({find})"));
        let place = self.value(&format!(
            "(() => {{ const one = {find}; one.scrollIntoView({{ block: 'center' }}); const box = one.getBoundingClientRect(); \
            return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", params);
        }
    }

    /// Types text where the focus is.
    pub fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Presses a key by its DOM name; `modifiers`: 1 Alt, 2 Ctrl, 8 Shift.
    pub fn press(&mut self, key: &str, modifiers: u8) {
        // Chromium acts on keys by their Windows codes.
        let code = match key {
            "Enter" => 13,
            "Tab" => 9,
            "Escape" => 27,
            "ArrowUp" => 38,
            "ArrowDown" => 40,
            one => u32::from(one.to_uppercase().bytes().next().unwrap()),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut params =
                json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code, "modifiers": modifiers });
            if key == "Enter" && kind == "keyDown" {
                params["text"] = json!("\r");
            }
            self.call("Input.dispatchKeyEvent", params);
        }
    }

    /// A window of this size, in CSS pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let params =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", params);
    }

    /// `light` or `dark`.
    pub fn scheme(&mut self, scheme: &str) {
        let feature = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": feature }));
    }

    /// Keeps a picture of the window as a PNG file, if `NEXTLINE_SCREENSHOTS` names a folder.
    pub fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("NEXTLINE_SCREENSHOTS") else {
            return;
        };
        let shot = self.call("Page.captureScreenshot", json!({ "format": "png" }));
        let bytes = unbase64(shot["data"].as_str().unwrap());
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), bytes).unwrap();
    }

    /// Every address that the page asked for, sockets too.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let address = |event: &Value| {
            let params = &event["params"];
            match event["method"].as_str()? {
                "Network.requestWillBeSent" => params["request"]["url"].as_str(),
                "Network.webSocketCreated" => params["url"].as_str(),
                _ => None,
            }
            .map(str::to_owned)
        };
        self.events.iter().filter_map(address).collect()
    }

    /// What the console said, errors of the page too.
    #[must_use]
    pub fn console(&self) -> Vec<String> {
        let said = |event: &Value| {
            let said = ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"];
            let method = event["method"].as_str()?;
            said.contains(&method).then(|| event["params"].to_string())
        };
        self.events.iter().filter_map(said).collect()
    }
}

fn unbase64(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let letters: Vec<u8> = text.bytes().filter(|&letter| letter != b'=').collect();
    let mut bytes = Vec::new();
    for group in letters.chunks(4) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, &letter| bits << 6 | u32::from(value(letter)));
        let bits = bits << (6 * (4 - group.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    bytes
}
