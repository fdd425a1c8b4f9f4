//! The head of a Markdown file between two lines of `---`: `key: value` lines, and nothing more of YAML.

/// A file with its head apart.
#[derive(Debug, PartialEq, Eq)]
pub struct Front<'t> {
    fields: Vec<(&'t str, &'t str)>,
    /// What follows the head.
    pub body: &'t str,
}

impl<'t> Front<'t> {
    /// Reads a text. One without a head is all body.
    pub fn read(text: &'t str) -> Front<'t> {
        let whole = Front {
            fields: Vec::new(),
            body: text,
        };
        let Some(rest) = text
            .strip_prefix("---")
            .and_then(|rest| rest.trim_start_matches([' ', '\r']).strip_prefix('\n'))
        else {
            return whole;
        };
        let mut at = 0;
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for line in rest.split_inclusive('\n') {
            at += line.len();
            if line.trim_end() == "---" {
                return Front {
                    fields,
                    body: &rest[at..],
                };
            }
            if let Some((key, value)) = line.split_once(':') {
                fields.push((key.trim(), unquoted(value.trim())));
            }
        }
        whole
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'t str> {
        let found = self.fields.iter().find(|(known, _)| *known == key);
        found.map(|(_, value)| *value)
    }

    /// The parts of a value that is a list: `a, b` or `[a, b]`.
    pub fn list(&self, key: &str) -> Vec<&'t str> {
        let value = self.get(key).unwrap_or_default();
        let bare = value.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let parts = bare.unwrap_or(value).split(',');
        parts
            .map(|part| unquoted(part.trim()))
            .filter(|part| !part.is_empty())
            .collect()
    }

    /// Whether the head says `true` of a key.
    pub fn is_set(&self, key: &str) -> bool {
        self.get(key) == Some("true")
    }
}

fn unquoted(text: &str) -> &str {
    let within = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    within('"').or_else(|| within('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_told_from_bodies() {
        let front = Front::read(
            "---\ndescription: \"Say: it\"\nglobs: [a.rs, 'b.rs']\nalwaysApply: true\n---\nBody\n---\n",
        );
        assert_eq!(front.get("description"), Some("Say: it"));
        assert_eq!(front.list("globs"), ["a.rs", "b.rs"]);
        assert!(front.is_set("alwaysApply") && !front.is_set("globs"));
        assert_eq!(front.body, "Body\n---\n");
        for text in ["no head\n", "---\nnever ends\n", "", "----\n---\n"] {
            assert_eq!(Front::read(text).body, text);
        }
        assert_eq!(Front::read("---\r\na: b\r\n---\r\nc").body, "c");
    }
}
