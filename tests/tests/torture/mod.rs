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
use Expect::{Loose, Nameless, Own, Quiet, Result as Good};

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

pub fn wrong_params() -> Vec<Row> {
    let request = |method: &str, params: &str| {
        format!(r#"{{"jsonrpc":"2.0","id":ID,"method":"{method}","params":{params}}}"#)
    };
    let inline = |position: &str| {
        let params = format!(
            r#"{{"textDocument":{{"uri":"{URI}"}},"position":{position},"context":{{"triggerKind":1}}}}"#
        );
        request("textDocument/inlineCompletion", &params)
    };
    let why = "agent/why";
    vec![
        row(
            "params a number",
            request("agent/status", "5"),
            Own(&[INVALID, PARAMS]),
        ),
        row(
            "params a string",
            request(why, "\"x\""),
            Own(&[INVALID, PARAMS]),
        ),
        row("params true", request(why, "true"), Own(&[INVALID, PARAMS])),
        row(
            "params absent",
            r#"{"jsonrpc":"2.0","id":ID,"method":"agent/why"}"#,
            Own(&[PARAMS]),
        ),
        row("params null", request(why, "null"), Own(&[PARAMS])),
        row("params empty", request(why, "{}"), Own(&[PARAMS])),
        row("params an array", request(why, "[]"), Own(&[PARAMS])),
        row(
            "a field of another type",
            request(why, r#"{"textDocument":7}"#),
            Own(&[PARAMS]),
        ),
        row(
            "a URI of another type",
            request(why, r#"{"textDocument":{"uri":[]}}"#),
            Own(&[PARAMS]),
        ),
        row("inline without position", inline("null"), Own(&[PARAMS])),
        row(
            "position without character",
            inline(r#"{"line":0}"#),
            Own(&[PARAMS]),
        ),
        row(
            "line -1",
            inline(r#"{"line":-1,"character":0}"#),
            Own(&[PARAMS]),
        ),
        row(
            "character 1.5",
            inline(r#"{"line":0,"character":1.5}"#),
            Own(&[PARAMS]),
        ),
        row(
            "line 2^32",
            inline(r#"{"line":4294967296,"character":0}"#),
            Own(&[PARAMS]),
        ),
        row(
            "line a string",
            inline(r#"{"line":"0","character":0}"#),
            Own(&[PARAMS]),
        ),
        row(
            "line 1e400",
            inline(r#"{"line":1e400,"character":0}"#),
            Own(&[PARAMS, PARSE]),
        ),
        row(
            "line u32 max",
            inline(r#"{"line":4294967295,"character":4294967295}"#),
            Good,
        ),
        row(
            "command of another type",
            request("workspace/executeCommand", r#"{"command":7}"#),
            Own(&[PARAMS]),
        ),
        row(
            "second initialize",
            request("initialize", r#"{"capabilities":{}}"#),
            Own(&[INVALID]),
        ),
        row(
            "unknown request",
            request("textDocument/fly", "{}"),
            Own(&[NO_METHOD]),
        ),
        row(
            "unknown $ request",
            request("$/fly", "{}"),
            Own(&[NO_METHOD]),
        ),
        row("empty method", request("", "{}"), Own(&[NO_METHOD])),
        row(
            "NUL in a method",
            request("a\\u0000b", "{}"),
            Own(&[NO_METHOD]),
        ),
        row(
            "a key twice in params",
            request("textDocument/fly", r#"{"a":1,"a":2}"#),
            Own(&[NO_METHOD, INVALID]),
        ),
    ]
}

pub fn notifications() -> Vec<Row> {
    let note = |method: &str, params: &str| {
        format!(r#"{{"jsonrpc":"2.0","method":"{method}","params":{params}}}"#)
    };
    let change = |changes: &str| {
        let params = format!(
            r#"{{"textDocument":{{"uri":"file:///nowhere.rs","version":2}},"contentChanges":{changes}}}"#
        );
        note("textDocument/didChange", &params)
    };
    vec![
        row(
            "unknown notification",
            note("textDocument/flew", "{}"),
            Quiet,
        ),
        row("unknown $ notification", note("$/flew", "{}"), Quiet),
        row(
            "didOpen without a document",
            note("textDocument/didOpen", "{}"),
            Loose,
        ),
        row(
            "didOpen with params 5",
            note("textDocument/didOpen", "5"),
            Loose,
        ),
        row(
            "didOpen of half a pair",
            note(
                "textDocument/didOpen",
                r#"{"textDocument":{"uri":"file:///h","text":"\ud800"}}"#,
            ),
            Loose,
        ),
        row(
            "didChange without changes",
            note("textDocument/didChange", "{}"),
            Loose,
        ),
        row("didChange, changes no list", change("{}"), Loose),
        row(
            "didChange of what is not open",
            change(r#"[{"text":"x"}]"#),
            Quiet,
        ),
        row(
            "didChange without text",
            change(r#"[{"range":{"start":{"line":0,"character":0}}}]"#),
            Loose,
        ),
        row(
            "didClose of what is not open",
            note(
                "textDocument/didClose",
                r#"{"textDocument":{"uri":"file:///no"}}"#,
            ),
            Quiet,
        ),
        row(
            "cancel of nothing",
            note("$/cancelRequest", r#"{"id":"nobody"}"#),
            Quiet,
        ),
        row("cancel without an id", note("$/cancelRequest", "{}"), Loose),
        row(
            "cancel of a fraction",
            note("$/cancelRequest", r#"{"id":1.5}"#),
            Loose,
        ),
        row(
            "executeCommand without an id",
            note(
                "workspace/executeCommand",
                r#"{"command":"nextline.didAccept"}"#,
            ),
            Loose,
        ),
        row("second initialized", note("initialized", "{}"), Quiet),
        row(
            "an answer to nothing",
            r#"{"jsonrpc":"2.0","id":987654,"result":null}"#,
            Quiet,
        ),
        row(
            "an error to nothing",
            r#"{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":""}}"#,
            Quiet,
        ),
        row(
            "an answer with a null id",
            r#"{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":""}}"#,
            Loose,
        ),
        row(
            "result and error",
            r#"{"jsonrpc":"2.0","id":3,"result":1,"error":{"code":1,"message":""}}"#,
            Loose,
        ),
        row(
            "settings of another type",
            note("workspace/didChangeConfiguration", r#"{"settings":7}"#),
            Loose,
        ),
        row(
            "settings with wrong values",
            note(
                "workspace/didChangeConfiguration",
                r#"{"settings":{"nextline":{"completion":5}}}"#,
            ),
            Loose,
        ),
        row(
            "folders of another type",
            note("workspace/didChangeWorkspaceFolders", r#"{"event":[]}"#),
            Loose,
        ),
        row(
            "initialize without an id",
            note("initialize", r#"{"capabilities":{}}"#),
            Loose,
        ),
        row(
            "a URI that is none",
            note(
                "textDocument/didOpen",
                r#"{"textDocument":{"uri":"::::","languageId":"rust","version":1,"text":"x"}}"#,
            ),
            Loose,
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
