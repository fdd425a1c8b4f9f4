//! A wrong setting is one sentence that names it and the mend, with its exit code; nothing else is shown and, where it can be known
//! beforehand, nothing is sent.

use nextline_tests::families::{
    ANTHROPIC, CONVERSE, GEMINI, OLLAMA_CHAT, OPENAI_CHAT, SOURCEGRAPH, Wrong,
};

use super::*;

/// What the server does.
enum Server {
    /// It is not asked.
    Silent,
    /// It answers well.
    Good(&'static Voice),
    /// It refuses.
    Refuses(&'static Voice, Wrong),
    /// It refuses in its own words.
    Says(&'static str, &'static str),
}

struct Mistake {
    name: &'static str,
    /// The route, as TOML; `{url}` stands for the server.
    route: &'static str,
    server: Server,
    code: i32,
    /// What the sentence names, the mend among it.
    names: &'static [&'static str],
}

const fn mistake(
    name: &'static str,
    route: &'static str,
    server: Server,
    code: i32,
    names: &'static [&'static str],
) -> Mistake {
    Mistake {
        name,
        route,
        server,
        code,
        names,
    }
}

/// No variable of these tests.
const GONE: &str = "variable `GONE` is empty or not set";

/// One row for each mistake that a person can make with a provider.
#[rustfmt::skip]
const MISTAKES: &[Mistake] = &[
    // Keys that are not there.
    mistake("openai, no key", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{url}/v1\"\napi_key_env = \"GONE\"", Server::Silent, 3, &[GONE, "`api_key_env`"]),
    mistake("openai, no usual key", "provider = \"openai\"\nmodel = \"m\"", Server::Silent, 3, &["`OPENAI_API_KEY`", "api.openai.com"]),
    mistake("anthropic, no usual key", "provider = \"anthropic\"\nmodel = \"m\"", Server::Silent, 3, &["`ANTHROPIC_API_KEY`"]),
    mistake("gemini, no usual key", "provider = \"gemini\"\nmodel = \"m\"", Server::Silent, 3, &["`GOOGLE_API_KEY` or `GEMINI_API_KEY`"]),
    mistake("fireworks, no usual key", "provider = \"fireworks\"\nmodel = \"m\"", Server::Silent, 3, &["`FIREWORKS_API_KEY`"]),
    mistake("mistral, no usual key", "provider = \"mistral\"\nmodel = \"m\"", Server::Silent, 3, &["`MISTRAL_API_KEY`"]),
    mistake("deepseek, no usual key", "provider = \"deepseek\"\nmodel = \"m\"", Server::Silent, 3, &["`DEEPSEEK_API_KEY`"]),
    mistake("azure, no key", "provider = \"azure-openai\"\ndeployment = \"d\"\nauth = \"key\"\nbase_url = \"https://r.openai.azure.com\"", Server::Silent, 3, &["`AZURE_OPENAI_API_KEY`"]),
    mistake("sourcegraph, another instance's key", "provider = \"sourcegraph\"\nmodel = \"m\"\nbase_url = \"{url}\"", Server::Silent, 3, &["`SRC_ACCESS_TOKEN`", "`SRC_ENDPOINT`"]),
    mistake("gateway, no usual key", "provider = \"cody-gateway\"\nmodel = \"m\"", Server::Silent, 3, &["`CODY_ACCESS_TOKEN`"]),
    mistake("a command that fails", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{url}/v1\"\napi_key_cmd = [\"false\"]", Server::Silent, 3, &["`false`", "failed"]),
    mistake("a token's command that is not there", "provider = \"vertex\"\nmodel = \"gemini-m\"\nproject = \"p\"\nbase_url = \"{url}\"\ntoken_command = [\"/no/such/program\"]", Server::Silent, 3, &["`/no/such/program`", "cannot be started"]),
    mistake("another vendor's key", "provider = \"mistral\"\nmodel = \"m\"\napi_key_env = \"OPENAI_API_KEY\"", Server::Silent, 2, &["`OPENAI_API_KEY`", "mistral"]),
    // Keys that are refused.
    mistake("openai, a wrong key", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"", Server::Refuses(&OPENAI_CHAT, Wrong::Key), 3, &["key was not accepted", "401"]),
    mistake("gemini, a wrong key", "provider = \"gemini\"\nmodel = \"m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Refuses(&GEMINI, Wrong::Key), 3, &["key was not accepted", "400"]),
    mistake("anthropic, a wrong key", "provider = \"anthropic\"\nmodel = \"m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Refuses(&ANTHROPIC, Wrong::Key), 3, &["key was not accepted"]),
    mistake("bedrock, keys that AWS does not know", "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"", Server::Refuses(&CONVERSE, Wrong::Key), 3, &["AWS does not know these keys", "`profile`", "`AWS_ACCESS_KEY_ID`"]),
    mistake("bedrock, a secret that does not fit", "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"", Server::Says("403 Forbidden", "{\"__type\":\"com.amazon#InvalidSignatureException\",\"message\":\"m\"}"), 3, &["`AWS_SECRET_ACCESS_KEY`"]),
    mistake("bedrock, a session that ended", "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"", Server::Says("403 Forbidden", "{\"__type\":\"ExpiredTokenException\",\"message\":\"m\"}"), 3, &["session has ended", "aws sso login"]),
    mistake("sourcegraph, a wrong token", "provider = \"sourcegraph\"\nmodel = \"m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Refuses(&SOURCEGRAPH, Wrong::Key), 3, &["key was not accepted"]),
    mistake("gateway, no access", "provider = \"cody-gateway\"\nmodel = \"m\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Says("403 Forbidden", "{\"error\":\"completions access has not been granted\"}"), 6, &["may not use", "permissions"]),
    mistake("openai, a wrong key of a variable", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"", Server::Refuses(&OPENAI_CHAT, Wrong::Key), 3, &["the variable `KEY`", "`api_key_env`"]),
    mistake("anthropic, a wrong key of a command", "provider = \"anthropic\"\nmodel = \"m\"\nbase_url = \"{url}\"\napi_key_cmd = [\"printenv\", \"KEY\"]", Server::Refuses(&ANTHROPIC, Wrong::Key), 3, &["`printenv`", "`api_key_cmd`"]),
    mistake("vertex, a wrong token", "provider = \"vertex\"\nmodel = \"gemini-m\"\nproject = \"p\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]", Server::Says("401 Unauthorized", "{}"), 3, &["`printenv`", "`token_command`"]),
    mistake("compatible, no key where one is wanted", "provider = \"openai-compatible\"\nmodel = \"m\"\nbase_url = \"{url}/v1\"", Server::Says("401 Unauthorized", "{}"), 3, &["a key is wanted and none is set", "`api_key_env`"]),
    mistake("ollama, no key where one is wanted", "provider = \"ollama\"\nmodel = \"m\"\nbase_url = \"{url}\"", Server::Says("401 Unauthorized", "{\"error\":\"unauthorized\"}"), 3, &["a key is wanted and none is set"]),
    mistake("azure, an identity without a role", "provider = \"azure-openai\"\ndeployment = \"d\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]", Server::Says("401 Unauthorized", "{\"error\":{\"code\":\"PermissionDenied\",\"message\":\"m\"}}"), 6, &["Cognitive Services OpenAI User"]),
    // Models.
    mistake("openai, a wrong model", "provider = \"openai\"\nmodel = \"nope\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"", Server::Refuses(&OPENAI_CHAT, Wrong::Model), 6, &["nope", "`model`"]),
    mistake("anthropic, a wrong model", "provider = \"anthropic\"\nmodel = \"nope\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Refuses(&ANTHROPIC, Wrong::Model), 6, &["nope", "`model`"]),
    mistake("gemini, a wrong model", "provider = \"gemini\"\nmodel = \"nope\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Refuses(&GEMINI, Wrong::Model), 6, &["nope", "`model`"]),
    mistake("ollama, a model that is not pulled", "provider = \"ollama\"\nmodel = \"nope\"\nbase_url = \"{url}\"", Server::Refuses(&OLLAMA_CHAT, Wrong::Model), 6, &["nope", "`model`"]),
    mistake("bedrock, a wrong model", "provider = \"bedrock\"\nmodel = \"nope\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"", Server::Refuses(&CONVERSE, Wrong::Model), 6, &["nope", "`model`", "`region`"]),
    mistake("bedrock, a model without a profile", "provider = \"bedrock\"\nmodel = \"nope\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"", Server::Says("400 Bad Request", "{\"message\":\"Invocation of model ID nope with on-demand throughput isn\\u2019t supported. Retry\"}"), 6, &["inference profile", "`model`"]),
    mistake("bedrock, a model of another region", "provider = \"bedrock\"\nmodel = \"nope\"\nregion = \"eu-west-1\"\nbase_url = \"{url}\"", Server::Says("400 Bad Request", "{\"message\":\"The provided model identifier is invalid.\"}"), 6, &["`model`", "`region`"]),
    mistake("vertex, a wrong model", "provider = \"vertex\"\nmodel = \"gemini-nope\"\nproject = \"p\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]", Server::Refuses(&GEMINI, Wrong::Model), 6, &["gemini-nope", "`model`"]),
    mistake("gateway, a model that is not allowed", "provider = \"cody-gateway\"\nmodel = \"nope\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Says("400 Bad Request", "{\"error\":\"model \\\"nope\\\" is not allowed, allowed: [a, b]\"}"), 6, &["nope", "`model`"]),
    mistake("mistral, a wrong model", "provider = \"mistral\"\nmodel = \"nope\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"", Server::Says("400 Bad Request", "{\"object\":\"error\",\"message\":\"Invalid model: nope\",\"type\":\"invalid_model\",\"code\":\"1500\"}"), 6, &["nope", "does not know this model", "`model`"]),
    mistake("deepseek, a wrong model", "provider = \"deepseek\"\nmodel = \"nope\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Says("400 Bad Request", "{\"error\":{\"message\":\"Model Not Exist\",\"type\":\"invalid_request_error\",\"code\":\"invalid_request_error\"}}"), 6, &["nope", "does not know this model", "`model`"]),
    mistake("sourcegraph, a wrong model", "provider = \"sourcegraph\"\nmodel = \"nope\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Says("400 Bad Request", "unsupported chat model \"nope\" (default \"a::b::c\")\n"), 6, &["nope", "does not know this model", "`model`"]),
    mistake("llama.cpp, a model that is being loaded", "provider = \"llama-cpp\"\nbase_url = \"{url}\"", Server::Says("503 Service Unavailable", "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}"), 5, &["still loading its model"]),
    // Deployments and versions.
    mistake("azure, a wrong deployment", "provider = \"azure-openai\"\ndeployment = \"nope\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Says("404 Not Found", "{\"error\":{\"code\":\"DeploymentNotFound\",\"message\":\"m\"}}"), 6, &["nope", "`deployment`", "`base_url`"]),
    mistake("azure, a wrong version", "provider = \"azure-openai\"\ndeployment = \"d\"\napi_version = \"1999-01-01\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Says("404 Not Found", "{\"error\":{\"code\":\"404\",\"message\":\"Resource not found\"}}"), 6, &["`base_url`"]),
    // Addresses, regions, places.
    mistake("no address", "provider = \"openai-compatible\"\nmodel = \"m\"", Server::Silent, 2, &["`base_url`"]),
    mistake("an address that is none", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"127.0.0.1:8080\"\napi_key_env = \"KEY\"", Server::Silent, 2, &["routes.r.base_url", "http://"]),
    mistake("an address of another kind", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"ftp://127.0.0.1/\"\napi_key_env = \"KEY\"", Server::Silent, 2, &["routes.r.base_url", "http://"]),
    mistake("a key in the address", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:9/v1?key=sk-x\"\napi_key_env = \"KEY\"", Server::Silent, 2, &["routes.r.base_url", "remove the rest"]),
    mistake("nobody there", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:1/v1\"\napi_key_env = \"KEY\"", Server::Silent, 5, &["127.0.0.1:1", "nothing listens", "`base_url`"]),
    mistake("a host that nobody knows", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://no-such-host.invalid/v1\"\napi_key_env = \"KEY\"", Server::Silent, 5, &["no-such-host.invalid", "name of the host is not known", "`base_url`"]),
    mistake("https where http is spoken", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{tls}/v1\"\napi_key_env = \"KEY\"", Server::Good(&OPENAI_CHAT), 5, &["`base_url`"]),
    mistake("bedrock, no region", "provider = \"bedrock\"\nmodel = \"m\"\nbase_url = \"{url}\"", Server::Silent, 2, &["`region`"]),
    mistake("bedrock, a region that is none", "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu west\"", Server::Silent, 2, &["routes.r.region", "letters, digits"]),
    mistake("bedrock, a region that nobody knows", "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu-nowhere-9\"", Server::Silent, 5, &["bedrock-runtime.eu-nowhere-9.amazonaws.com", "`region`"]),
    mistake("bedrock, no such profile", "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu-west-1\"\nprofile = \"nope\"\nbase_url = \"{url}\"", Server::Silent, 3, &["`nope`", "`profile`"]),
    mistake("bedrock, another interface", "provider = \"bedrock\"\nmodel = \"m\"\nregion = \"eu-west-1\"\napi = \"chat\"\nbase_url = \"{url}\"", Server::Silent, 2, &["converse", "invoke"]),
    mistake("vertex, no project", "provider = \"vertex\"\nmodel = \"gemini-m\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]", Server::Silent, 2, &["`project`"]),
    mistake("vertex, a location that nobody knows", "provider = \"vertex\"\nmodel = \"gemini-m\"\nproject = \"p\"\nlocation = \"nowhere9\"\ntoken_command = [\"printenv\", \"KEY\"]", Server::Silent, 5, &["nowhere9-aiplatform.googleapis.com", "`location`"]),
    mistake("vertex, another publisher", "provider = \"vertex\"\nmodel = \"m\"\nproject = \"p\"\npublisher = \"meta\"\nbase_url = \"{url}\"\ntoken_command = [\"printenv\", \"KEY\"]", Server::Silent, 2, &["anthropic", "google", "mistralai"]),
    mistake("gateway, another upstream", "provider = \"cody-gateway\"\nmodel = \"m\"\nupstream = \"cohere\"\nbase_url = \"{url}\"\napi_key_env = \"KEY\"", Server::Silent, 2, &["fireworks", "anthropic"]),
    // Files, proxies, providers.
    mistake("a bundle that is not there", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{tls}/v1\"\napi_key_env = \"KEY\"\nca_bundle = \"/no/such.pem\"", Server::Silent, 2, &["`ca_bundle`", "/no/such.pem"]),
    mistake("a certificate that is not there", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{tls}/v1\"\napi_key_env = \"KEY\"\nclient_cert = \"/no/such.pem\"", Server::Silent, 2, &["`client_cert`", "/no/such.pem"]),
    mistake("a proxy that is none", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"{url}/v1\"\napi_key_env = \"KEY\"\nproxy = \"socks9://x\"", Server::Silent, 2, &["routes.r.proxy"]),
    mistake("a proxy that is not there", "provider = \"openai\"\nmodel = \"m\"\nbase_url = \"http://model.invalid/v1\"\napi_key_env = \"KEY\"\nproxy = \"http://127.0.0.1:1\"", Server::Silent, 5, &["`proxy`"]),
    mistake("a provider that is none", "provider = \"openal\"\nmodel = \"m\"", Server::Silent, 2, &["`openai`"]),
];

#[test]
fn a_mistake_is_one_sentence_with_its_mend() {
    let mut complaints = Complaints::default();
    for row in MISTAKES {
        let route = match row.server {
            Server::Silent => served(drop),
            Server::Good(voice) => served(move |exchange| voice.answer(exchange, "ok")),
            Server::Refuses(voice, wrong) => {
                served(move |exchange| voice.refuse(exchange, wrong, &[]))
            }
            Server::Says(status, body) => served(move |exchange| {
                let json = [("Content-Type", "application/json")];
                exchange.reply(status, &json, body.as_bytes());
            }),
        };
        let settings = row
            .route
            .replace("{url}", &route.url())
            .replace("{tls}", &route.url().replace("http", "https"));
        let (output, _) = chat(&format!("[routes.r]\n{settings}\n"));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let missing: Vec<_> = row
            .names
            .iter()
            .filter(|name| !said.contains(**name))
            .collect();
        // A warning about the settings may stand before it; the trouble is one line.
        let lines = said.lines().filter(|line| !line.is_empty()).count();
        let right = output.status.code() == Some(row.code) && missing.is_empty() && lines <= 3;
        complaints.unless(right, || {
            format!(
                "{}: {:?}, does not name {missing:?}: {said}",
                row.name,
                output.status.code()
            )
        });
        complaints.unless(!said.contains("sk-x") && !said.contains(KEY), || {
            format!("{}: a key: {said}", row.name)
        });
        let silent = matches!(row.server, Server::Silent);
        complaints.unless(!silent || asked(&route) == 0, || {
            format!("{}: it was asked", row.name)
        });
    }
    assert!(
        complaints.0.is_empty(),
        "{} wrong:\n{}",
        complaints.0.len(),
        complaints.0.join("\n")
    );
}

/// Sourcegraph's gateway says how many requests there may be, and names a date to come back at, by its own clock.
#[test]
fn a_limit_is_said_and_its_date_is_of_the_providers_clock() {
    let route = served(|exchange| {
        let headers = [
            ("Content-Type", "text/plain"),
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", "0"),
            ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("Retry-After", "Sun, 06 Nov 1994 10:49:37 GMT"),
        ];
        let body = b"you have exceeded the rate limit of 5 requests";
        exchange.reply("429 Too Many Requests", &headers, body);
    });
    let settings = format!(
        "[routes.r]\nprovider = \"cody-gateway\"\nmodel = \"starcoder2-7b\"\nbase_url = \"{}\"\napi_key_env = \"KEY\"\n",
        route.url()
    );
    let (output, object) = chat(&settings);
    let message = object["error"]["message"].as_str().unwrap_or_default();
    assert_eq!(output.status.code(), Some(4), "{output:?}");
    assert!(
        message.contains("too many requests (the limit is 5); the provider asks to wait 7200 s"),
        "{message}"
    );
    assert!(object["error"]["retry_at"].is_u64(), "{object}");
    assert_eq!(asked(&route), 1);
    let seen = &route.requests()[0];
    assert_eq!(
        seen.header("x-sourcegraph-feature"),
        Some("chat_completions")
    );
}
