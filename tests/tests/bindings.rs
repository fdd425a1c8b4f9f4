//! The bindings of the editors' languages compile, and read and write what the agent does.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use nextline_protocol::config::{CHOICES, SETTINGS};
use nextline_tests::binary::{self, root};
use nextline_tests::{Launch, Scratch};
use serde_json::{Value, json};

/// The compiler of this name, installed if it can be. `None`, with the reason on stderr, when it cannot be had here.
fn compiler(name: &str) -> Option<PathBuf> {
    let installed = Command::new(root().join("tests/bindings/install.sh"))
        .output()
        .unwrap();
    let path = root().join(".cache/bindings/bin").join(name);
    if path.exists() {
        return Some(path);
    }
    let said = String::from_utf8_lossy(&installed.stderr);
    eprintln!("skipped: no {name} here\n{said}");
    // npm has it for every machine.
    assert!(
        name != "tsc" || std::env::var_os("NEXTLINE_REQUIRE_EDITORS").is_none(),
        "NEXTLINE_REQUIRE_EDITORS is set, and there is no {name}"
    );
    None
}

/// A JDK's tool, where there is a JDK.
fn of_the_jdk(name: &str) -> Option<PathBuf> {
    let there = Command::new(name)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    if !there {
        eprintln!("skipped: no {name} here");
    }
    there.then(|| name.into())
}

/// Runs it to its end and answers what it printed.
fn run(program: &Path, arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(program);
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{}: {said}{}",
        program.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

fn binding(path: &str) -> String {
    root()
        .join("editors")
        .join(path)
        .to_str()
        .unwrap()
        .to_owned()
}

/// What each program prints that reads an event and a preview and writes them anew.
const ANSWER: &str = "ready 7 old\nnothing\nagent/edit/start nextline.didAccept -32800\n";

#[test]
fn typescript_compiles() {
    let Some(tsc) = compiler("tsc") else { return };
    let place = Scratch::new();
    let use_of_it = "import { EditEvent, Methods, Requests, Commands } from './protocol';\n\
        type Start = Requests[typeof Methods.EditStart];\n\
        export const params: Start[0] = { textDocument: { uri: 'file:///a' }, range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } } };\n\
        export function said(event: EditEvent): string {\n\
            switch (event.kind) { case 'failed': return event.message; case 'ready': return event.preview.diff; default: return event.id + Commands.DidAccept; }\n\
        }\n";
    place.write("use.ts", use_of_it);
    std::fs::copy(
        binding("vscode/src/protocol.ts"),
        place.path().join("protocol.ts"),
    )
    .unwrap();
    run(
        &tsc,
        &["--strict", "--noEmit", "--target", "es2022", "use.ts"],
        place.path(),
    );
}

#[test]
fn java_compiles_and_reads_what_it_writes() {
    let (Some(javac), Some(java)) = (of_the_jdk("javac"), of_the_jdk("java")) else {
        return;
    };
    let place = Scratch::new();
    place.write("Use.java", "import dev.nextline.protocol.Protocol.*;\nimport java.util.*;\n\
        public class Use { public static void main(String[] a) {\n\
          var at = new Range(new Position(1, 2), new Position(3, 4));\n\
          var preview = new EditPreview(\"d\", List.of(new EditHunk(\"new\", \"old\", at)), 7, new Identifier(\"file:///a\"));\n\
          EditEvent event = EditEvent.from(new EditEvent.Ready(\"1\", preview).json());\n\
          if (event instanceof EditEvent.Ready ready) System.out.println(\"ready \" + ready.preview().newErrors() + \" \" + ready.preview().hunks().get(0).oldText());\n\
          System.out.println(EditEvent.from(Map.of(\"kind\", \"unknown\")) == null ? \"nothing\" : \"something\");\n\
          System.out.println(Methods.EDIT_START + \" \" + Commands.DID_ACCEPT + \" \" + Codes.REQUEST_CANCELLED);\n\
        } }\n");
    let source = binding("eclipse/src/dev/nextline/protocol/Protocol.java");
    let arguments = [
        "--release",
        "17",
        "-Xlint:all",
        "-Werror",
        "-d",
        ".",
        &source,
        "Use.java",
    ];
    run(&javac, &arguments, place.path());
    assert_eq!(run(&java, &["-cp", ".", "Use"], place.path()), ANSWER);
}

#[test]
fn csharp_compiles_and_reads_what_it_writes() {
    let (Some(mcs), Some(mono)) = (compiler("mcs"), compiler("mono")) else {
        return;
    };
    let place = Scratch::new();
    place.write("Use.cs", "using System; using System.Collections.Generic;\n\
        namespace Nextline.Use { using Nextline.Protocol; static class Use { static void Main() {\n\
          var at = new Range { Start = new Position { Line = 1, Character = 2 }, End = new Position { Line = 3, Character = 4 } };\n\
          var hunk = new EditHunk { OldText = \"old\", NewText = \"new\", Range = at };\n\
          var preview = new EditPreview { Diff = \"d\", NewErrors = 7, Hunks = new List<EditHunk> { hunk }, TextDocument = new Identifier { Uri = \"file:///a\" } };\n\
          var ready = (EditEvent.Ready)EditEvent.From(new EditEvent.Ready { Id = \"1\", Preview = preview }.Json());\n\
          Console.WriteLine(\"ready \" + ready.Preview.NewErrors + \" \" + ready.Preview.Hunks[0].OldText);\n\
          var unknown = new Dictionary<string, object> { { \"kind\", \"unknown\" } };\n\
          Console.WriteLine(EditEvent.From(unknown) == null ? \"nothing\" : \"something\");\n\
          Console.WriteLine(Methods.EditStart + \" \" + Commands.DidAccept + \" \" + Codes.RequestCancelled);\n\
        } } }\n");
    let source = binding("visualstudio/core/Protocol.cs");
    let arguments = [
        "-langversion:7",
        "-warnaserror",
        "-out:use.exe",
        &source,
        "Use.cs",
    ];
    run(&mcs, &arguments, place.path());
    let said = run(&mono, &["use.exe"], place.path());
    assert_eq!(said.replace('\r', ""), ANSWER);
}

#[test]
fn kotlin_compiles_and_reads_what_it_writes() {
    let (Some(kotlinc), Some(java)) = (compiler("kotlinc"), of_the_jdk("java")) else {
        return;
    };
    let place = Scratch::new();
    place.write("Use.kt", "import dev.nextline.protocol.*\n\
        fun main() {\n\
          val at = Range(start = Position(line = 1, character = 2), end = Position(line = 3, character = 4))\n\
          val hunk = EditHunk(oldText = \"old\", newText = \"new\", range = at)\n\
          val preview = EditPreview(diff = \"d\", hunks = listOf(hunk), newErrors = 7, textDocument = Identifier(uri = \"file:///a\"))\n\
          val event = EditEvent.from(EditEvent.Ready(id = \"1\", preview = preview).json())\n\
          if (event is EditEvent.Ready) println(\"ready ${event.preview.newErrors} ${event.preview.hunks[0].oldText}\")\n\
          println(if (EditEvent.from(mapOf(\"kind\" to \"unknown\")) == null) \"nothing\" else \"something\")\n\
          println(\"${Methods.EDIT_START} ${Commands.DID_ACCEPT} ${Codes.REQUEST_CANCELLED}\")\n\
        }\n");
    let source = binding("jetbrains/core/src/main/kotlin/dev/nextline/protocol/Protocol.kt");
    let arguments = [
        &source,
        "Use.kt",
        "-include-runtime",
        "-d",
        "use.jar",
        "-nowarn",
    ];
    run(&kotlinc, &arguments, place.path());
    assert_eq!(
        run(&java, &["-cp", "use.jar", "UseKt"], place.path()),
        ANSWER
    );
}

#[test]
fn the_settings_that_extensions_show_are_the_agents() {
    let place = Scratch::new();
    let output = binary::command(place.path())
        .args(["config", "schema"])
        .output()
        .unwrap();
    let schema: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut choices = Vec::new();
    for key in SETTINGS {
        let (section, name) = key.split_once('.').unwrap();
        let setting = &schema["properties"][section]["properties"][name];
        assert!(setting.is_object(), "there is no {key}");
        choices.push(setting.to_string());
    }
    for choice in CHOICES {
        // Where a route's name fits as well there is no list of them, and the description names it.
        let named = [format!("\"{choice}\""), format!("`{choice}`")];
        let is_one = |text: &String| named.iter().any(|named| text.contains(named));
        assert!(choices.iter().any(is_one), "{choice} is no choice");
    }
}

#[test]
fn both_ends_agree_on_a_version_or_one_is_named() {
    for (offer, version, word) in [
        (json!({"oldest": 1, "newest": 1}), json!(1), ""),
        (
            json!({"oldest": 0, "newest": 0}),
            json!(null),
            "update the extension",
        ),
        (
            json!({"oldest": 90, "newest": 91}),
            json!(null),
            "update the agent",
        ),
        (json!("junk"), json!(1), ""),
        (json!(null), json!(1), ""),
    ] {
        let launch = Launch::new();
        let mut server = launch.spawn();
        let mut params = launch.params();
        params["capabilities"]["experimental"]["nextline"] = offer.clone();
        server.initialize(params);
        let answer = &server.init["capabilities"]["experimental"]["nextline"];
        assert_eq!(answer["version"], version, "{offer}");
        let message = answer["message"].as_str().unwrap_or_default();
        assert!(
            message.ends_with(word) && message.is_empty() == word.is_empty(),
            "{message}"
        );
    }
}
