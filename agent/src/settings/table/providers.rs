//! Every provider that a route may name, and what it cannot do without.

/// A provider and what it cannot do without.
#[derive(Debug)]
pub struct Provider {
    /// The name as configured.
    pub name: &'static str,
    /// Keys without which no request can be built.
    pub needs: &'static [&'static str],
}

const fn provider(name: &'static str, needs: &'static [&'static str]) -> Provider {
    Provider { name, needs }
}

/// Every provider that a route may name.
pub const PROVIDERS: &[Provider] = &[
    provider("openai", &["model"]),
    provider("anthropic", &["model"]),
    provider("gemini", &["model"]),
    provider("fireworks", &["model"]),
    provider("azure-openai", &["base_url"]),
    provider("bedrock", &["model"]),
    provider("vertex", &["model"]),
    provider("openai-compatible", &["base_url"]),
    provider("llama-cpp", &[]),
    provider("ollama", &["model"]),
    provider("mistral", &["model"]),
    provider("deepseek", &["model"]),
    provider("vllm", &["model"]),
    provider("lm-studio", &["model"]),
    provider("tgi", &[]),
    provider("sourcegraph", &["base_url"]),
    provider("cody-gateway", &["model"]),
];

/// Their names.
pub(super) const PROVIDER_WORDS: &[&str] = &{
    let mut words = [""; PROVIDERS.len()];
    let mut i = 0;
    while i < words.len() {
        words[i] = PROVIDERS[i].name;
        i += 1;
    }
    words
};
