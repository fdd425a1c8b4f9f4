//! `nextline acp` with the protocol's own SDK in the client's place: what it reads is what it sends, typed by somebody else.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    ClientCapabilities, ContentBlock, FileSystemCapabilities, InitializeRequest,
    ListSessionsRequest, LoadSessionRequest, NewSessionRequest, PermissionOptionKind,
    PromptRequest, ReadTextFileRequest, ReadTextFileResponse, RequestPermissionOutcome,
    RequestPermissionRequest, RequestPermissionResponse, SelectedPermissionOutcome,
    SessionConfigKind, SessionNotification, SessionUpdate, StopReason, ToolCallContent,
    ToolCallStatus, WriteTextFileRequest, WriteTextFileResponse,
};
use agent_client_protocol::{Agent, Client, Lines, on_receive_notification, on_receive_request};
use futures::channel::mpsc;
use futures::{SinkExt, StreamExt};
use nextline_tests::acp::config;
use nextline_tests::{Scratch, ScriptedRoute, binary};

const LIB: &str = "fn one() -> u32 {\n    1\n}\n\nfn two() -> u32 {\n    2\n}\n";

/// What the client saw and did.
#[derive(Default)]
struct Seen {
    updates: Vec<SessionUpdate>,
    /// What the person picks, the next one last.
    verdicts: Vec<PermissionOptionKind>,
    diffs: Vec<(Option<String>, String)>,
    unsaved: String,
    writes: Vec<String>,
}

struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs `talk` with the SDK's client in front of a process of its own.
fn with_agent<T: Send + 'static>(
    home: &Scratch,
    seen: &Arc<Mutex<Seen>>,
    talk: impl AsyncFnOnce(&ConnectionTo<Agent>) -> Result<T, agent_client_protocol::Error>,
) -> T {
    let mut child = binary::command(home.path())
        .arg("acp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let _killed = Killed(child);
    let (sent, lines) = mpsc::unbounded();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            if sent.unbounded_send(line).is_err() {
                return;
            }
        }
    });
    let (outgoing, mut to_write) = mpsc::unbounded::<String>();
    std::thread::spawn(move || {
        futures::executor::block_on(async {
            while let Some(line) = to_write.next().await {
                if writeln!(stdin, "{}", line.trim_end()).is_err() {
                    return;
                }
            }
        });
    });
    let outgoing = outgoing.sink_map_err(std::io::Error::other);
    let (told, asked, read, written) = (seen.clone(), seen.clone(), seen.clone(), seen.clone());
    let connected = Client
        .v1()
        .name("test")
        .on_receive_notification(
            async move |note: SessionNotification, _| {
                told.lock().unwrap().updates.push(note.update);
                Ok(())
            },
            on_receive_notification!(),
        )
        .on_receive_request(
            async move |request: RequestPermissionRequest, responder, _| {
                let mut seen = asked.lock().unwrap();
                let content = request.tool_call.fields.content.unwrap_or_default();
                for content in content {
                    if let ToolCallContent::Diff(diff) = content {
                        seen.diffs.push((diff.old_text, diff.new_text));
                    }
                }
                let kind = seen.verdicts.pop().unwrap();
                let option = request.options.iter().find(|option| option.kind == kind);
                let picked = SelectedPermissionOutcome::new(option.unwrap().option_id.clone());
                responder.respond(RequestPermissionResponse::new(
                    RequestPermissionOutcome::Selected(picked),
                ))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |_: ReadTextFileRequest, responder, _| {
                let text = read.lock().unwrap().unsaved.clone();
                responder.respond(ReadTextFileResponse::new(text))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |request: WriteTextFileRequest, responder, _| {
                written.lock().unwrap().writes.push(request.content);
                responder.respond(WriteTextFileResponse::new())
            },
            on_receive_request!(),
        )
        .connect_with(
            Lines::new(outgoing, lines),
            async |agent: ConnectionTo<Agent>| {
                let files = FileSystemCapabilities::new()
                    .read_text_file(true)
                    .write_text_file(true);
                let hello = InitializeRequest::new(ProtocolVersion::V1)
                    .client_capabilities(ClientCapabilities::new().fs(files));
                let hello = agent.send_request(hello).block_task().await?;
                assert_eq!(hello.protocol_version, ProtocolVersion::V1);
                assert!(hello.agent_capabilities.load_session);
                talk(&agent).await
            },
        );
    futures::executor::block_on(connected).unwrap()
}

/// What the agent said so far.
fn said(seen: &Arc<Mutex<Seen>>) -> String {
    let seen = seen.lock().unwrap();
    let texts = seen.updates.iter().filter_map(|update| match update {
        SessionUpdate::AgentMessageChunk(chunk) => match &chunk.content {
            ContentBlock::Text(text) => Some(text.text.as_str()),
            _ => None,
        },
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_turn_with_a_diff_accepted_and_one_refused_and_a_restart() {
    let route = ScriptedRoute::instant("```rust\nfn two() -> u64 {\n    2\n}\n```\n");
    let (home, project) = (Scratch::new(), Scratch::with(&[("src/lib.rs", LIB)]));
    home.write(".config/nextline/config.toml", config(&route));
    let unsaved = format!("// unsaved\n{LIB}");
    let seen = Arc::new(Mutex::new(Seen {
        // From the end: the first edit is refused.
        verdicts: vec![
            PermissionOptionKind::AllowOnce,
            PermissionOptionKind::RejectOnce,
        ],
        unsaved: unsaved.clone(),
        ..Seen::default()
    }));
    let folder = project.path().to_owned();
    let edit = "/edit src/lib.rs:6-8 return a u64";
    let session = with_agent(&home, &seen, async |agent| {
        let new = agent
            .send_request(NewSessionRequest::new(&folder))
            .block_task()
            .await?;
        let options = new.config_options.unwrap();
        assert!(
            matches!(&options[0].kind, SessionConfigKind::Select(select) if &*select.current_value.0 == "mock")
        );
        for _ in 0..2 {
            let prompt = PromptRequest::new(new.session_id.clone(), vec![ContentBlock::from(edit)]);
            let ended = agent.send_request(prompt).block_task().await?;
            assert_eq!(ended.stop_reason, StopReason::EndTurn);
        }
        Ok(new.session_id)
    });
    let changed = unsaved.replace("fn two() -> u32", "fn two() -> u64");
    {
        let seen = seen.lock().unwrap();
        let shown = (Some(unsaved.clone()), changed.clone());
        assert_eq!(seen.diffs, [shown.clone(), shown]);
        assert_eq!(seen.writes, [changed]);
        let ended: Vec<ToolCallStatus> = seen
            .updates
            .iter()
            .filter_map(|update| match update {
                SessionUpdate::ToolCallUpdate(update) => update.fields.status,
                _ => None,
            })
            .filter(|status| matches!(status, ToolCallStatus::Completed | ToolCallStatus::Failed))
            .collect();
        assert_eq!(ended, [ToolCallStatus::Failed, ToolCallStatus::Completed]);
        let commands = seen.updates.iter().any(|update| {
            matches!(update, SessionUpdate::AvailableCommandsUpdate(all) if all.available_commands.len() >= 5)
        });
        assert!(commands, "{:?}", seen.updates);
    }
    let before = said(&seen);
    assert!(
        before.contains("left as it is") && before.contains("was changed"),
        "{before}"
    );

    // Another process goes on with it.
    route.script(|exchange| exchange.answer("It returns a u64 now."));
    let seen = Arc::new(Mutex::new(Seen::default()));
    with_agent(&home, &seen, async |agent| {
        let list = agent
            .send_request(ListSessionsRequest::new())
            .block_task()
            .await?;
        assert_eq!(list.sessions[0].session_id, session);
        assert_eq!(list.sessions[0].cwd, folder);
        let load = LoadSessionRequest::new(session.clone(), &folder);
        agent.send_request(load).block_task().await?;
        assert_eq!(said(&seen), before);
        let prompt =
            PromptRequest::new(session.clone(), vec![ContentBlock::from("what was done?")]);
        let ended = agent.send_request(prompt).block_task().await?;
        assert_eq!(ended.stop_reason, StopReason::EndTurn);
        Ok(())
    });
    assert!(said(&seen).ends_with("It returns a u64 now."));
    let asked = route.requests().last().unwrap().json();
    assert_eq!(asked["messages"].as_array().unwrap().len(), 6, "{asked}");
}
