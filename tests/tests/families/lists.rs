//! A model that is not there is answered with those that are, and the question about them is a row of the ledger.

use super::*;

struct List {
    provider: &'static str,
    route: &'static str,
    /// How the provider says that it does not have the model.
    status: &'static str,
    body: &'static str,
    /// Where it lists its models, and the list.
    target: &'static str,
    list: &'static str,
    /// What is repeated of it.
    names: &'static str,
}

#[rustfmt::skip]
const LISTS: &[List] = &[
    List {
        provider: "openai", route: "model = \"m\"\nbase_url = \"{url}/v1\"", status: "404 Not Found", body: r#"{"error":{"code":"model_not_found"}}"#,
        target: "/v1/models", list: r#"{"data":[{"id":"other"},{"id":"m-large"}]}"#, names: "m-large, other",
    },
    List {
        provider: "anthropic", route: "model = \"m\"\nbase_url = \"{url}\"", status: "404 Not Found", body: r#"{"type":"error","error":{"type":"not_found_error","message":"model: m"}}"#,
        target: "/v1/models", list: r#"{"data":[{"id":"other"},{"id":"m-large"}],"has_more":false}"#, names: "m-large, other",
    },
    List {
        provider: "gemini", route: "model = \"models/m\"\nbase_url = \"{url}\"", status: "404 Not Found", body: r#"{"error":{"code":404,"status":"NOT_FOUND"}}"#,
        target: "/v1beta/models", list: r#"{"models":[{"name":"models/m-large"}]}"#, names: "models/m-large",
    },
    List {
        provider: "ollama", route: "model = \"m\"\nbase_url = \"{url}\"", status: "404 Not Found", body: r#"{"error":"model 'm' not found"}"#,
        target: "/api/tags", list: r#"{"models":[{"name":"m-large"}]}"#, names: "m-large",
    },
    List {
        provider: "sourcegraph", route: "model = \"v::1::m\"\nbase_url = \"{url}\"", status: "404 Not Found", body: "no such model",
        target: "/.api/modelconfig/supported-models.json", list: r#"{"providers":[],"models":[{"modelRef":"v::1::m-large"}]}"#, names: "v::1::m-large",
    },
    List {
        provider: "cody-gateway", route: "model = \"starcoder2-m\"\nbase_url = \"{url}\"", status: "400 Bad Request", body: "{\"error\":\"model \\\"starcoder2-m\\\" is not allowed, allowed: [starcoder2-7b]\"}",
        target: "/v1/limits", list: r#"{"chat_completions":{"limit":5,"allowedModels":["claude"]},"code_completions":{"limit":9,"allowedModels":["starcoder2-7b"]}}"#, names: "starcoder2-7b",
    },
];

#[test]
fn a_model_that_is_not_there_is_answered_with_those_that_are() {
    for row in LISTS {
        let name = row.provider;
        let route = served(move |exchange| {
            let json = [("Content-Type", "application/json")];
            match row.target == exchange.seen.target {
                true => exchange.reply("200 OK", &json, row.list.as_bytes()),
                false => exchange.reply(row.status, &json, row.body.as_bytes()),
            }
        });
        let home = Scratch::new();
        let settings = row.route.replace("{url}", &route.url());
        let config =
            format!("[routes.r]\nprovider = \"{name}\"\napi_key_env = \"KEY\"\n{settings}\n");
        home.write(".config/nextline/config.toml", config);
        let output = command(&home, &["routes", "test", "r"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(6), "{name}: {output:?}");
        let wanted = format!("the provider lists {}", row.names);
        assert!(
            said.contains(&wanted) && said.contains("`model`"),
            "{name}: {said}"
        );
        let rows = command(&home, &["sent", "--last", "9", "--json"])
            .output()
            .unwrap();
        let rows: Vec<Value> = serde_json::from_slice(&rows.stdout).unwrap();
        let listings: Vec<&Value> = rows
            .iter()
            .filter(|row| row["surface"] == "listing")
            .collect();
        assert_eq!(
            listings.len(),
            1 + usize::from(name == "ollama"),
            "{name}: {rows:#?}"
        );
        for listing in listings {
            assert_eq!(listing["origin"], route.url(), "{name}");
            assert_eq!(
                (&listing["outcome"], &listing["status"]),
                (&"answered".into(), &200.into()),
                "{name}"
            );
        }
    }
}
