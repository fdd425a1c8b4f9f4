//! Every wire family says the same text, however it is delivered, and never a wrong one.

use super::server::*;
use super::*;
use crate::prompt::fim;

/// What every family is made to say, in three pieces.
const PIECES: [&str; 3] = ["let ä", " = \"€😀\";", "\nend"];

fn text() -> String {
    PIECES.concat()
}

/// One family as its server speaks it.
pub struct Family {
    pub name: &'static str,
    provider: &'static str,
    model: &'static str,
    own: &'static [(&'static str, &'static str)],
    prompt: fn() -> Prompt,
    /// The first line of the request, in small letters as the server notes it.
    pub asks: &'static str,
    /// How a key travels, likewise.
    key: &'static str,
    media: &'static str,
    /// Everything before the event that holds the end mark.
    said: fn() -> String,
    /// That event, and what follows it.
    end: &'static str,
    /// An error in the stream that passes.
    pub busy: &'static str,
    usage: Usage,
    stop: (StopReason, Option<&'static str>),
}

fn raw() -> Prompt {
    let row = fim::row_of_model("qwen2.5-coder").expect("a row");
    fim::as_text(&hole(), row)
}

fn pieces(event: impl Fn(&str) -> String) -> String {
    PIECES.iter().map(|piece| event(piece)).collect()
}

fn openai_chat() -> String {
    let first = json!({"choices": [], "prompt_filter_results": [{"prompt_index": 0}]});
    let role = json!({"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}]});
    let texts = pieces(|piece| {
        let event =
            json!({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": null}]});
        format!("data: {event}\n\n")
    });
    format!("data: {first}\n\ndata: {role}\n\n{texts}")
}

fn openai_text() -> String {
    pieces(|piece| event(piece, None))
}

fn responses() -> String {
    let texts = pieces(|piece| {
        let event = json!({"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": piece});
        format!("event: response.output_text.delta\ndata: {event}\n\n")
    });
    let done = json!({"type": "response.output_text.done", "text": text()});
    format!(
        "event: response.created\ndata: {{\"type\":\"response.created\",\"response\":{{\"status\":\"in_progress\"}}}}\n\n{texts}event: response.output_text.done\ndata: {done}\n\n"
    )
}

fn anthropic() -> String {
    let start = json!({"type": "message_start", "message": {"id": "m", "role": "assistant", "content": [],
        "usage": {"input_tokens": 3, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 4, "output_tokens": 1}}});
    let texts = pieces(|piece| {
        let event = json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}});
        format!("event: content_block_delta\ndata: {event}\n\n")
    });
    format!(
        "event: message_start\ndata: {start}\n\nevent: content_block_start\ndata: {{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{{\"type\":\"text\",\"text\":\"\"}}}}\n\nevent: ping\ndata: {{\"type\":\"ping\"}}\n\n{texts}event: content_block_stop\ndata: {{\"type\":\"content_block_stop\",\"index\":0}}\n\nevent: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"end_turn\"}},\"usage\":{{\"output_tokens\":5}}}}\n\n"
    )
}

fn gemini() -> String {
    pieces(|piece| {
        let event = json!({"candidates": [{"content": {"parts": [{"text": piece}], "role": "model"}, "index": 0}], "usageMetadata": {"promptTokenCount": 7}});
        format!("data: {event}\r\n\r\n")
    })
}

fn llama_cpp() -> String {
    pieces(|piece| format!("data: {}\n\n", json!({"content": piece, "stop": false})))
}

fn ollama() -> String {
    pieces(|piece| {
        json!({"message": {"role": "assistant", "content": piece}, "done": false}).to_string()
            + "\n"
    })
}

fn sourcegraph() -> String {
    pieces(|piece| {
        let event = json!({"deltaText": piece});
        format!("event: completion\ndata: {event}\n\n")
    }) + "event: completion\ndata: {\"stopReason\":\"end_turn\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\n"
}

fn tgi() -> String {
    pieces(|piece| {
        let event = json!({"token": {"id": 1, "text": piece, "special": false}, "generated_text": null, "details": null});
        format!("data:{event}\n\n")
    })
}

const SSE: &str = "text/event-stream";
const OPENAI_END: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"text\":\"\",\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n";
const OPENAI_BUSY: &str = "data: {\"error\":{\"message\":\"m\",\"type\":\"server_error\"}}\n\n";
const ANTHROPIC_END: &str = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
const ANTHROPIC_BUSY: &str = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n";
const GEMINI_END: &str = "data: {\"candidates\":[{\"content\":{\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,\"cachedContentTokenCount\":4}}\r\n\r\n";
const GEMINI_BUSY: &str =
    "data: {\"error\":{\"code\":503,\"message\":\"m\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n";

const FULL: Usage = Usage {
    input: Some(7),
    output: Some(5),
    cached: Some(4),
};
const PLAIN: Usage = Usage {
    cached: None,
    ..FULL
};
const STOP: (StopReason, Option<&str>) = (StopReason::End, Some("stop"));
const BEARER: &str = "authorization: bearer nextline";

const OPENAI: Family = Family {
    name: "openai",
    provider: "openai",
    model: "m",
    own: &[],
    prompt: chat,
    asks: "post /chat/completions ",
    key: BEARER,
    media: SSE,
    said: openai_chat,
    end: OPENAI_END,
    busy: OPENAI_BUSY,
    usage: FULL,
    stop: STOP,
};
const ANTHROPIC: Family = Family {
    name: "anthropic",
    provider: "anthropic",
    asks: "post /v1/messages ",
    key: "x-api-key: nextline",
    said: anthropic,
    end: ANTHROPIC_END,
    busy: ANTHROPIC_BUSY,
    stop: (StopReason::End, Some("end_turn")),
    ..OPENAI
};
const GEMINI: Family = Family {
    name: "gemini",
    provider: "gemini",
    model: "models/m@1",
    asks: "post /v1beta/models/m@1:streamgeneratecontent?alt=sse ",
    key: "x-goog-api-key: nextline",
    said: gemini,
    end: GEMINI_END,
    busy: GEMINI_BUSY,
    stop: (StopReason::End, Some("STOP")),
    ..OPENAI
};

/// Every family, as every vendor of it wants to be asked.
pub const FAMILIES: &[Family] = &[
    OPENAI,
    Family {
        name: "openai, raw text",
        provider: "openai-compatible",
        prompt: raw,
        asks: "post /completions ",
        said: openai_text,
        ..OPENAI
    },
    Family {
        name: "fireworks",
        provider: "fireworks",
        ..OPENAI
    },
    Family {
        name: "mistral, hole",
        provider: "mistral",
        prompt: hole,
        asks: "post /fim/completions ",
        ..OPENAI
    },
    Family {
        name: "deepseek, hole",
        provider: "deepseek",
        prompt: hole,
        asks: "post /beta/completions ",
        said: openai_text,
        ..OPENAI
    },
    Family {
        name: "responses",
        own: &[("api", "responses")],
        asks: "post /responses ",
        said: responses,
        end: "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":4},\"output_tokens\":5}}}\n\n",
        busy: "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}}\n\n",
        stop: (StopReason::End, Some("completed")),
        ..OPENAI
    },
    Family {
        name: "responses by model",
        model: "gpt-5.1-codex-max",
        asks: "post /responses ",
        said: responses,
        end: "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":4},\"output_tokens\":5}}}\n\n",
        stop: (StopReason::End, Some("completed")),
        ..OPENAI
    },
    Family {
        name: "azure",
        provider: "azure-openai",
        own: &[("deployment", "mine")],
        asks: "post /openai/v1/chat/completions ",
        key: "api-key: nextline",
        ..OPENAI
    },
    Family {
        name: "azure, dated",
        provider: "azure-openai",
        own: &[("deployment", "my one"), ("api_version", "2024-10-21")],
        asks: "post /openai/deployments/my%20one/chat/completions?api-version=2024-10-21 ",
        key: "api-key: nextline",
        ..OPENAI
    },
    Family {
        name: "foundry",
        provider: "azure-openai",
        model: "claude-x",
        asks: "post /anthropic/v1/messages ",
        key: "api-key: nextline",
        ..ANTHROPIC
    },
    ANTHROPIC,
    GEMINI,
    Family {
        name: "gemini, v1",
        own: &[("api_version", "v1")],
        asks: "post /v1/models/m@1:streamgeneratecontent?alt=sse ",
        ..GEMINI
    },
    Family {
        name: "llama.cpp, hole",
        provider: "llama-cpp",
        prompt: hole,
        asks: "post /infill ",
        said: llama_cpp,
        end: "data: {\"content\":\"\",\"stop\":true,\"stop_type\":\"eos\",\"tokens_evaluated\":7,\"tokens_predicted\":5,\"tokens_cached\":12,\"timings\":{\"cache_n\":4}}\n\n",
        busy: "error: {\"code\":503,\"message\":\"m\",\"type\":\"unavailable_error\"}\n\ndata: {\"error\":{\"code\":503,\"message\":\"m\",\"type\":\"unavailable_error\"}}\n\n",
        stop: (StopReason::End, Some("eos")),
        ..OPENAI
    },
    Family {
        name: "ollama",
        provider: "ollama",
        asks: "post /api/chat ",
        media: "application/x-ndjson",
        said: ollama,
        end: "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":5}\n",
        busy: "{\"error\":\"the runner stopped\"}\n",
        usage: PLAIN,
        ..OPENAI
    },
    Family {
        name: "tgi, raw text",
        provider: "tgi",
        prompt: raw,
        asks: "post /generate_stream ",
        said: tgi,
        end: "data:{\"token\":{\"id\":0,\"text\":\"</s>\",\"special\":true},\"generated_text\":\"x\",\"details\":{\"finish_reason\":\"eos_token\",\"generated_tokens\":5,\"input_length\":7}}\n\n",
        busy: "data:{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}\n\n",
        usage: PLAIN,
        stop: (StopReason::End, Some("eos_token")),
        ..OPENAI
    },
    Family {
        name: "sourcegraph",
        provider: "sourcegraph",
        own: &[("client_name", "vscode"), ("client_version", "1.2.3")],
        asks: "post /.api/completions/stream?api-version=8&client-name=vscode&client-version=1.2.3 ",
        key: "authorization: token nextline",
        said: sourcegraph,
        end: "event: done\ndata: {}\n\n",
        busy: "event: error\ndata: {\"error\":\"upstream is overloaded\"}\n\n",
        usage: PLAIN,
        stop: (StopReason::End, Some("end_turn")),
        ..OPENAI
    },
    Family {
        name: "gateway, fireworks",
        provider: "cody-gateway",
        prompt: raw,
        asks: "post /v1/completions/fireworks ",
        said: openai_text,
        ..OPENAI
    },
    Family {
        name: "gateway, anthropic",
        provider: "cody-gateway",
        own: &[("upstream", "anthropic")],
        asks: "post /v1/completions/anthropic-messages ",
        key: BEARER,
        ..ANTHROPIC
    },
    Family {
        name: "gateway, openai",
        provider: "cody-gateway",
        own: &[("upstream", "openai")],
        asks: "post /v1/completions/openai ",
        ..OPENAI
    },
    Family {
        name: "gateway, google",
        provider: "cody-gateway",
        own: &[("upstream", "google")],
        asks: "post /v1/completions/google ",
        key: BEARER,
        ..GEMINI
    },
];

impl Family {
    pub fn route(&self, server: &Server) -> Route {
        let own = self
            .own
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json!(value)));
        route(&Settings {
            provider: self.provider.into(),
            model: self.model.into(),
            base_url: Some(server.url.clone()),
            api_key_env: Some("CARGO_PKG_NAME".into()),
            own: own.collect(),
            ..settings(server)
        })
    }

    fn whole(&self) -> String {
        (self.said)() + self.end
    }

    fn head(&self) -> Vec<u8> {
        head("200 OK", &format!("content-type: {}\r\n", self.media))
    }

    async fn ask(&self, server: &Server, surface: Surface) -> Found {
        let mut answer = self.route(server).stream((self.prompt)(), surface);
        let mut found = Found::default();
        while let Some(delta) = answer.next().await {
            match delta {
                Ok(Delta::Text(more)) => found.text.push_str(&more),
                Ok(Delta::Done { stop, raw }) => found.end = Some((stop, raw)),
                Ok(Delta::Usage(usage)) => found.usage = usage,
                Ok(Delta::Refusal(_)) => {}
                Err(error) => found.failure = Some(error),
            }
        }
        found
    }

    fn good(&self) -> Found {
        Found {
            text: text(),
            end: Some((self.stop.0, self.stop.1.map(str::to_owned))),
            usage: self.usage,
            failure: None,
        }
    }
}

#[derive(Debug, Default, PartialEq)]
struct Found {
    text: String,
    end: Option<(StopReason, Option<String>)>,
    usage: Usage,
    failure: Option<RouteError>,
}

#[tokio::test]
async fn every_family_is_asked_as_it_wants_and_says_the_same() {
    for family in FAMILIES {
        let whole = family.whole();
        let sse = family.media == SSE;
        let unix = whole.replace("\r\n", "\n");
        let pinged = match sse {
            true => unix.replace("\n\n", "\n\n: keep-alive\n\n:\n\n"),
            false => unix.replace('\n', "\n\n"),
        };
        for (name, body) in [
            ("plain", whole.clone()),
            ("line feeds", unix.clone()),
            ("carriage returns", unix.replace('\n', "\r\n")),
            ("comments", pinged),
        ] {
            for act in [
                Act::Send as fn(Vec<u8>) -> Act,
                Act::Drip as fn(Vec<u8>) -> Act,
            ] {
                let acts = vec![
                    Act::Send(family.head()),
                    act(body.clone().into()),
                    Act::Close,
                ];
                let server = Server::start(vec![acts]).await;
                let found = family.ask(&server, Surface::Chat).await;
                assert_eq!(found, family.good(), "{}: {name}", family.name);
                let (head, _) = &server.requests()[0];
                assert!(head.starts_with(family.asks), "{}: {head}", family.name);
                assert!(
                    head.contains(&format!("\r\n{}", family.key)),
                    "{}: {head}",
                    family.name
                );
                assert_eq!(
                    head.matches("nextline").count() - head.matches("nextline/").count(),
                    1,
                    "{}: the key stands once: {head}",
                    family.name
                );
            }
        }
    }
}

#[tokio::test]
async fn no_family_takes_a_cut_answer_for_a_whole_one() {
    let mut seen = Vec::new();
    for family in FAMILIES {
        // Vendors that share a way of speaking are cut once.
        let said = (family.said)();
        if seen.contains(&said) {
            continue;
        }
        seen.push(said);
        let whole = family.whole().into_bytes();
        let said = (family.said)().len();
        // All at once, so that the back-offs before the second tries pass together.
        let cuts = (0..whole.len()).map(|k| {
            let bytes = [&family.head(), &whole[..k]].concat();
            async move {
                let server = Server::start(vec![vec![Act::Send(bytes), Act::Close]]).await;
                let found = family.ask(&server, Surface::Completion).await;
                let name = family.name;
                assert!(
                    text().starts_with(&found.text),
                    "{name} after {k}: {found:?}"
                );
                match &found.failure {
                    Some(failure) => {
                        assert_eq!(found.end, None, "{name} after {k}");
                        assert_eq!(failure.kind(), Kind::Cut, "{name} after {k}");
                    }
                    None => {
                        assert!(k > said, "{name}: success after {k} of {said} bytes");
                        assert_eq!(
                            (found.text, found.end),
                            (family.good().text, family.good().end),
                            "{name} after {k}"
                        );
                    }
                }
            }
        });
        futures_util::future::join_all(cuts).await;
    }
}

#[tokio::test]
async fn errors_in_a_stream_are_tried_again_only_before_text() {
    let asking = FAMILIES.iter().map(|family| async move {
        let name = family.name;
        let send =
            |text: String| vec![Act::Send(family.head()), Act::Send(text.into()), Act::Close];
        let server = Server::start(vec![send(family.busy.into()), send(family.whole())]).await;
        let found = family.ask(&server, Surface::Chat).await;
        assert_eq!(found, family.good(), "{name}");
        assert_eq!(server.requests().len(), 2, "{name}");

        let server = Server::start(vec![
            send((family.said)() + family.busy),
            send(family.whole()),
        ])
        .await;
        let found = family.ask(&server, Surface::Chat).await;
        assert_eq!(found.text, text(), "{name}");
        let failure = found.failure.expect(name);
        assert_eq!(failure.kind(), Kind::Overloaded, "{name}");
        assert_eq!(server.requests().len(), 1, "{name}: {failure}");
    });
    futures_util::future::join_all(asking).await;
}
