//! Rows of messages that are JSON-RPC and whose params are wrong.

use super::Expect::{Loose, Own, Quiet, Result as Good};
use super::{INVALID, NO_METHOD, PARAMS, PARSE, Row, URI, row};

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
