//! The wire families: how each begins, says a piece of text, ends, breaks off and refuses.

use serde_json::{Value, json};

use super::frames::{framed, wrapped};
use super::{Refusal, Voice, Wrong};

const SSE: &str = "text/event-stream";
const FRAMES: &str = "application/vnd.amazon.eventstream";

fn plain(text: &str) -> Vec<u8> {
    text.into()
}

/// An event of data alone.
fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// An event with a name, which stands in its data, too.
fn named(value: &Value) -> String {
    let name = value["type"].as_str().unwrap_or_default();
    format!("event: {name}\n{}", data(value))
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn refusal(status: &'static str, body: &Value) -> Refusal {
    Refusal {
        status,
        headers: Vec::new(),
        body: body.to_string(),
    }
}

fn openai_refuses(wrong: Wrong) -> Refusal {
    let (status, kind, code) = match wrong {
        Wrong::Key => (
            "401 Unauthorized",
            "invalid_request_error",
            "invalid_api_key",
        ),
        Wrong::Forbidden => ("403 Forbidden", "permission_denied", ""),
        Wrong::Model => ("404 Not Found", "invalid_request_error", "model_not_found"),
        Wrong::TooLong => (
            "400 Bad Request",
            "invalid_request_error",
            "context_length_exceeded",
        ),
        Wrong::TooMany => ("429 Too Many Requests", "requests", "rate_limit_exceeded"),
        Wrong::Quota => (
            "429 Too Many Requests",
            "insufficient_quota",
            "insufficient_quota",
        ),
        Wrong::Busy => ("503 Service Unavailable", "server_error", ""),
    };
    refusal(
        status,
        &json!({"error": {"message": "why", "type": kind, "param": null, "code": code}}),
    )
}

fn anthropic_refuses(wrong: Wrong) -> Refusal {
    let (status, kind, message) = match wrong {
        Wrong::Key => ("401 Unauthorized", "authentication_error", "why"),
        Wrong::Forbidden => ("403 Forbidden", "permission_error", "why"),
        Wrong::Model => ("404 Not Found", "not_found_error", "model: m"),
        Wrong::TooLong => (
            "400 Bad Request",
            "invalid_request_error",
            "prompt is too long: 9 tokens > 8 maximum",
        ),
        Wrong::TooMany => ("429 Too Many Requests", "rate_limit_error", "why"),
        Wrong::Quota => ("402 Payment Required", "billing_error", "why"),
        Wrong::Busy => ("529 Overloaded", "overloaded_error", "why"),
    };
    refusal(
        status,
        &json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}),
    )
}

fn google_refuses(wrong: Wrong) -> Refusal {
    let (status, code, name, message, details) = match wrong {
        Wrong::Key => (
            "400 Bad Request",
            400,
            "INVALID_ARGUMENT",
            "why",
            json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]),
        ),
        Wrong::Forbidden => ("403 Forbidden", 403, "PERMISSION_DENIED", "why", json!([])),
        Wrong::Model => ("404 Not Found", 404, "NOT_FOUND", "why", json!([])),
        Wrong::TooLong => (
            "400 Bad Request",
            400,
            "INVALID_ARGUMENT",
            "The input token count (9) exceeds the maximum number of tokens allowed (8).",
            json!([]),
        ),
        Wrong::TooMany => (
            "429 Too Many Requests",
            429,
            "RESOURCE_EXHAUSTED",
            "why",
            json!([]),
        ),
        Wrong::Quota => (
            "429 Too Many Requests",
            429,
            "RESOURCE_EXHAUSTED",
            "why",
            json!([{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaValue": "0"}]}]),
        ),
        Wrong::Busy => (
            "503 Service Unavailable",
            503,
            "UNAVAILABLE",
            "why",
            json!([]),
        ),
    };
    // Where a stream was asked for without `alt=sse`, the error stands in a list.
    refusal(
        status,
        &json!([{"error": {"code": code, "message": message, "status": name, "details": details}}]),
    )
}

fn aws_refuses(wrong: Wrong) -> Refusal {
    let (status, name, message) = match wrong {
        Wrong::Key => ("403 Forbidden", "UnrecognizedClientException", "why"),
        Wrong::Forbidden => ("403 Forbidden", "AccessDeniedException", "why"),
        Wrong::Model => ("404 Not Found", "ResourceNotFoundException", "why"),
        Wrong::TooLong => (
            "400 Bad Request",
            "ValidationException",
            "Input is too long for requested model.",
        ),
        Wrong::TooMany => ("429 Too Many Requests", "ThrottlingException", "why"),
        Wrong::Quota => ("400 Bad Request", "ServiceQuotaExceededException", "why"),
        Wrong::Busy => (
            "503 Service Unavailable",
            "ServiceUnavailableException",
            "why",
        ),
    };
    let code = format!("{name}:http://internal.amazon.com/coral/com.amazon.bedrock/");
    Refusal {
        headers: vec![("x-amzn-ErrorType", code)],
        ..refusal(status, &json!({"message": message}))
    }
}

/// Servers that put nothing but a sentence into their errors.
fn sentence_refuses(wrong: Wrong) -> Refusal {
    let (status, message) = match wrong {
        Wrong::Key => ("401 Unauthorized", "why"),
        Wrong::Forbidden => ("403 Forbidden", "no access to feature"),
        Wrong::Model => ("404 Not Found", "model 'm' not found"),
        Wrong::TooLong => ("400 Bad Request", "prompt is too long: 9"),
        Wrong::TooMany => ("429 Too Many Requests", "why"),
        Wrong::Quota => ("402 Payment Required", "why"),
        Wrong::Busy => ("503 Service Unavailable", "why"),
    };
    refusal(status, &json!({ "error": message }))
}

fn choice(delta: &Value) -> String {
    data(&json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}))
}

/// Chat completions of OpenAI, with Azure's first chunk.
pub const OPENAI_CHAT: Voice = Voice {
    name: "chat completions",
    media: SSE,
    bytes: plain,
    before: "data: {\"choices\":[],\"prompt_filter_results\":[]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
    text: |text| choice(&json!({ "content": text })),
    end: "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n",
    limit: "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\ndata: [DONE]\n\n",
    filter: Some(
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\ndata: [DONE]\n\n",
    ),
    busy: "data: {\"error\":{\"message\":\"m\",\"type\":\"server_error\",\"code\":null}}\n\n",
    broken: "data: {]}\n\n",
    idle: ": ping\n\n",
    refuses: openai_refuses,
    usage: [Some(7), Some(5), Some(4)],
};

/// Legacy completions.
pub const OPENAI_TEXT: Voice = Voice {
    name: "completions",
    before: "",
    text: |text| data(&json!({"choices": [{"index": 0, "text": text, "finish_reason": null}]})),
    end: "data: {\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":4}}}\n\ndata: [DONE]\n\n",
    ..OPENAI_CHAT
};

/// OpenAI's Responses.
pub const RESPONSES: Voice = Voice {
    name: "responses",
    before: "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"status\":\"in_progress\"}}\n\n",
    text: |text| {
        named(
            &json!({"type": "response.output_text.delta", "item_id": "i", "output_index": 0, "content_index": 0, "delta": text}),
        )
    },
    end: "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\",\"usage\":{\"input_tokens\":7,\"input_tokens_details\":{\"cached_tokens\":4},\"output_tokens\":5}}}\n\n",
    limit: "event: response.incomplete\ndata: {\"type\":\"response.incomplete\",\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}}}\n\n",
    filter: Some(
        "event: response.incomplete\ndata: {\"type\":\"response.incomplete\",\"response\":{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"content_filter\"}}}\n\n",
    ),
    busy: "event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":{\"error\":{\"code\":\"server_error\",\"message\":\"m\"}}}\n\n",
    ..OPENAI_CHAT
};

/// Anthropic's messages.
pub const ANTHROPIC: Voice = Voice {
    name: "messages",
    before: "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"role\":\"assistant\",\"content\":[],\"usage\":{\"input_tokens\":3,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":4,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: ping\ndata: {\"type\":\"ping\"}\n\n",
    text: |text| {
        named(
            &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}),
        )
    },
    end: "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    limit: "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\"},\"usage\":{\"output_tokens\":5}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    filter: None,
    busy: "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"m\"}}\n\n",
    refuses: anthropic_refuses,
    ..OPENAI_CHAT
};

/// Google's Gemini.
pub const GEMINI: Voice = Voice {
    name: "generateContent",
    before: "",
    text: |text| {
        format!(
            "data: {}\r\n\r\n",
            json!({"candidates": [{"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}], "usageMetadata": {"promptTokenCount": 7}})
        )
    },
    end: "data: {\"candidates\":[{\"content\":{\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":7,\"candidatesTokenCount\":3,\"thoughtsTokenCount\":2,\"cachedContentTokenCount\":4}}\r\n\r\n",
    limit: "data: {\"candidates\":[{\"finishReason\":\"MAX_TOKENS\",\"index\":0}]}\r\n\r\n",
    filter: Some("data: {\"candidates\":[{\"finishReason\":\"SAFETY\",\"index\":0}]}\r\n\r\n"),
    busy: "data: {\"error\":{\"code\":503,\"message\":\"m\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n",
    refuses: google_refuses,
    ..OPENAI_CHAT
};

/// Ollama's chat.
pub const OLLAMA_CHAT: Voice = Voice {
    name: "ollama's chat",
    media: "application/x-ndjson",
    before: "",
    text: |text| line(&json!({"message": {"role": "assistant", "content": text}, "done": false})),
    end: "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":5}\n",
    limit: "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"length\"}\n",
    filter: None,
    busy: "{\"error\":\"the runner stopped\"}\n",
    broken: "{]}\n",
    idle: "\n",
    refuses: sentence_refuses,
    usage: [Some(7), Some(5), None],
    ..OPENAI_CHAT
};

/// Ollama's holes and raw text.
pub const OLLAMA_TEXT: Voice = Voice {
    name: "ollama's generate",
    text: |text| line(&json!({"response": text, "done": false})),
    end: "{\"response\":\"\",\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":7,\"eval_count\":5}\n",
    limit: "{\"response\":\"\",\"done\":true,\"done_reason\":\"length\"}\n",
    ..OLLAMA_CHAT
};

/// llama.cpp's own.
pub const LLAMA_CPP: Voice = Voice {
    name: "infill",
    before: "",
    text: |text| data(&json!({"content": text, "stop": false})),
    end: "data: {\"content\":\"\",\"stop\":true,\"stop_type\":\"eos\",\"tokens_evaluated\":7,\"tokens_predicted\":5,\"timings\":{\"cache_n\":4}}\n\n",
    limit: "data: {\"content\":\"\",\"stop\":true,\"stop_type\":\"limit\"}\n\n",
    filter: None,
    busy: "data: {\"error\":{\"code\":503,\"message\":\"m\",\"type\":\"unavailable_error\"}}\n\n",
    ..OPENAI_CHAT
};

/// text-generation-inference's own.
pub const TGI: Voice = Voice {
    name: "generate_stream",
    before: "",
    text: |text| {
        format!(
            "data:{}\n\n",
            json!({"token": {"id": 1, "text": text, "special": false}, "generated_text": null, "details": null})
        )
    },
    end: "data:{\"token\":{\"id\":0,\"text\":\"</s>\",\"special\":true},\"generated_text\":\"x\",\"details\":{\"finish_reason\":\"eos_token\",\"generated_tokens\":5,\"input_length\":7}}\n\n",
    limit: "data:{\"token\":{\"id\":0,\"text\":\"\",\"special\":true},\"generated_text\":\"x\",\"details\":{\"finish_reason\":\"length\",\"generated_tokens\":5}}\n\n",
    filter: None,
    busy: "data:{\"error\":\"Model is overloaded\",\"error_type\":\"overloaded\"}\n\n",
    refuses: sentence_refuses,
    usage: [Some(7), Some(5), None],
    ..OPENAI_CHAT
};

/// A Sourcegraph instance.
pub const SOURCEGRAPH: Voice = Voice {
    name: "sourcegraph's stream",
    before: "",
    text: |text| format!("event: completion\n{}", data(&json!({ "deltaText": text }))),
    end: "event: completion\ndata: {\"stopReason\":\"end_turn\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":5}}\n\nevent: done\ndata: {}\n\n",
    limit: "event: completion\ndata: {\"stopReason\":\"max_tokens\"}\n\nevent: done\ndata: {}\n\n",
    filter: None,
    busy: "event: error\ndata: {\"error\":\"upstream is overloaded\"}\n\n",
    broken: "event: completion\ndata: {]}\n\n",
    refuses: sentence_refuses,
    usage: [Some(7), Some(5), None],
    ..OPENAI_CHAT
};

/// Bedrock's ConverseStream.
pub const CONVERSE: Voice = Voice {
    name: "converse",
    media: FRAMES,
    bytes: framed,
    before: "messageStart {\"role\":\"assistant\"}\n",
    text: |text| {
        let delta = json!({"contentBlockIndex": 0, "delta": {"text": text}, "p": "abc"});
        format!("contentBlockDelta {delta}\n")
    },
    end: "contentBlockStop {\"contentBlockIndex\":0}\nmessageStop {\"stopReason\":\"end_turn\"}\nmetadata {\"usage\":{\"inputTokens\":3,\"outputTokens\":5,\"totalTokens\":12,\"cacheReadInputTokens\":4}}\n",
    limit: "messageStop {\"stopReason\":\"max_tokens\"}\n",
    filter: Some("messageStop {\"stopReason\":\"content_filtered\"}\n"),
    busy: "exception:modelStreamErrorException {\"message\":\"m\"}\n",
    broken: "contentBlockDelta {]}\n",
    idle: "ping {}\n",
    refuses: aws_refuses,
    usage: [Some(7), Some(5), Some(4)],
};

/// Bedrock's InvokeModelWithResponseStream for Claude.
pub const INVOKE: Voice = Voice {
    name: "invoke",
    media: FRAMES,
    bytes: wrapped,
    busy: "exception:modelStreamErrorException {\"message\":\"m\"}\n",
    broken: "chunk {]}\n",
    idle: "ping {}\n",
    refuses: aws_refuses,
    ..ANTHROPIC
};
