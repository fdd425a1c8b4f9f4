//! Every way in which the server of a model speaks, and every route that leads to one: what tests do wrong to one, they do to all.

mod frames;
mod voices;

use serde_json::{Value, json};

use crate::Exchange;
pub use voices::*;

/// A wire family, as its server speaks it.
#[derive(Debug)]
pub struct Voice {
    /// What it is called in a test's message.
    pub name: &'static str,
    /// The media type of its stream.
    pub media: &'static str,
    /// How what is written here becomes bytes.
    pub bytes: fn(&str) -> Vec<u8>,
    /// What stands in front of the text.
    pub before: &'static str,
    /// A piece of text.
    pub text: fn(&str) -> String,
    /// The end mark of a whole answer, with what was counted.
    pub end: &'static str,
    /// That of an answer that reached its limit.
    pub limit: &'static str,
    /// That of an answer that the provider's filter stopped, where there is one.
    pub filter: Option<&'static str>,
    /// An error in the stream that passes.
    pub busy: &'static str,
    /// An event that cannot be read.
    pub broken: &'static str,
    /// A sign of life without content.
    pub idle: &'static str,
    /// An error instead of a stream.
    pub refuses: fn(Wrong) -> Refusal,
    /// What the end mark counts: input, output, cached.
    pub usage: [Option<u64>; 3],
}

/// What a provider refuses for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// It does not know the key.
    Key,
    /// The key may not.
    Forbidden,
    /// It does not know the model.
    Model,
    /// The prompt is longer than the model takes.
    TooLong,
    /// Too many requests.
    TooMany,
    /// No money is left.
    Quota,
    /// It has trouble.
    Busy,
}

/// An error as the provider words it.
#[derive(Debug)]
pub struct Refusal {
    /// `429 Too Many Requests`.
    pub status: &'static str,
    /// Headers of its own.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Voice {
    /// The head of the stream and what stands in front of the text.
    pub fn begin(&self, exchange: &mut Exchange) {
        exchange.head("200 OK", &[("Content-Type", self.media)]);
        self.write(exchange, self.before);
    }

    /// Events as they are written here.
    pub fn write(&self, exchange: &mut Exchange, events: &str) {
        if !events.is_empty() {
            exchange.chunk(&(self.bytes)(events));
        }
    }

    /// A piece of text.
    pub fn say(&self, exchange: &mut Exchange, text: &str) {
        self.write(exchange, &(self.text)(text));
    }

    /// A whole good stream.
    pub fn answer(&self, mut exchange: Exchange, text: &str) {
        self.begin(&mut exchange);
        self.say(&mut exchange, text);
        self.write(&mut exchange, self.end);
        exchange.end_chunks();
    }

    /// The events of a whole good stream of `pieces`.
    #[must_use]
    pub fn whole(&self, pieces: &[&str]) -> String {
        let texts: String = pieces.iter().map(|piece| (self.text)(piece)).collect();
        format!("{}{texts}{}", self.before, self.end)
    }

    /// An error instead of a stream, with headers of the test's.
    pub fn refuse(&self, exchange: Exchange, wrong: Wrong, more: &[(&str, &str)]) {
        let refusal = (self.refuses)(wrong);
        let own = refusal.headers.iter();
        let mut headers: Vec<(&str, &str)> =
            own.map(|(name, value)| (*name, value.as_str())).collect();
        headers.push(("Content-Type", "application/json"));
        headers.extend_from_slice(more);
        exchange.reply(refusal.status, &headers, refusal.body.as_bytes());
    }

    /// `usage` of a result object for its good answer.
    #[must_use]
    pub fn counted(&self) -> Value {
        let [input, output, cached] = self.usage;
        json!({"input_tokens": input, "output_tokens": output, "cached_tokens": cached})
    }
}

/// A route of some provider.
#[derive(Debug)]
pub struct Provider {
    /// What it is called in a test's message.
    pub name: &'static str,
    /// Its settings as TOML; `{url}` stands for the server.
    pub settings: &'static str,
    /// The model or deployment that messages name.
    pub model: &'static str,
    /// How it answers a chat.
    pub chat: &'static Voice,
    /// How it answers a completion.
    pub completion: &'static Voice,
    /// Whether a credential that is refused is fetched anew.
    pub renews: bool,
}

impl Provider {
    /// The settings of a route `r` to `url`, with more of them.
    #[must_use]
    pub fn config(&self, url: &str, more: &str) -> String {
        format!(
            "[routes.r]\n{}\n{more}\n",
            self.settings.replace("{url}", url)
        )
    }
}

/// The key of every route here, in its own variable, in a token's place, and in that of AWS.
pub const KEY: &str = "sk-canary-Zq7vXw41LmPd83";
/// AWS's name of a key, which is no secret but travels with it.
pub const AWS_KEY_ID: &str = "AKIDCANARY0EXAMPLE";

/// What every route here takes its key from.
pub const VARIABLES: &[(&str, &str)] = &[
    ("KEY", KEY),
    ("AWS_ACCESS_KEY_ID", AWS_KEY_ID),
    ("AWS_SECRET_ACCESS_KEY", KEY),
    ("AWS_SESSION_TOKEN", KEY),
    ("AWS_EC2_METADATA_DISABLED", "true"),
];

const OPENAI: Provider = Provider {
    name: "openai",
    settings: "provider = \"openai\"\nmodel = \"gpt-m\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"",
    model: "gpt-m",
    chat: &OPENAI_CHAT,
    completion: &OPENAI_CHAT,
    renews: false,
};

/// One row for each route that asks in a way of its own.
pub const PROVIDERS: &[Provider] = &[
    OPENAI,
    Provider {
        name: "openai, responses",
        settings: "provider = \"openai\"\nmodel = \"gpt-m\"\napi = \"responses\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"",
        chat: &RESPONSES,
        completion: &RESPONSES,
        ..OPENAI
    },
    Provider {
        name: "a compatible server",
        settings: "provider = \"openai-compatible\"\nmodel = \"qwen2.5-coder-7b\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"",
        model: "qwen2.5-coder-7b",
        completion: &OPENAI_TEXT,
        ..OPENAI
    },
    Provider {
        name: "fireworks",
        settings: "provider = \"fireworks\"\nmodel = \"accounts/fireworks/models/qwen2p5-coder-7b\"\nbase_url = \"{url}/inference/v1\"\napi_key_env = \"KEY\"",
        model: "accounts/fireworks/models/qwen2p5-coder-7b",
        completion: &OPENAI_TEXT,
        ..OPENAI
    },
    Provider {
        name: "mistral",
        settings: "provider = \"mistral\"\nmodel = \"codestral-latest\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"",
        model: "codestral-latest",
        ..OPENAI
    },
    Provider {
        name: "deepseek",
        settings: "provider = \"deepseek\"\nmodel = \"deepseek-chat\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "deepseek-chat",
        completion: &OPENAI_TEXT,
        ..OPENAI
    },
    Provider {
        name: "anthropic",
        settings: "provider = \"anthropic\"\nmodel = \"claude-m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "claude-m",
        chat: &ANTHROPIC,
        completion: &ANTHROPIC,
        ..OPENAI
    },
    Provider {
        name: "gemini",
        settings: "provider = \"gemini\"\nmodel = \"gemini-m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "gemini-m",
        chat: &GEMINI,
        completion: &GEMINI,
        ..OPENAI
    },
    Provider {
        name: "azure",
        settings: "provider = \"azure-openai\"\ndeployment = \"dep\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "dep",
        ..OPENAI
    },
    Provider {
        name: "azure, dated",
        settings: "provider = \"azure-openai\"\ndeployment = \"dep\"\napi_version = \"2024-10-21\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "dep",
        ..OPENAI
    },
    Provider {
        name: "bedrock",
        settings: "provider = \"bedrock\"\nmodel = \"eu.vendor.m-v1:0\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"",
        model: "eu.vendor.m-v1:0",
        chat: &CONVERSE,
        completion: &CONVERSE,
        ..OPENAI
    },
    Provider {
        name: "bedrock, invoke",
        settings: "provider = \"bedrock\"\nmodel = \"eu.anthropic.m-v1:0\"\nregion = \"eu-west-1\"\napi = \"invoke\"\nbase_url = \"{url}\"",
        model: "eu.anthropic.m-v1:0",
        chat: &INVOKE,
        completion: &INVOKE,
        ..OPENAI
    },
    Provider {
        name: "vertex, gemini",
        settings: "provider = \"vertex\"\nmodel = \"gemini-m\"\nproject = \"p\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]",
        model: "gemini-m",
        chat: &GEMINI,
        completion: &GEMINI,
        renews: true,
    },
    Provider {
        name: "vertex, claude",
        settings: "provider = \"vertex\"\nmodel = \"claude-m\"\nproject = \"p\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]",
        model: "claude-m",
        chat: &ANTHROPIC,
        completion: &ANTHROPIC,
        renews: true,
    },
    Provider {
        name: "vertex, codestral",
        settings: "provider = \"vertex\"\nmodel = \"codestral-2\"\nproject = \"p\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]",
        model: "codestral-2",
        renews: true,
        ..OPENAI
    },
    Provider {
        name: "llama.cpp",
        settings: "provider = \"llama-cpp\"\nmodel = \"m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "m",
        completion: &LLAMA_CPP,
        ..OPENAI
    },
    Provider {
        name: "ollama",
        settings: "provider = \"ollama\"\nmodel = \"m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "m",
        chat: &OLLAMA_CHAT,
        completion: &OLLAMA_TEXT,
        ..OPENAI
    },
    Provider {
        name: "tgi",
        settings: "provider = \"tgi\"\nmodel = \"starcoder2-3b\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "starcoder2-3b",
        completion: &TGI,
        ..OPENAI
    },
    Provider {
        name: "sourcegraph",
        settings: "provider = \"sourcegraph\"\nmodel = \"v::1::m\"\nclient_name = \"vscode\"\nclient_version = \"1.2.3\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "v::1::m",
        chat: &SOURCEGRAPH,
        completion: &SOURCEGRAPH,
        ..OPENAI
    },
    Provider {
        name: "cody gateway",
        settings: "provider = \"cody-gateway\"\nmodel = \"starcoder2-7b\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "starcoder2-7b",
        completion: &OPENAI_TEXT,
        ..OPENAI
    },
    Provider {
        name: "cody gateway, anthropic",
        settings: "provider = \"cody-gateway\"\nupstream = \"anthropic\"\nmodel = \"claude-m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"",
        model: "claude-m",
        chat: &ANTHROPIC,
        completion: &ANTHROPIC,
        ..OPENAI
    },
];
