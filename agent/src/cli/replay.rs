//! `nextline replay`: a recorded session once more, without keys and without a network; the same bytes come out, or the first message
//! that differs is named.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::{code, complain};
use crate::document::place::{path_of, uri_of};
use crate::settings;
use crate::tape::{self, Event, Playing, Recording, Tape};
use crate::wire::{Frame, FrameReader};

/// How long something is waited for that happened in the recording; then the session goes on without it.
const PATIENCE: Duration = Duration::from_secs(5);
/// The same from the first time on that it did not happen.
const IMPATIENCE: Duration = Duration::from_millis(20);
/// Bytes that may wait between the two ends.
const PIPE: usize = 1 << 20;
/// Messages that may overtake one.
const NEAR: usize = 8;
/// Characters of a message that are shown on both sides of a difference.
const SHOWN: usize = 80;

/// Plays it; 0 if the same came out, 1 if not.
pub fn run(file: &Path, out: &mut dyn Write) -> u8 {
    let recording = match Recording::read(file) {
        Ok(recording) => recording,
        Err(error) => return complain(&format!("{}: {error}", file.display())),
    };
    // Nothing that is played happened: no count and no row is made of it.
    settings::keep_no_state();
    let Tape::Playing(playing) = tape::put_in(Tape::Playing(Playing::new(&recording))) else {
        return complain("a session that is recorded cannot play another one");
    };
    let place = Place::of(&recording);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let told = match runtime {
        Ok(runtime) => {
            let told = runtime.block_on(play(&recording, playing, &place));
            runtime.shutdown_background();
            told
        }
        Err(error) => return complain(&format!("the runtime did not start: {error}")),
    };
    let wanted = recording.lines.iter().filter_map(|line| match &line.event {
        Event::Server { body } => Some(body.as_str()),
        _ => None,
    });
    let wanted: Vec<&str> = wanted.collect();
    let told = in_order(&wanted, told);
    for body in &told {
        if write!(out, "Content-Length: {}\r\n\r\n{body}", body.len()).is_err() {
            return code::FAILED;
        }
    }
    match difference(&wanted, &told, playing.too_many()) {
        None => code::OK,
        Some(what) => complain(&what),
    }
}

/// What came, in the order of the recording as far as it is the same: an answer and a notification that have nothing to do with each other
/// leave as threads are scheduled.
fn in_order(wanted: &[&str], mut told: Vec<String>) -> Vec<String> {
    for (at, wanted) in wanted.iter().enumerate().take(told.len()) {
        let mut near = told[at..].iter().take(NEAR);
        if let Some(found) = near.position(|body| body == wanted) {
            told[at..=at + found].rotate_right(1);
        }
    }
    told
}

/// The first difference, in one sentence.
fn difference(wanted: &[&str], told: &[String], too_many: usize) -> Option<String> {
    let first = wanted
        .iter()
        .zip(told)
        .position(|(wanted, told)| wanted != told);
    if let Some(at) = first {
        let same = wanted[at]
            .chars()
            .zip(told[at].chars())
            .take_while(|(a, b)| a == b)
            .count();
        let shown = |text: &str| -> String {
            text.chars()
                .skip(same.saturating_sub(SHOWN / 2))
                .take(SHOWN)
                .collect()
        };
        return Some(format!(
            "message {} differs at character {same}: recorded `{}`, now `{}`",
            at + 1,
            shown(wanted[at]),
            shown(&told[at])
        ));
    }
    if wanted.len() != told.len() {
        return Some(format!(
            "the recording has {} messages to the client, now there are {}",
            wanted.len(),
            told.len()
        ));
    }
    (too_many > 0)
        .then(|| format!("{too_many} requests were made that the recording does not have"))
}

/// Where the workspace was, and where it is played: names of the one stand for the other on the way in and out.
struct Place {
    pairs: Vec<(String, String)>,
    files: Vec<PathBuf>,
}

impl Place {
    fn of(recording: &Recording) -> Place {
        let first = recording.lines.iter().find_map(|line| match &line.event {
            Event::Client { body } => serde_json::from_str::<Value>(body).ok(),
            _ => None,
        });
        let params = first
            .map(|mut first| first["params"].take())
            .unwrap_or_default();
        let folders = params["workspaceFolders"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let uris = folders
            .iter()
            .map(|folder| &folder["uri"])
            .chain([&params["rootUri"]]);
        let roots: BTreeSet<PathBuf> = uris.filter_map(|uri| path_of(uri.as_str()?)).collect();
        let (mut pairs, mut files) = (Vec::new(), Vec::new());
        for (number, root) in roots.iter().enumerate() {
            // Of what holds the place itself no other names can be made.
            if std::env::temp_dir().starts_with(root) {
                continue;
            }
            // As long as the recorded one where it can be: names of files take memory, and status says how much.
            let here = std::env::temp_dir().join(format!("nl{}-{number}", std::process::id()));
            let more = uri_of(root).len().saturating_sub(uri_of(&here).len());
            let here = PathBuf::from(format!("{}{}", here.display(), "x".repeat(more)));
            files.push(here.clone());
            pairs.push((uri_of(root), uri_of(&here)));
            pairs.push((
                root.to_string_lossy().into_owned(),
                here.to_string_lossy().into_owned(),
            ));
        }
        let place = Place { pairs, files };
        let mut seen = BTreeSet::new();
        for line in &recording.lines {
            if let Event::File { path, text } = &line.event
                && seen.insert(path)
            {
                place.write(path, text);
            }
        }
        place
    }

    fn inward(&self, text: &str) -> String {
        let pairs = self.pairs.iter();
        pairs.fold(text.to_owned(), |text, (there, here)| {
            text.replace(there, here)
        })
    }

    fn outward(&self, text: &str) -> String {
        let pairs = self.pairs.iter();
        pairs.fold(text.to_owned(), |text, (there, here)| {
            text.replace(here, there)
        })
    }

    fn write(&self, path: &Path, text: &str) {
        let moved = self.inward(&path.to_string_lossy());
        let moved = Path::new(&moved);
        let plain = moved
            .components()
            .all(|part| part != std::path::Component::ParentDir);
        // Of files elsewhere nothing is written.
        if plain
            && self.files.iter().any(|files| moved.starts_with(files))
            && let Some(folder) = moved.parent()
            && std::fs::create_dir_all(folder).is_ok()
        {
            let _ = std::fs::write(moved, text);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for files in &self.files {
            let _ = std::fs::remove_dir_all(files);
        }
    }
}

async fn play(recording: &Recording, playing: &Playing, place: &Place) -> Vec<String> {
    let mut layers = recording.layers();
    layers.flags.push(("ledger.enabled".into(), "false".into()));
    let (client, server) = tokio::io::duplex(PIPE);
    let (server_reader, server_writer) = tokio::io::split(server);
    let (client_reader, client_writer) = tokio::io::split(client);
    let told = Arc::new(Mutex::new(Vec::new()));
    let (count, counted) = watch::channel(0);
    let listening = {
        let told = told.clone();
        async move {
            let mut frames = FrameReader::new(client_reader);
            while let Ok(Some(Frame::Body(body))) = frames.next().await {
                let body = place.outward(&String::from_utf8_lossy(&body));
                told.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(body);
                count.send_modify(|count| *count += 1);
            }
        }
    };
    let speaking = speak(recording, playing, place, client_writer, counted);
    let served = crate::serve(server_reader, server_writer, layers);
    // The server's end closes its half, and the listener hears that.
    tokio::join!(served, speaking, listening);
    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::take(&mut *told)
}

/// Says and answers what was said and answered then, each when all that came before it has come again.
async fn speak<W: tokio::io::AsyncWrite + Unpin>(
    recording: &Recording,
    playing: &Playing,
    place: &Place,
    mut writer: W,
    mut told: watch::Receiver<usize>,
) {
    let began = Instant::now();
    let mut asked = playing.asked();
    let (mut messages, mut requests) = (0, 0);
    let mut patience = PATIENCE;
    for line in &recording.lines {
        match &line.event {
            Event::Server { .. } => {
                messages += 1;
                continue;
            }
            Event::Asked { .. } => {
                requests += 1;
                playing.reach(requests);
                continue;
            }
            Event::Clock { .. } | Event::Mask { .. } => continue,
            _ => {}
        }
        sleep_until(began + Duration::from_millis(line.ms)).await;
        let came = told.wait_for(|told| *told >= messages);
        let heard = timeout(patience, came).await.is_ok();
        let came = asked.wait_for(|asked| *asked >= requests);
        if !heard || timeout(patience, came).await.is_err() {
            // It is another session from here on: no use in waiting for each of its messages.
            patience = IMPATIENCE;
        }
        match &line.event {
            Event::Client { body } => {
                let body = without_process(&place.inward(body));
                let framed = format!("Content-Length: {}\r\n\r\n{body}", body.len());
                if writer.write_all(framed.as_bytes()).await.is_err() {
                    return;
                }
            }
            Event::File { path, text } => place.write(path, text),
            Event::Head { ask, .. }
            | Event::Bytes { ask, .. }
            | Event::End { ask, .. }
            | Event::Silent { ask, .. } => playing.feed(*ask, line.event.clone()),
            _ => {}
        }
    }
    let _ = timeout(patience, told.wait_for(|told| *told >= messages)).await;
    let _ = writer.shutdown().await;
}

/// The editor of then is no process of now.
fn without_process(body: &str) -> String {
    if !body.contains("\"processId\"") {
        return body.to_owned();
    }
    match serde_json::from_str::<Value>(body) {
        Ok(mut message) if message["params"]["processId"].is_number() => {
            message["params"]["processId"] = Value::Null;
            message.to_string()
        }
        _ => body.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overtook_goes_back_and_what_differs_stays() {
        let ordered = |wanted: &[&str], told: &str| {
            let told = told.split(' ').map(str::to_owned).collect();
            in_order(wanted, told).join(" ")
        };
        assert_eq!(ordered(&["a", "b", "c"], "b c a"), "a b c");
        assert_eq!(ordered(&["a", "a", "b"], "a b a"), "a a b");
        assert_eq!(ordered(&["a", "b", "c"], "b x c"), "b x c");
        let far = "b b b b b b b b a";
        assert_eq!(ordered(&["a"], far), far);
    }
}
