//! The rows: bodies that no client should send, and what must come back.

const PARSE: i64 = -32700;
pub const INVALID: i64 = -32600;
const NO_METHOD: i64 = -32601;
const PARAMS: i64 = -32602;

/// What must come back. `ID` in a body is replaced by a number of its own.
pub enum Expect {
    /// A fault without an id, with one of these codes.
    Nameless(&'static [i64]),
    /// A fault under the body's own id.
    Own(&'static [i64]),
    /// A result under the body's own id.
    Result,
    /// Nothing.
    Quiet,
    /// Nothing, or a fault without an id.
    Loose,
}
mod params;
pub use params::{notifications, wrong_params};

use Expect::{Nameless, Own};

pub struct Row(pub &'static str, pub Vec<u8>, pub Expect);

fn row(name: &'static str, body: impl Into<Vec<u8>>, expect: Expect) -> Row {
    Row(name, body.into(), expect)
}

pub const URI: &str = "file:///torture/lib.rs";

pub fn not_json() -> Vec<Row> {
    let cut = r#"{"jsonrpc":"2.0","id":ID,"method":"agent/status""#;
    vec![
        row("empty body", "", Nameless(&[PARSE, INVALID])),
        row("one space", " ", Nameless(&[PARSE, INVALID])),
        row("a word", "hello", Nameless(&[PARSE])),
        row("half an object", "{", Nameless(&[PARSE])),
        row("cut in the middle", cut, Nameless(&[PARSE])),
        row(
            "trailing comma",
            r#"{"jsonrpc":"2.0","id":ID,"method":"agent/status",}"#,
            Nameless(&[PARSE]),
        ),
        row(
            "two objects",
            r#"{"jsonrpc":"2.0","id":ID,"method":"a"}{}"#,
            Nameless(&[PARSE]),
        ),
        row("single quotes", "{'jsonrpc':'2.0'}", Nameless(&[PARSE])),
        row(
            "a comment",
            r#"{"jsonrpc":"2.0",/* */"id":ID,"method":"a"}"#,
            Nameless(&[PARSE]),
        ),
        row(
            "NaN",
            r#"{"jsonrpc":"2.0","id":ID,"method":"a","params":{"x":NaN}}"#,
            Nameless(&[PARSE]),
        ),
        row("bare NUL", b"\0".to_vec(), Nameless(&[PARSE])),
        row(
            "NUL behind",
            b"{\"jsonrpc\":\"2.0\",\"method\":\"a\"}\0".to_vec(),
            Nameless(&[PARSE]),
        ),
        row(
            "newline in a string",
            "{\"jsonrpc\":\"2.0\",\"id\":ID,\"method\":\"a\nb\"}",
            Nameless(&[PARSE, INVALID]),
        ),
        row(
            "invalid UTF-8",
            b"{\"jsonrpc\":\"2.0\",\"method\":\"\xff\xfe\"}".to_vec(),
            Nameless(&[PARSE]),
        ),
        row(
            "overlong UTF-8",
            b"{\"jsonrpc\":\"2.0\",\"method\":\"\xc0\xaf\"}".to_vec(),
            Nameless(&[PARSE]),
        ),
        row(
            "UTF-8 surrogate",
            b"{\"jsonrpc\":\"2.0\",\"method\":\"\xed\xa0\x80\"}".to_vec(),
            Nameless(&[PARSE]),
        ),
        row(
            "UTF-16",
            "{\"a\":1}"
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect::<Vec<u8>>(),
            Nameless(&[PARSE]),
        ),
        row(
            "a header as a body",
            "Content-Length: 2\r\n\r\n{}",
            Nameless(&[PARSE]),
        ),
        row(
            "a bad escape",
            r#"{"jsonrpc":"2.0","id":ID,"method":"\x"}"#,
            Nameless(&[PARSE, INVALID]),
        ),
    ]
}

pub fn not_a_request() -> Vec<Row> {
    vec![
        row("null", "null", Nameless(&[INVALID])),
        row("true", "true", Nameless(&[INVALID])),
        row("a number", "17", Nameless(&[INVALID])),
        row("a string", "\"initialize\"", Nameless(&[INVALID])),
        row("empty object", "{}", Nameless(&[INVALID])),
        row("empty array", "[]", Nameless(&[INVALID])),
        row("array of words", "[1,2,3]", Nameless(&[INVALID])),
        row(
            "a batch, which LSP has not",
            r#"[{"jsonrpc":"2.0","id":ID,"method":"agent/status"}]"#,
            Nameless(&[INVALID]),
        ),
        row(
            "no jsonrpc",
            r#"{"id":ID,"method":"agent/status"}"#,
            Own(&[INVALID]),
        ),
        row(
            "jsonrpc 1.0",
            r#"{"jsonrpc":"1.0","id":ID,"method":"agent/status"}"#,
            Own(&[INVALID]),
        ),
        row(
            "jsonrpc a number",
            r#"{"jsonrpc":2.0,"id":ID,"method":"agent/status"}"#,
            Nameless(&[INVALID]),
        ),
        row("no method", r#"{"jsonrpc":"2.0","id":ID}"#, Own(&[INVALID])),
        row(
            "method a number",
            r#"{"jsonrpc":"2.0","id":ID,"method":7}"#,
            Own(&[INVALID]),
        ),
        row(
            "method null",
            r#"{"jsonrpc":"2.0","id":ID,"method":null}"#,
            Own(&[INVALID]),
        ),
        row(
            "method an object",
            r#"{"jsonrpc":"2.0","id":ID,"method":{}}"#,
            Own(&[INVALID]),
        ),
        row(
            "method with half a pair",
            r#"{"jsonrpc":"2.0","id":ID,"method":"\ud800"}"#,
            Own(&[INVALID, NO_METHOD]),
        ),
        row(
            "id null",
            r#"{"jsonrpc":"2.0","id":null,"method":"agent/status"}"#,
            Nameless(&[INVALID]),
        ),
        row(
            "id a fraction",
            r#"{"jsonrpc":"2.0","id":1.5,"method":"agent/status"}"#,
            Nameless(&[INVALID]),
        ),
        row(
            "id an object",
            r#"{"jsonrpc":"2.0","id":{},"method":"agent/status"}"#,
            Nameless(&[INVALID]),
        ),
        row(
            "id an array",
            r#"{"jsonrpc":"2.0","id":[1],"method":"agent/status"}"#,
            Nameless(&[INVALID]),
        ),
        row(
            "id true",
            r#"{"jsonrpc":"2.0","id":true,"method":"agent/status"}"#,
            Nameless(&[INVALID]),
        ),
        row(
            "id with an exponent",
            r#"{"jsonrpc":"2.0","id":1e400,"method":"agent/status"}"#,
            Nameless(&[INVALID, PARSE]),
        ),
        row(
            "id half a pair",
            r#"{"jsonrpc":"2.0","id":"\udc00","method":"agent/status"}"#,
            Nameless(&[INVALID, PARSE]),
        ),
        row(
            "id twice",
            r#"{"jsonrpc":"2.0","id":ID,"id":ID,"method":"agent/status"}"#,
            Nameless(&[INVALID, PARSE]),
        ),
        row(
            "method twice",
            r#"{"jsonrpc":"2.0","id":ID,"method":"a","method":"b"}"#,
            Nameless(&[INVALID, PARSE]),
        ),
    ]
}

/// `levels` brackets inside a request that is itself one level deep.
fn nested(levels: usize) -> String {
    let (open, close) = ("[".repeat(levels), "]".repeat(levels));
    format!(r#"{{"jsonrpc":"2.0","id":ID,"method":"textDocument/fly","params":{open}{close}}}"#)
}

pub fn bombs() -> Vec<Row> {
    let long = "x".repeat(20 << 20);
    let objects = format!("{}1{}", r#"{"a":"#.repeat(5000), "}".repeat(5000));
    vec![
        row("120 levels", nested(119), Own(&[NO_METHOD])),
        row("129 levels", nested(128), Nameless(&[PARSE, INVALID])),
        row("200 levels", nested(199), Nameless(&[PARSE, INVALID])),
        row("5,000 objects", objects, Nameless(&[PARSE, INVALID])),
        row("1 M levels", nested(1_000_000), Nameless(&[PARSE, INVALID])),
        row(
            "1 M brackets and no end",
            "[".repeat(1_000_000),
            Nameless(&[PARSE, INVALID]),
        ),
        row(
            "brackets in a string are no depth",
            format!(
                r#"{{"jsonrpc":"2.0","id":ID,"method":"textDocument/fly","params":["\"{}"]}}"#,
                "[".repeat(9999)
            ),
            Own(&[NO_METHOD]),
        ),
        row(
            "20 MB on one line",
            format!(r#"{{"jsonrpc":"2.0","id":ID,"method":"a/{long}"}}"#),
            Own(&[NO_METHOD]),
        ),
        row("20 MB that is not JSON", long, Nameless(&[PARSE])),
    ]
}
