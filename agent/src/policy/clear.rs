//! The door: a prompt passes it as [`Cleared`] or not at all, and routes send nothing else.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::judge::Policy;
use super::veil::Veil;
use super::verdict::Excluded;
use crate::prompt::Prompt;

/// A prompt that may be sent: every part of a file in it was allowed when it passed, and its secrets are masked.
#[derive(Debug, Clone)]
pub struct Cleared {
    prompt: Prompt,
    veil: Veil,
}

impl Cleared {
    /// A prompt that holds no part of any file; `None` if it does.
    pub fn of_no_file(prompt: Prompt) -> Option<Cleared> {
        prompt.sources.is_empty().then(|| Cleared::masked(prompt))
    }

    fn masked(mut prompt: Prompt) -> Cleared {
        let veil = Veil::over(&mut prompt);
        Cleared { prompt, veil }
    }

    /// How many different secrets are masked in it.
    pub fn secrets(&self) -> usize {
        self.veil.len()
    }

    /// The prompt as it may be sent, and what its answer must be read through.
    pub fn open(self) -> (Prompt, Veil) {
        (self.prompt, self.veil)
    }
}

/// Tests of routes ask about files that are not there.
#[cfg(test)]
impl From<Prompt> for Cleared {
    fn from(prompt: Prompt) -> Self {
        Cleared::masked(prompt)
    }
}

impl Policy {
    /// Lets a prompt pass, if each file that it holds a part of may be used now.
    ///
    /// # Errors
    ///
    /// The rule that excludes one of them.
    pub fn clear(&self, folders: &[PathBuf], prompt: Prompt) -> Result<Cleared, Box<Excluded>> {
        self.clear_since(folders, prompt, Instant::now())
    }

    /// The same in a request that came at `since`: see [`Policy::verdict_of_since`].
    ///
    /// # Errors
    ///
    /// The rule that excludes one of them.
    pub fn clear_since(
        &self,
        folders: &[PathBuf],
        prompt: Prompt,
        since: Instant,
    ) -> Result<Cleared, Box<Excluded>> {
        for file in files(&prompt) {
            if let Some(why) = self.verdict_of_since(folders, file, since).excluded() {
                return Err(Box::new(why));
            }
        }
        Ok(Cleared::masked(prompt))
    }

    /// The same for files that somebody named: one outside of the prompt's own folder was opened by itself.
    ///
    /// # Errors
    ///
    /// The rule that excludes one of them.
    pub fn clear_named(&self, prompt: Prompt) -> Result<Cleared, Box<Excluded>> {
        let folder: Vec<PathBuf> = prompt.folder.iter().map(PathBuf::from).collect();
        for file in files(&prompt) {
            let inside = folder
                .iter()
                .any(|folder| Path::new(file).starts_with(folder));
            let folders = if inside { folder.as_slice() } else { &[] };
            if let Some(why) = self.verdict_of(folders, file).excluded() {
                return Err(Box::new(why));
            }
        }
        Ok(Cleared::masked(prompt))
    }
}

/// The files that a prompt holds a part of, each once.
fn files(prompt: &Prompt) -> impl Iterator<Item = &str> {
    let mut seen = HashSet::new();
    let files = prompt.sources.iter().map(|source| &*source.path);
    files.filter(move |file| seen.insert(*file))
}
