//! What the codes and types of error bodies mean: rows by provider, read before the status.

use super::super::error::{Kind, NO_KEY, NO_MODEL, Retry};
use super::RATE;

/// Waiting does not help.
pub const NO_QUOTA: &str = "the quota is used up; check the provider's billing page";
const TOO_LONG: &str =
    "the prompt is longer than the model takes; lower `context_tokens` of this route";
const BUSY: &str = "the provider is overloaded; try again later";
const FILTERED: &str = "the provider's content filter stopped the request";

const FAST: &str = "too many requests; wait a moment";
const NOT_YOURS: &str = "the key may not use this model or address; check its permissions";
const NO_FIM: &str =
    "the server cannot do this with this model; set `fim` of this route to another way";

/// A class, whether it passes, and the words for it.
pub type Meaning = (Kind, Retry, &'static str);
const NO_KEY_ROW: Meaning = (Kind::Auth, Retry::Never, NO_KEY);
const TOO_LONG_ROW: Meaning = (Kind::TooLong, Retry::Never, TOO_LONG);
const NO_QUOTA_ROW: Meaning = (Kind::Quota, Retry::Never, NO_QUOTA);
const FILTERED_ROW: Meaning = (Kind::Filtered, Retry::Never, FILTERED);
const NO_MODEL_ROW: Meaning = (Kind::Refused, Retry::Never, NO_MODEL);
const FAST_ROW: Meaning = (RATE, Retry::Soon, FAST);
const BUSY_ROW: Meaning = (Kind::Overloaded, Retry::Soon, BUSY);
const NOT_YOURS_ROW: Meaning = (Kind::Forbidden, Retry::Never, NOT_YOURS);
const NO_FIM_ROW: Meaning = (Kind::Unsupported, Retry::Never, NO_FIM);

const AWS_KEYS_ROW: Meaning = (
    Kind::Auth,
    Retry::Never,
    "AWS does not know these keys; check `profile` of this route or `AWS_ACCESS_KEY_ID`, and whether the account uses this region",
);
const AWS_SECRET_ROW: Meaning = (
    Kind::Auth,
    Retry::Never,
    "the AWS secret key does not fit its key; check `profile` of this route or `AWS_SECRET_ACCESS_KEY`",
);
const AWS_ENDED_ROW: Meaning = (
    Kind::Auth,
    Retry::Never,
    "the AWS session has ended; sign in again (`aws sso login`), or renew `AWS_SESSION_TOKEN`",
);

/// Words of messages, in small letters, for which several servers have no code; no other words of a message are read.
pub const PHRASES: &[(&str, Meaning)] = &[
    ("prompt is too long", TOO_LONG_ROW),
    ("input is too long for requested model", TOO_LONG_ROW),
    ("exceeds the maximum number of tokens allowed", TOO_LONG_ROW),
    ("maximum context length is", TOO_LONG_ROW),
    ("exceeds the available context size", TOO_LONG_ROW),
    ("`inputs` tokens + `max_new_tokens` must be", TOO_LONG_ROW),
    ("is longer than the maximum model length", TOO_LONG_ROW),
    // Cody Gateway lists them behind it.
    ("is not allowed, allowed: [", NO_MODEL_ROW),
    // DeepSeek.
    ("model not exist", NO_MODEL_ROW),
    // A Sourcegraph instance.
    ("unsupported chat model", NO_MODEL_ROW),
    ("unsupported code completion model", NO_MODEL_ROW),
    // llama.cpp, while it reads the file of the model.
    (
        "loading model",
        (
            Kind::Overloaded,
            Retry::Soon,
            "the server is still loading its model; try again in a moment",
        ),
    ),
    (
        "with on-demand throughput",
        (
            Kind::Refused,
            Retry::Never,
            "this model is asked for by an inference profile only; put its region in front of `model`, like `eu.` or `us.`, or name the profile's ARN",
        ),
    ),
    (
        "model identifier is invalid",
        (
            Kind::Refused,
            Retry::Never,
            "the region does not know this model; check `model` and `region` of this route",
        ),
    ),
];

/// Codes and types of error bodies that say more than the status does; `*` in front stands for anything.
pub const CODES: &[(&str, Meaning)] = &[
    // OpenAI and those who do as it does.
    ("context_length_exceeded", TOO_LONG_ROW),
    ("string_above_max_length", TOO_LONG_ROW),
    ("insufficient_quota", NO_QUOTA_ROW),
    ("billing_hard_limit_reached", NO_QUOTA_ROW),
    ("content_filter", FILTERED_ROW),
    ("content_policy_violation", FILTERED_ROW),
    ("invalid_api_key", NO_KEY_ROW),
    ("model_not_found", NO_MODEL_ROW),
    // Mistral.
    ("invalid_model", NO_MODEL_ROW),
    ("rate_limit_exceeded", FAST_ROW),
    ("server_error", BUSY_ROW),
    // Azure.
    (
        "DeploymentNotFound",
        (
            Kind::Refused,
            Retry::Never,
            "the resource has no such deployment; check `deployment`, `base_url` and `api_version` of this route",
        ),
    ),
    (
        "PermissionDenied",
        (
            Kind::Forbidden,
            Retry::Never,
            "this identity has no role that lets it ask; give it `Cognitive Services OpenAI User` at the resource, or check `client_id` of this route",
        ),
    ),
    // llama.cpp and TGI.
    ("exceed_context_size_error", TOO_LONG_ROW),
    ("not_supported_error", NO_FIM_ROW),
    ("overloaded", BUSY_ROW),
    // Anthropic.
    ("*spend_limit_reached", NO_QUOTA_ROW),
    ("authentication_error", NO_KEY_ROW),
    ("permission_error", NOT_YOURS_ROW),
    ("billing_error", NO_QUOTA_ROW),
    ("not_found_error", NO_MODEL_ROW),
    ("request_too_large", TOO_LONG_ROW),
    ("rate_limit_error", FAST_ROW),
    ("overloaded_error", BUSY_ROW),
    ("timeout_error", BUSY_ROW),
    ("api_error", BUSY_ROW),
    // Google.
    ("API_KEY_INVALID", NO_KEY_ROW),
    ("UNAUTHENTICATED", NO_KEY_ROW),
    ("PERMISSION_DENIED", NOT_YOURS_ROW),
    ("RESOURCE_EXHAUSTED", FAST_ROW),
    ("UNAVAILABLE", BUSY_ROW),
    ("DEADLINE_EXCEEDED", BUSY_ROW),
    ("INTERNAL", BUSY_ROW),
    // AWS.
    ("ThrottlingException", FAST_ROW),
    ("throttlingException", FAST_ROW),
    ("ServiceQuotaExceededException", NO_QUOTA_ROW),
    ("ModelNotReadyException", BUSY_ROW),
    ("ModelTimeoutException", BUSY_ROW),
    ("ModelErrorException", BUSY_ROW),
    ("*odelStreamErrorException", BUSY_ROW),
    ("*nternalServerException", BUSY_ROW),
    ("*erviceUnavailableException", BUSY_ROW),
    (
        "AccessDeniedException",
        (
            Kind::Forbidden,
            Retry::Never,
            "these AWS credentials may not use this model; check its access in the account, and `profile` and `region` of this route",
        ),
    ),
    ("UnrecognizedClientException", AWS_KEYS_ROW),
    ("InvalidClientTokenId", AWS_KEYS_ROW),
    ("InvalidSignatureException", AWS_SECRET_ROW),
    ("SignatureDoesNotMatch", AWS_SECRET_ROW),
    ("ExpiredToken", AWS_ENDED_ROW),
    ("ExpiredTokenException", AWS_ENDED_ROW),
    (
        "ResourceNotFoundException",
        (
            Kind::Refused,
            Retry::Never,
            "the region does not know this model; check `model` and `region` of this route",
        ),
    ),
];

/// What a type says inside of a stream, where no status does.
pub const STREAMED: &[(&str, Meaning)] = &[
    ("invalid_request_error", REFUSED_ROW),
    ("INVALID_ARGUMENT", REFUSED_ROW),
    ("NOT_FOUND", NO_MODEL_ROW),
    ("*alidationException", REFUSED_ROW),
];
const REFUSED_ROW: Meaning = (
    Kind::Refused,
    Retry::Never,
    "the request was refused; check `model` and `extra_body` of this route",
);

/// What `word` means in `table`.
pub fn meaning(table: &[(&str, Meaning)], word: &str) -> Option<Meaning> {
    let fits = |code: &str| match code.strip_prefix('*') {
        Some(tail) => word.ends_with(tail),
        None => word == code,
    };
    table
        .iter()
        .find(|(code, _)| fits(code))
        .map(|(_, meaning)| *meaning)
}
