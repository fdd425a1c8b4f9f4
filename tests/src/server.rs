//! The running server: requests and answers over stdio, and the checks at its end.

mod end;

use std::collections::{HashMap, VecDeque};
use std::io::Read;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use crate::client::Client;
use crate::pipes::{Event, Feed, Gate, read_all, write_all};
use crate::{Scratch, frame, wait};

/// A JSON-RPC error answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The code, negative.
    pub code: i64,
    /// The sentence for people.
    pub message: String,
    /// What else it carries.
    pub data: Value,
}

/// A server process with a client around it. Dropping it shuts the server down and checks what was left.
#[derive(Debug)]
pub struct Server {
    child: Child,
    feed: Option<Sender<Feed>>,
    written: Arc<AtomicUsize>,
    events: Receiver<Event>,
    client: Arc<Mutex<Client>>,
    stderr: Arc<Mutex<Vec<u8>>>,
    gate: Arc<Gate>,
    /// Sent and not yet answered: the id as JSON text, how often.
    open: HashMap<String, usize>,
    answers: HashMap<String, VecDeque<Value>>,
    notes: VecDeque<Value>,
    unasked: Vec<Value>,
    next: i64,
    ended: bool,
    checked: bool,
    home: Scratch,
    /// The result of `initialize`; null before it.
    pub init: Value,
}

impl Server {
    pub(crate) fn new(
        mut command: Command,
        home: Scratch,
        read_stderr: bool,
        configuration: Value,
    ) -> Server {
        let mut child = command
            .spawn()
            .unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let (feed, to_write) = mpsc::channel();
        let (sender, events) = mpsc::channel();
        let client = Arc::new(Mutex::new(Client {
            configuration,
            choice: Value::Null,
            asked: Vec::new(),
        }));
        let gate = Arc::new((Mutex::new(true), Condvar::new()));
        let stderr = Arc::new(Mutex::new(Vec::new()));
        let written = Arc::new(AtomicUsize::new(0));
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        {
            let written = written.clone();
            std::thread::spawn(move || write_all(stdin, &to_write, &written));
        }
        {
            let (client, gate, feed) = (client.clone(), gate.clone(), feed.clone());
            std::thread::spawn(move || read_all(stdout, &sender, &client, &gate, &feed));
        }
        if read_stderr {
            let (mut pipe, kept) = (child.stderr.take().unwrap(), stderr.clone());
            std::thread::spawn(move || {
                let mut buffer = [0; 4096];
                while let Ok(n @ 1..) = pipe.read(&mut buffer) {
                    kept.lock().unwrap().extend_from_slice(&buffer[..n]);
                }
            });
        }
        Server {
            child,
            feed: Some(feed),
            written,
            events,
            client,
            stderr,
            gate,
            open: HashMap::new(),
            answers: HashMap::new(),
            notes: VecDeque::new(),
            unasked: Vec::new(),
            next: 0,
            ended: false,
            checked: false,
            home,
            init: Value::Null,
        }
    }

    /// `initialize` and `initialized`.
    pub fn initialize(&mut self, params: Value) {
        self.init = self.request("initialize", params);
        self.notify("initialized", json!({}));
    }

    /// The process.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The home directory that this server was given.
    #[must_use]
    pub fn home(&self) -> &Scratch {
        &self.home
    }

    /// Puts bytes on the server's stdin, in order, never blocking the test.
    pub fn send_bytes(&mut self, bytes: impl Into<Vec<u8>>) {
        if let Some(feed) = &self.feed {
            let _ = feed.send(Feed::Bytes(bytes.into()));
        }
    }

    /// The same, one byte a write.
    pub fn send_dribble(&mut self, bytes: impl Into<Vec<u8>>) {
        if let Some(feed) = &self.feed {
            let _ = feed.send(Feed::Dribble(bytes.into()));
        }
    }

    /// Bytes that the server's stdin has taken so far.
    #[must_use]
    pub fn written(&self) -> usize {
        self.written.load(Ordering::Relaxed)
    }

    /// A notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send_bytes(frame::message(
            &json!({ "jsonrpc": "2.0", "method": method, "params": params }),
        ));
    }

    /// Sends a request and returns its id at once.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = json!(self.next);
        self.ask_as(&id, method, params);
        id
    }

    /// Sends a request under an id of the test's choice.
    pub fn ask_as(&mut self, id: &Value, method: &str, params: Value) {
        self.expect_answer(id);
        self.send_bytes(frame::message(
            &json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }),
        ));
    }

    /// Says that one answer under `id` is due, for requests that the test writes as bytes.
    pub fn expect_answer(&mut self, id: &Value) {
        // It may have come before the test asked for it.
        if let Some(at) = self.unasked.iter().position(|message| message["id"] == *id) {
            self.unasked.remove(at);
            return;
        }
        *self.open.entry(id.to_string()).or_default() += 1;
    }

    /// `$/cancelRequest`.
    pub fn cancel(&mut self, id: &Value) {
        self.notify("$/cancelRequest", json!({ "id": id }));
    }

    /// Waits for the answer to `id`.
    ///
    /// # Errors
    /// The server's own error answer.
    pub fn answer(&mut self, id: &Value) -> Result<Value, Fault> {
        let message = self.answer_message(id);
        match message.get("error") {
            None => Ok(message["result"].clone()),
            Some(error) => Err(Fault {
                code: error["code"].as_i64().unwrap_or_default(),
                message: error["message"].as_str().unwrap_or_default().to_owned(),
                data: error["data"].clone(),
            }),
        }
    }

    /// Waits for the answer to `id`, whole.
    pub fn answer_message(&mut self, id: &Value) -> Value {
        let key = id.to_string();
        let end = Instant::now() + wait::guard();
        loop {
            if let Some(message) = self.answers.get_mut(&key).and_then(VecDeque::pop_front) {
                return message;
            }
            self.receive(end, &format!("an answer to {key}"));
        }
    }

    /// Sends a request and waits for its result.
    ///
    /// # Panics
    /// When the answer is an error.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        self.try_request(method, params)
            .unwrap_or_else(|fault| panic!("{method}: {fault:?}\n{}", self.stderr()))
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// The server's own error answer.
    pub fn try_request(&mut self, method: &str, params: Value) -> Result<Value, Fault> {
        let id = self.ask(method, params);
        self.answer(&id)
    }

    /// Waits for a notification that `wanted` accepts; the others stay.
    pub fn notification(&mut self, method: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + wait::guard();
        loop {
            let found = self
                .notes
                .iter()
                .position(|note| note["method"] == method && wanted(&note["params"]));
            if let Some(note) = found.and_then(|at| self.notes.remove(at)) {
                return note["params"].clone();
            }
            self.receive(end, method);
        }
    }

    /// Takes every notification of `method` that has arrived.
    pub fn taken(&mut self, method: &str) -> Vec<Value> {
        self.drain();
        let (taken, left): (Vec<_>, Vec<_>) = self
            .notes
            .drain(..)
            .partition(|note| note["method"] == method);
        self.notes = left.into();
        taken
    }

    /// Whether an answer to `id` has arrived by now.
    pub fn answered(&mut self, id: &Value) -> bool {
        self.drain();
        self.answers
            .get(&id.to_string())
            .is_some_and(|list| !list.is_empty())
    }

    /// What the server asked of its client so far.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.lock().unwrap().clone()
    }

    /// Changes what the client answers to `workspace/configuration`, and tells the server.
    pub fn configure(&mut self, configuration: Value) {
        self.client.lock().unwrap().configuration = configuration.clone();
        self.notify(
            "workspace/didChangeConfiguration",
            json!({ "settings": { "nextline": configuration } }),
        );
    }

    /// From now on the person presses the button with this title whenever there is a question.
    pub fn choose(&self, title: &str) {
        self.client.lock().unwrap().choice = json!({ "title": title });
    }

    /// Stops reading the server's stdout until [`Server::resume`].
    pub fn hold(&self) {
        *self.gate.0.lock().unwrap() = false;
    }

    /// Reads stdout again.
    pub fn resume(&self) {
        *self.gate.0.lock().unwrap() = true;
        self.gate.1.notify_all();
    }

    /// Closes the server's stdin once everything sent is written.
    pub fn close_stdin(&mut self) {
        if let Some(feed) = self.feed.take() {
            let _ = feed.send(Feed::End);
        }
    }

    /// stderr so far.
    #[must_use]
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.lock().unwrap()).into_owned()
    }

    /// The exit status, if it has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Waits for the process to end by itself. No check is made of what was left unread.
    pub fn wait_exit(&mut self) -> ExitStatus {
        self.checked = true;
        let status = wait::until("the process should have ended", || {
            self.child.try_wait().unwrap()
        });
        self.resume();
        status
    }

    /// Kills the process; for tests that are about something else.
    pub fn kill(&mut self) {
        self.checked = true;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn receive(&mut self, end: Instant, what: &str) {
        match self
            .events
            .recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            Ok(event) => self.accept(event, Some(what)),
            Err(RecvTimeoutError::Timeout) => panic!(
                "waited {:?} in vain for {what}\n{}",
                wait::guard(),
                self.stderr()
            ),
            Err(RecvTimeoutError::Disconnected) => {
                panic!("the server is gone, waiting for {what}\n{}", self.stderr())
            }
        }
    }

    fn drain(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            self.accept(event, None);
        }
    }

    fn accept(&mut self, event: Event, what: Option<&str>) {
        match event {
            Event::Message(message) if message.get("method").is_some() => {
                self.notes.push_back(message)
            }
            Event::Message(message) => {
                let key = message["id"].to_string();
                match self.open.get_mut(&key) {
                    Some(left @ 1..) => *left -= 1,
                    _ => self.unasked.push(message.clone()),
                }
                self.answers.entry(key).or_default().push_back(message);
            }
            Event::Broken(why) => {
                panic!("stdout is not the wire any more: {why}\n{}", self.stderr())
            }
            Event::End => {
                self.ended = true;
                if let Some(what) = what {
                    panic!("stdout ended while waiting for {what}\n{}", self.stderr());
                }
            }
        }
    }

    /// Takes the fault that an unreadable message is answered with: one without an id.
    pub fn fault_without_id(&mut self) -> Fault {
        self.expect_answer(&Value::Null);
        self.answer(&Value::Null)
            .expect_err("an answer without an id can only be an error")
    }

    /// Forgets faults without an id that have arrived, for messages that may be answered with one or with nothing.
    pub fn forget_faults_without_id(&mut self) {
        self.drain();
        self.answers.remove("null");
        self.unasked.retain(|message| !message["id"].is_null());
    }
}
