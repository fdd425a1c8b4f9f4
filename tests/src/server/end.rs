//! The end of a server: shut down, exit code, and nothing left unread.

use std::collections::HashSet;
use std::time::Instant;

use serde_json::Value;

use super::Server;
use crate::client::UNREAD_IS_FINE;
use crate::wait;

impl Server {
    fn finish(&mut self) {
        let result = self.request("shutdown", Value::Null);
        assert!(result.is_null(), "shutdown answers null, not {result}");
        self.notify("exit", Value::Null);
        let status = wait::until("`exit` should end the process", || {
            self.child.try_wait().unwrap()
        });
        assert_eq!(
            status.code(),
            Some(0),
            "exit after shutdown is 0\n{}",
            self.stderr()
        );
        let end = Instant::now() + wait::guard();
        while !self.ended {
            match self
                .events
                .recv_timeout(end.saturating_duration_since(Instant::now()))
            {
                Ok(event) => self.accept(event, None),
                Err(_) => break,
            }
        }
        self.check_left();
    }

    fn check_left(&self) {
        let fine: HashSet<&str> = UNREAD_IS_FINE.iter().copied().collect();
        let notes: Vec<_> = self
            .notes
            .iter()
            .filter(|note| !fine.contains(note["method"].as_str().unwrap_or_default()))
            .collect();
        assert!(notes.is_empty(), "notifications left unread: {notes:?}");
        assert!(
            self.unasked.is_empty(),
            "answers that nobody asked for: {:?}",
            self.unasked
        );
        let unread: Vec<_> = self
            .answers
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .collect();
        assert!(unread.is_empty(), "answers left unread: {unread:?}");
        let unanswered: Vec<_> = self.open.iter().filter(|(_, n)| **n > 0).collect();
        assert!(
            unanswered.is_empty(),
            "requests never answered: {unanswered:?}"
        );
        let stderr = self.stderr();
        let panicked = ["panicked at", "a request failed at"]
            .iter()
            .any(|mark| stderr.contains(mark));
        assert!(!panicked, "a panic on stderr:\n{stderr}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.resume();
        if std::thread::panicking() {
            let _ = self.child.kill();
            let _ = self.child.wait();
            eprintln!("--- stderr of the server\n{}---", self.stderr());
        } else if !self.checked {
            self.finish();
        } else {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
