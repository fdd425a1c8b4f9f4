//! Secrets in a prompt are masked before it leaves, and stand again in the answer.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;

use super::secrets;
use crate::prompt::{Body, Prompt};
use crate::tape;

/// How every mask begins.
const MASK: &str = "SECRET_";
/// Hexadecimal digits behind it.
const DIGITS: usize = 12;

/// The masks of one prompt and what they stand for.
#[derive(Clone, Default)]
pub struct Veil(Vec<(String, String)>);

/// How many, and never what.
impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Veil({})", self.0.len())
    }
}

impl Veil {
    /// Masks every secret in a prompt.
    pub fn over(prompt: &mut Prompt) -> Veil {
        let mut veil = Veil::default();
        match &mut prompt.body {
            Body::Hole(hole) => {
                veil.mask_hole(&mut hole.prefix, &mut hole.suffix);
                for piece in &mut hole.pieces {
                    veil.mask(&mut piece.text);
                }
            }
            Body::Text(text) => veil.mask(text),
            Body::Chat(messages) => {
                for message in messages {
                    veil.mask(&mut message.text);
                }
            }
        }
        // Masks of a session that is played stand in its recorded answers.
        veil.0.extend(tape::masks().iter().cloned());
        veil
    }

    /// Whether nothing is masked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many different secrets are masked.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    fn mask(&mut self, text: &mut String) {
        // From the end, so that places before stay what they are.
        for range in secrets::find(text).into_iter().rev() {
            let mask = self.mask_of(&text[range.clone()]);
            text.replace_range(range, &mask);
        }
    }

    /// The same for a text with a cursor in it: a secret that the cursor stands in is masked before it and left out behind it.
    fn mask_hole(&mut self, prefix: &mut String, suffix: &mut String) {
        let at = prefix.len();
        let whole = [prefix.as_str(), suffix].concat();
        let found = secrets::find(&whole);
        if found.is_empty() {
            // Only the line that the cursor parts may say something else in its halves.
            let line = prefix.rfind('\n').map_or(0, |end| end + 1);
            let rest = suffix.find('\n').unwrap_or(suffix.len());
            if secrets::find(&prefix[line..]).is_empty()
                && secrets::find(&suffix[..rest]).is_empty()
            {
                return;
            }
        }
        let across = found
            .into_iter()
            .find(|range| range.start < at && at < range.end);
        if let Some(range) = across {
            let mask = self.mask_of(&whole[range.clone()]);
            prefix.truncate(range.start);
            suffix.replace_range(..range.end - at, "");
            // What stands before is masked by itself: the mask is no part of any secret.
            self.mask(prefix);
            prefix.push_str(&mask);
        } else {
            self.mask(prefix);
        }
        self.mask(suffix);
    }

    fn mask_of(&mut self, secret: &str) -> String {
        if let Some((mask, _)) = self.0.iter().find(|(_, known)| known == secret) {
            return mask.clone();
        }
        // The same secret has the same mask as long as the process lives, so that prompts begin alike; nobody else can try values.
        static KEY: OnceLock<RandomState> = OnceLock::new();
        let digest = KEY.get_or_init(RandomState::new).hash_one(secret);
        let mask = format!("{MASK}{:012x}", digest >> 16);
        debug_assert_eq!(mask.len(), MASK.len() + DIGITS);
        tape::was_masked(&mask, secret);
        self.0.push((mask.clone(), secret.to_owned()));
        mask
    }
}

/// Puts secrets back while an answer arrives.
#[derive(Debug)]
pub struct Unveiling {
    veil: Veil,
    held: String,
}

impl Unveiling {
    /// For the answer to the prompt of this veil.
    pub fn new(veil: Veil) -> Unveiling {
        Unveiling {
            veil,
            held: String::new(),
        }
    }

    /// What of the text so far can no longer be a part of a mask, masks put back.
    pub fn feed(&mut self, text: &str) -> String {
        self.held.push_str(text);
        let longest = MASK.len() + DIGITS;
        let tail = self.held.len().saturating_sub(longest - 1);
        let open = (tail..self.held.len()).find(|at| {
            let rest = self.held.as_bytes().get(*at..).unwrap_or_default();
            let mut masks = self.veil.0.iter();
            masks.any(|(mask, _)| mask.as_bytes().starts_with(rest))
        });
        let held = self.held.split_off(open.unwrap_or(self.held.len()));
        let ready = std::mem::replace(&mut self.held, held);
        self.put_back(ready)
    }

    /// What was held back, at the end.
    pub fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.held);
        self.put_back(rest)
    }

    fn put_back(&self, mut text: String) -> String {
        if text.contains(MASK) {
            for (mask, secret) in &self.veil.0 {
                text = text.replace(mask, secret);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Hole;

    const KEY: &str = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6";

    fn hole(prefix: &str, suffix: &str) -> Prompt {
        Prompt {
            body: Body::Hole(Hole {
                prefix: prefix.into(),
                suffix: suffix.into(),
                ..Hole::default()
            }),
            ..Prompt::default()
        }
    }

    #[test]
    fn a_secret_leaves_as_its_mask_and_comes_back() {
        let mut prompt = hole(&format!("let a = \"{KEY}\";\nlet b = \"{KEY}\";\n"), "");
        let veil = Veil::over(&mut prompt);
        let Body::Hole(sent) = &prompt.body else {
            panic!()
        };
        assert_eq!(veil.len(), 1);
        assert!(!sent.prefix.contains("ghp_") && sent.prefix.starts_with("let a = \"SECRET_"));
        let mask = &sent.prefix[9..9 + MASK.len() + DIGITS];
        let answer = format!("x{mask}{mask}SECRET_y{}", &mask[..10]);
        let whole = answer.replace(mask, KEY);
        // Whatever way the answer is cut, the same comes out.
        for step in 1..answer.len() {
            let mut unveiling = Unveiling::new(veil.clone());
            let chunks: Vec<String> = answer
                .as_bytes()
                .chunks(step)
                .map(|chunk| unveiling.feed(std::str::from_utf8(chunk).unwrap()))
                .collect();
            assert_eq!(chunks.concat() + &unveiling.finish(), whole);
        }
        assert_eq!(format!("{veil:?}"), "Veil(1)");
    }

    #[test]
    fn a_secret_around_the_cursor_leaves_no_part_behind() {
        let (left, right) = KEY.split_at(20);
        let mut prompt = hole(&format!("a = \"{left}"), &format!("{right}\"\n"));
        let veil = Veil::over(&mut prompt);
        let Body::Hole(sent) = &prompt.body else {
            panic!()
        };
        assert_eq!((veil.len(), &*sent.suffix), (1, "\"\n"));
        assert!(sent.prefix.starts_with("a = \"SECRET_"));
    }

    #[test]
    fn a_secret_right_behind_the_cursor_stays_behind_it() {
        let mut prompt = hole("a = \"", &format!("{KEY}\"\n"));
        let veil = Veil::over(&mut prompt);
        let Body::Hole(sent) = &prompt.body else {
            panic!()
        };
        assert_eq!(sent.prefix, "a = \"");
        assert!(sent.suffix.starts_with("SECRET_"));
        // A mask that is whole is not waited for.
        let mask = &sent.suffix[..MASK.len() + DIGITS];
        assert_eq!(Unveiling::new(veil).feed(mask), KEY);
    }
}
