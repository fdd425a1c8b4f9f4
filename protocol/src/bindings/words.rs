//! Names as each language spells them.

/// `EditStart` of `agent/edit/start`, `DidAccept` of `nextline.didAccept`: without the namespaces that most of them share.
pub fn constant(name: &str) -> String {
    let shared = [
        "agent/",
        "nextline.",
        "textDocument/",
        "window/",
        "workspace/",
        "client/",
    ];
    let rest = shared.iter().find_map(|prefix| name.strip_prefix(prefix));
    rest.unwrap_or(name)
        .split(['/', '.', '$'])
        .map(capital)
        .collect()
}

/// `EditStart` of `editStart`.
pub fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// `EDIT_START` of `EditStart`.
pub fn shouted(name: &str) -> String {
    let mut said = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !said.is_empty() {
            said.push('_');
        }
        said.extend(letter.to_uppercase());
    }
    said
}

#[test]
fn names_are_spelled_as_each_language_does() {
    for (name, wanted) in [
        ("agent/edit/start", "EditStart"),
        ("textDocument/inlineCompletion", "InlineCompletion"),
        ("window/workDoneProgress/cancel", "WorkDoneProgressCancel"),
        ("$/cancelRequest", "CancelRequest"),
        ("nextline.didAccept", "DidAccept"),
    ] {
        assert_eq!(constant(name), wanted);
    }
    assert_eq!(shouted("DidAccept"), "DID_ACCEPT");
}
