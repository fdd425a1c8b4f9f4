//! One row for each method that we speak beyond plain LSP, and for those of LSP that the door must know.

/// Who sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The editor.
    ToServer,
    /// The agent.
    ToClient,
}

/// Where it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordering {
    /// On the wire's task, in wire order: it changes the world.
    InOrder,
    /// Off it, on a snapshot of its place on the wire.
    Snapshot,
}

/// One method.
#[derive(Debug, Clone, Copy)]
pub struct Method {
    /// On the wire.
    pub name: &'static str,
    /// Who sends it.
    pub direction: Direction,
    /// The type of its params, `()` for none.
    pub params: &'static str,
    /// The type of its result, `-` for a notification.
    pub result: &'static str,
    /// Where it runs.
    pub ordering: Ordering,
    /// What it is for.
    pub doc: &'static str,
}

macro_rules! methods {
    ($($constant:ident = $name:literal, $direction:ident, $params:literal => $result:literal, $ordering:ident, $doc:literal;)*) => {
        $(#[doc = $doc] pub const $constant: &str = $name;)*
        /// Every row.
        pub const METHODS: &[Method] = &[$(Method {
            name: $name,
            direction: Direction::$direction,
            params: $params,
            result: $result,
            ordering: Ordering::$ordering,
            doc: $doc,
        }),*];
    };
}

methods! {
    DID_OPEN = "textDocument/didOpen", ToServer, "DidOpenParams" => "-", InOrder, "A document was opened: its text is the client's from now on.";
    DID_CHANGE = "textDocument/didChange", ToServer, "DidChangeParams" => "-", InOrder, "Edits, incremental or whole.";
    DID_CLOSE = "textDocument/didClose", ToServer, "DocumentParams" => "-", InOrder, "A document was closed: the disk has the truth again.";
    DID_SAVE = "textDocument/didSave", ToServer, "DocumentParams" => "-", InOrder, "A document was saved: disk and buffer are equal.";
    DID_SHOW = "textDocument/didShowCompletion", ToServer, "{ item }" => "-", InOrder, "An item was shown; sent once an id, repeats are ignored.";
    DID_PARTIALLY_ACCEPT = "textDocument/didPartiallyAcceptCompletion", ToServer, "{ item, acceptedLength }" => "-", InOrder, "A part of an item was taken; the length is in UTF-16 units from the start of its insertText.";
    INLINE_COMPLETION = "textDocument/inlineCompletion", ToServer, "InlineCompletionParams" => "InlineCompletionList | null", Snapshot, "Ghost text (LSP 3.18).";
    AGENT_STATUS = "agent/status", ToServer, "()" => "Status", Snapshot, "How the agent does. Also sent as a notification when it changes.";
    AGENT_WHY = "agent/why", ToServer, "DocumentParams" => "WhyResult", Snapshot, "Why the last answer for a document was empty.";
    AGENT_CONTEXT_EXPLAIN = "agent/context/explain", ToServer, "DocumentParams" => "ContextExplainResult", Snapshot, "Which pieces of the workspace the last prompt of a document was offered, and why.";
    AGENT_RESYNC = "agent/document/resync", ToClient, "ResyncParams" => "-", InOrder, "The client's buffer and ours may differ: send the whole text by didChange, or close and open.";
    AGENT_ASSERT_TEXT = "agent/debug/assertText", ToServer, "AssertTextParams" => "null", Snapshot, "Debug builds: fails with a diff unless our text equals the client's.";
}

/// Command of `workspace/executeCommand`: an item was accepted; its id.
pub const DID_ACCEPT: &str = "nextline.didAccept";
/// Command: an item was dismissed by hand; its id.
pub const DID_DISMISS: &str = "nextline.didDismiss";
/// Command: no automatic ghost text for so many minutes; 0 ends it, 5 if it is not said.
pub const SNOOZE: &str = "nextline.snooze";

/// What `executeCommandProvider` lists.
pub const COMMANDS: &[&str] = &[DID_ACCEPT, DID_DISMISS, SNOOZE];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_style() {
        for (index, method) in METHODS.iter().enumerate() {
            assert!(
                METHODS[..index]
                    .iter()
                    .all(|other| other.name != method.name),
                "{} twice",
                method.name
            );
            let (namespace, rest) = method.name.split_once('/').unwrap();
            assert!(
                ["textDocument", "agent"].contains(&namespace),
                "{}",
                method.name
            );
            assert!(
                rest.chars()
                    .all(|character| character.is_ascii_alphabetic() || character == '/'),
                "{}",
                method.name
            );
            assert!(method.doc.ends_with('.'), "{}", method.name);
        }
    }
}
