//! Servers of the Model Context Protocol that break every promise: each is one sentence, and the chat goes on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use nextline_tests::mcp::{asked, home, table};
use nextline_tests::shell::{chat, code, err, fed, last_message, out};
use nextline_tests::{Scratch, ScriptedRoute, binary};

const HOSTILE: &str = env!("CARGO_BIN_EXE_hostile-mcp");

fn hostile(words: &[&str], more: &str) -> String {
    table(HOSTILE, words, more)
}

#[test]
fn an_address_that_is_none_is_said() {
    let route = ScriptedRoute::instant("answer");
    // A model's server speaks another protocol; behind the other one nobody listens.
    for (url, why) in [
        (format!("{}/mcp", route.url()), "did not start: answered "),
        (
            "http://127.0.0.1:9/mcp".into(),
            "did not start: nothing listens there; start the server or check its `url`",
        ),
    ] {
        let place = home(&route, &format!("[mcp.bad]\nurl = \"{url}\"\n"));
        let output = asked(&place, "@bad:fine");
        assert_eq!(
            (code(&output), out(&output).as_str()),
            (0, "answer\n"),
            "{output:?}"
        );
        let wanted = format!("nextline: @bad:fine: MCP server `bad` {why}");
        assert!(err(&output).starts_with(&wanted), "{}", err(&output));
    }
}

#[test]
fn whatever_a_server_does_is_one_sentence_and_the_chat_goes_on() {
    let route = ScriptedRoute::instant("answer");
    // Long enough to start and to print on a machine that has other things to do.
    let short = "timeout_ms = 2000";
    for (start, more, message, said) in [
        (
            "well",
            short,
            "@bad:silent",
            "MCP server `bad` did not answer within 2000 ms; raise `mcp.bad.timeout_ms`",
        ),
        (
            "well",
            "",
            "@bad:dies",
            "gave no answer: it ended (exit status: 4); it said \"out of memory\"",
        ),
        (
            "well",
            "",
            "@bad:flood",
            "gave no answer: it printed more than 8 MB in one message; ask it for less",
        ),
        (
            "well",
            short,
            "@bad:malformed",
            "did not answer within 2000 ms: it printed what is no message: \"{\\\"jsonrpc\\\": \\\"2.0\\\", \\\"id\\\":\"; a server has to log to standard error",
        ),
        (
            "well",
            "",
            "@bad:fails",
            "MCP server `bad` did not do `fails`: \"no such table\"; check its arguments",
        ),
        ("well", "", "@bad:mistaken", "MCP server `bad` "),
        (
            "well",
            "",
            "@bad:image",
            "image/png of 1 KB is no text and is left out",
        ),
        (
            "well",
            "",
            "@bad:fine {\"a\": }",
            "its arguments are no JSON object",
        ),
        ("well", "", "@mcp:bad", "name a resource behind it"),
        (
            "well",
            "enabled = false",
            "@bad:fine",
            "MCP server `bad` is switched off",
        ),
        (
            "well",
            "",
            "@mcp:other/x",
            "there is no MCP server `other` (configured: bad;",
        ),
        (
            "mute",
            short,
            "@bad:fine",
            "MCP server `bad` did not start within 2000 ms",
        ),
        (
            "noise",
            short,
            "@bad:fine",
            "did not start within 2000 ms: it printed what is no message: \"Welcome to the server!\"",
        ),
        (
            "dead",
            "",
            "@bad:fine",
            "did not start: it ended (exit status: 3); it said \"no licence was found[31m\"",
        ),
    ] {
        let place = home(&route, &hostile(&[start], more));
        let output = asked(&place, message);
        assert_eq!(
            (code(&output), out(&output).as_str()),
            (0, "answer\n"),
            "{message}: {output:?}"
        );
        let told = err(&output);
        assert!(
            told.starts_with("nextline: @") && told.contains(said),
            "{start} {message}: {told}"
        );
        assert_eq!(told.lines().count(), 1, "{told}");
        assert!(!told.contains('\u{1b}'), "{told}");
    }
    let place = home(
        &route,
        "[mcp.bad]\ncommand = [\"no-such-program-anywhere\"]\n",
    );
    let told = err(&asked(&place, "@bad:fine"));
    assert!(
        told.contains(
            "MCP server `bad` cannot be started: there is no program `no-such-program-anywhere`"
        ),
        "{told}"
    );
}

#[test]
fn what_came_is_cut_cleaned_masked_and_accounted() {
    let route = ScriptedRoute::instant("answer");
    let place = home(
        &route,
        &hostile(
            &["well"],
            "max_tokens = 1000\nenv = { OWN = \"own value\" }\npass_env = [\"PASSED\"]",
        ),
    );
    let output = asked(&place, "@bad:huge");
    let said = last_message(&route);
    assert!(
        said.contains("canary_huge") && said.contains("[cut here]") && said.len() < 5000,
        "{}",
        said.len()
    );
    assert!(
        err(&output).contains("tokens were cut to the first 1000; raise `mcp.bad.max_tokens`"),
        "{output:?}"
    );
    let output = asked(&place, "@bad:escapes");
    let said = last_message(&route);
    assert!(
        said.contains("canary]0;title end") && !said.contains('\u{1b}'),
        "{said:?}"
    );
    assert!(
        err(&output).contains("5 invisible characters were taken out"),
        "{output:?}"
    );
    let _ = asked(&place, "@bad:secret");
    let said = last_message(&route);
    assert!(
        said.contains("token ") && !said.contains("ghp_0123456789"),
        "{said}"
    );
    // Of our environment it has what every program needs, and what its table names.
    let mut command = chat(&place, &["--yes", "-m", "@bad:around"]);
    let output = command
        .env("PASSED", "passed on")
        .env("API_KEY", "canary-key")
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{output:?}");
    let said = last_message(&route);
    assert!(
        said.contains("OWN=own value") && said.contains("PASSED=passed on"),
        "{said}"
    );
    assert!(!said.contains("canary-key"), "{said}");
    assert!(
        said.contains(&format!(
            "here={}",
            place.path().canonicalize().unwrap().display()
        )),
        "{said}"
    );
    let shown = binary::command(place.path())
        .args(["config", "show"])
        .output()
        .unwrap();
    assert!(
        out(&shown).contains("mcp.bad.command") && !out(&shown).contains("own value"),
        "{}",
        out(&shown)
    );
}

#[test]
fn without_a_yes_nothing_is_started() {
    let route = ScriptedRoute::instant("answer");
    let work = Scratch::new();
    let log = work.path().join("log");
    let table = hostile(&["well", log.to_str().unwrap()], "");
    let place = home(&route, &table);
    let output = chat(&place, &["-m", "@bad:fine"]).output().unwrap();
    assert_eq!(
        (code(&output), out(&output).as_str()),
        (0, "answer\n"),
        "{output:?}"
    );
    assert!(
        err(&output).contains(
            "@bad:fine: there is nobody to ask whether it may be called; `--yes` allows it"
        ),
        "{output:?}"
    );
    let output = chat(&place, &["--yes", "--dry-run", "-m", "@bad:fine"])
        .output()
        .unwrap();
    assert!(
        err(&output).contains("@bad:fine: it is asked for when the message is sent"),
        "{output:?}"
    );
    assert!(!log.exists(), "it was started");
    // Words that were piped in are not the person's.
    let output = fed(chat(&place, &["--yes", "-m", "see"]), "@bad:fine {}");
    assert!(
        err(&output).contains("@bad:fine: only the words of --message call servers"),
        "{output:?}"
    );
    assert!(!log.exists(), "it was started");
    // Nor where the policy forbids it, whatever the person says.
    for (policy, why) in [
        ("offline = true", "nothing beyond this machine is asked"),
        (
            "allow_providers = [\"openai-compatible\"]",
            "its provider `mcp` is none of",
        ),
        ("allow_paths = [\"/nowhere\"]", "it has no place on disk"),
    ] {
        let place = home(&route, &format!("{table}\n[policy]\n{policy}\n"));
        let output = asked(&place, "@bad:fine");
        assert!(err(&output).contains(why), "{policy}: {output:?}");
        assert!(!log.exists(), "it was started under {policy}");
    }
    let output = asked(&place, "@bad:fine");
    assert_eq!(
        (code(&output), err(&output).as_str()),
        (0, ""),
        "{output:?}"
    );
    assert!(log.exists() && last_message(&route).contains("canary_fine {}"));
}
