//! The families: one row for each way in which a vendor speaks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::super::aws::frames::tests::{event_frame, frame};
use super::*;
use crate::prompt::fim;

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

fn plain(text: &str) -> Vec<u8> {
    text.into()
}

fn converse() -> String {
    let texts = pieces(|piece| {
        let event = json!({"contentBlockIndex": 0, "delta": {"text": piece}, "p": "abc"});
        format!("contentBlockDelta {event}\n")
    });
    format!(
        "messageStart {{\"role\":\"assistant\"}}\n{texts}contentBlockStop {{\"contentBlockIndex\":0}}\n"
    )
}

/// Lines with a name and a payload, as frames of AWS.
fn framed(text: &str) -> Vec<u8> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines
        .flat_map(|(name, payload)| match name.strip_prefix("exception:") {
            Some(name) => frame(
                &[
                    (":exception-type", 7, name.as_bytes()),
                    (":message-type", 7, b"exception"),
                ],
                payload.as_bytes(),
            ),
            None => event_frame(name, payload),
        })
        .collect()
}

/// The data of server-sent events, in the chunks of InvokeModel.
fn wrapped(text: &str) -> Vec<u8> {
    let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
    events
        .flat_map(|data| {
            let chunk = json!({"bytes": STANDARD.encode(data), "p": "abcdef"});
            event_frame("chunk", &chunk.to_string())
        })
        .collect()
}

pub const SSE: &str = "text/event-stream";
const FRAMES: &str = "application/vnd.amazon.eventstream";
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
    bytes: plain,
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

const BEDROCK: Family = Family {
    name: "bedrock",
    provider: "bedrock",
    model: "m:0",
    own: &[("region", "eu-west-1")],
    asks: "post /model/m%3a0/converse-stream ",
    media: FRAMES,
    bytes: framed,
    said: converse,
    end: "messageStop {\"stopReason\":\"end_turn\"}\nmetadata {\"usage\":{\"inputTokens\":3,\"outputTokens\":5,\"totalTokens\":12,\"cacheReadInputTokens\":4}}\n",
    busy: "exception:modelStreamErrorException {\"message\":\"m\"}\n",
    stop: (StopReason::End, Some("end_turn")),
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
    BEDROCK,
    Family {
        name: "bedrock, an ARN",
        model: "arn:aws:bedrock:eu-west-1:1:inference-profile/x",
        asks: "post /model/arn%3aaws%3abedrock%3aeu-west-1%3a1%3ainference-profile%2fx/converse-stream ",
        ..BEDROCK
    },
    Family {
        name: "bedrock, invoke",
        own: &[("api", "invoke"), ("region", "eu-west-1")],
        asks: "post /model/m%3a0/invoke-with-response-stream ",
        bytes: wrapped,
        said: anthropic,
        end: ANTHROPIC_END,
        busy: ANTHROPIC_BUSY,
        ..BEDROCK
    },
    Family {
        name: "vertex, gemini",
        provider: "vertex",
        model: "m@1",
        own: &[("project", "p"), ("location", "europe-west1")],
        asks: "post /v1/projects/p/locations/europe-west1/publishers/google/models/m@1:streamgeneratecontent?alt=sse ",
        key: BEARER,
        ..GEMINI
    },
    Family {
        name: "vertex, claude",
        provider: "vertex",
        model: "claude-m@1",
        own: &[("project", "p")],
        asks: "post /v1/projects/p/locations/global/publishers/anthropic/models/claude-m@1:streamrawpredict ",
        key: BEARER,
        ..ANTHROPIC
    },
    Family {
        name: "vertex, codestral",
        provider: "vertex",
        model: "codestral-2",
        own: &[("project", "p")],
        prompt: hole,
        asks: "post /v1/projects/p/locations/global/publishers/mistralai/models/codestral-2:streamrawpredict ",
        ..OPENAI
    },
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
