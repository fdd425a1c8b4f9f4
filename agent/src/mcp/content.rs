//! What a server answered, as a prompt may have it: text alone, what nobody sees taken out, and no more than was agreed.

use rmcp::model::{CallToolResult, ContentBlock, ReadResourceResult, ResourceContents};

use super::came::{Came, shown};

/// What a tool answered.
///
/// # Errors
///
/// The tool's own words for its failure.
pub fn of_tool(result: CallToolResult, most: u32) -> Result<Came, String> {
    let mut came = Came::default();
    for block in result.content {
        match block {
            ContentBlock::Text(text) => came.add(&text.text),
            ContentBlock::Resource(resource) => came.resource(resource.resource),
            ContentBlock::ResourceLink(link) => came.add(&format!("{}: {}", link.name, link.uri)),
            ContentBlock::Image(image) => came.leave_out(&image.mime_type, image.data.len()),
            ContentBlock::Audio(audio) => came.leave_out(&audio.mime_type, audio.data.len()),
            _ => came
                .told
                .push("a part of a kind that is not known here is left out".into()),
        }
    }
    if came.text.is_empty()
        && let Some(value) = result.structured_content
    {
        came.add(&value.to_string());
    }
    match result.is_error {
        Some(true) => Err(shown(&came.text)),
        _ => Ok(came.within(most)),
    }
}

/// What a resource holds.
pub fn of_resource(result: ReadResourceResult, most: u32) -> Came {
    let mut came = Came::default();
    for part in result.contents {
        came.resource(part);
    }
    came.within(most)
}

impl Came {
    fn add(&mut self, text: &str) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn resource(&mut self, part: ResourceContents) {
        match part {
            ResourceContents::TextResourceContents { text, .. } => self.add(&text),
            ResourceContents::BlobResourceContents {
                mime_type, blob, ..
            } => self.leave_out(mime_type.as_deref().unwrap_or("bytes"), blob.len()),
            _ => {}
        }
    }

    /// `size` is that of the Base64 text.
    fn leave_out(&mut self, kind: &str, size: usize) {
        let kb = (size / 4 * 3).div_ceil(1 << 10);
        let said = format!("{} of {kb} KB is no text and is left out", shown(kind));
        self.told.push(said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::talk::tokens;

    fn result(blocks: Vec<ContentBlock>) -> CallToolResult {
        CallToolResult::success(blocks)
    }

    #[test]
    fn what_came_is_text_as_a_person_sees_it() {
        let came = of_tool(
            result(vec![
                ContentBlock::text("a\u{1b}[31mb\u{200b}"),
                ContentBlock::image("AAAA", "image/png"),
                ContentBlock::text("second"),
            ]),
            100,
        );
        let came = came.unwrap();
        assert_eq!(came.text, "a[31mb\nsecond");
        assert_eq!(
            came.told,
            [
                "image/png of 1 KB is no text and is left out",
                "2 invisible characters were taken out"
            ]
        );
        let failed = CallToolResult::error(vec![ContentBlock::text("no such\n table\u{7}")]);
        assert_eq!(of_tool(failed, 100), Err("no such table".into()));
    }

    #[test]
    fn what_is_too_long_is_cut_and_said() {
        for text in ["line of words\n".repeat(10_000), "ü".repeat(100_000)] {
            let came = of_tool(result(vec![ContentBlock::text(text.clone())]), 1000).unwrap();
            assert!(came.text.ends_with("\n[cut here]\n"));
            assert!(tokens(&came.text) <= 1010, "{}", tokens(&came.text));
            assert!(text.starts_with(came.text.trim_end_matches("\n[cut here]\n")));
            assert_eq!(came.cut, Some(tokens(&text)));
        }
    }
}
