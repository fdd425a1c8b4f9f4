//! What a message wants of servers: `@NAME:TOOL {…}` calls a tool, `@mcp:NAME/URI` reads a resource.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::settings::Mcp;

/// One call that a message wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The server's name.
    pub server: String,
    /// What is wanted of it.
    pub want: Want,
}

/// What is wanted of a server.
#[derive(Debug, Clone, PartialEq)]
pub enum Want {
    /// A call of a tool.
    Tool {
        /// Its name.
        name: String,
        /// Its arguments, or why they are none.
        arguments: Result<Map<String, Value>, String>,
    },
    /// The content of a resource.
    Resource {
        /// Its URI; empty where none was named.
        uri: String,
    },
}

impl Call {
    /// As it stands in a message, without arguments.
    pub fn name(&self) -> String {
        match &self.want {
            Want::Tool { name, .. } => format!("@{}:{name}", self.server),
            Want::Resource { uri } => format!("@mcp:{}/{uri}", self.server),
        }
    }
}

/// The calls of a message, each once, and the message with blanks in their places: what stands in arguments mentions nothing.
pub fn parse(text: &str, servers: &BTreeMap<String, Mcp>) -> (Vec<Call>, String) {
    let mut calls = Vec::new();
    let mut rest = text.to_owned();
    let (mut from, mut before) = (0, None);
    while let Some(at) = text[from..].find('@').map(|at| from + at) {
        before = text[..at]
            .chars()
            .next_back()
            .or(before.filter(|_| at == 0));
        from = at + 1;
        let starts =
            before.is_none_or(|before: char| before.is_whitespace() || "([{\"'".contains(before));
        if !starts {
            continue;
        }
        let Some((call, end)) = one(&text[from..], servers) else {
            continue;
        };
        let end = from + end;
        rest.replace_range(at..end, &" ".repeat(end - at));
        from = end;
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    (calls, rest)
}

/// The call that stands behind an `@`, and where it ends.
fn one(text: &str, servers: &BTreeMap<String, Mcp>) -> Option<(Call, usize)> {
    let end = text
        .find(|c: char| c.is_whitespace() || "()[]{}\"'`,;".contains(c))
        .unwrap_or(text.len());
    let word = text[..end].trim_end_matches(['.', ':', '!', '?']);
    if let Some(named) = word.strip_prefix("mcp:") {
        let (server, uri) = named.split_once('/').unwrap_or((named, ""));
        let call = Call {
            server: server.to_owned(),
            want: Want::Resource {
                uri: uri.to_owned(),
            },
        };
        return Some((call, word.len()));
    }
    let (server, tool) = word.split_once(':')?;
    if tool.is_empty() || !servers.contains_key(server) {
        return None;
    }
    let (arguments, more) = arguments(&text[word.len()..]);
    let call = Call {
        server: server.to_owned(),
        want: Want::Tool {
            name: tool.to_owned(),
            arguments,
        },
    };
    Some((call, word.len() + more))
}

/// The JSON object behind a tool's name, none if there is no brace, and how many bytes it takes.
fn arguments(text: &str) -> (Result<Map<String, Value>, String>, usize) {
    let spaces = text.len() - text.trim_start_matches([' ', '\t']).len();
    if !text[spaces..].starts_with('{') {
        return (Ok(Map::new()), 0);
    }
    let mut read = serde_json::Deserializer::from_str(&text[spaces..]).into_iter::<Map<_, _>>();
    match read.next() {
        Some(Ok(found)) => (Ok(found), spaces + read.byte_offset()),
        Some(Err(error)) => (Err(error.to_string()), 0),
        None => (Ok(Map::new()), 0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tools_and_resources_are_read_off_a_message() {
        let servers = [("db".to_owned(), Mcp::default())].into();
        let tool = |arguments: Value| Call {
            server: "db".into(),
            want: Want::Tool {
                name: "query".into(),
                arguments: Ok(arguments.as_object().unwrap().clone()),
            },
        };
        let resource = |server: &str, uri: &str| Call {
            server: server.into(),
            want: Want::Resource { uri: uri.into() },
        };
        for (text, calls, rest) in [
            (
                "why @db:query {\"sql\": \"@src/a.rs }\"} so?",
                vec![tool(json!({ "sql": "@src/a.rs }" }))],
                "why                                  so?",
            ),
            ("@db:query.", vec![tool(json!({}))], "         ."),
            (
                "@db:query @db:query",
                vec![tool(json!({}))],
                "                   ",
            ),
            (
                "(@mcp:db/notes://a/b.md?x=1), @src/b.rs",
                vec![resource("db", "notes://a/b.md?x=1")],
                "(                          ), @src/b.rs",
            ),
            // A server that is not there is said, not looked for among files.
            ("@mcp:other/x", vec![resource("other", "x")], "            "),
            ("@mcp:db", vec![resource("db", "")], "       "),
            (
                "@Parser::new me@db:query @other:query",
                vec![],
                "@Parser::new me@db:query @other:query",
            ),
            ("", vec![], ""),
        ] {
            assert_eq!(parse(text, &servers), (calls, rest.to_owned()), "{text}");
        }
        let (calls, _) = parse("@db:query {\"a\": }", &servers);
        let Want::Tool { arguments, .. } = &calls[0].want else {
            panic!("{calls:?}")
        };
        assert!(arguments.is_err(), "{calls:?}");
    }
}
