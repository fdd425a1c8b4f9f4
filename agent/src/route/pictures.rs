//! Pictures with the person's last turn, in the form of each family that takes them.

use serde_json::{Map, Value, json};

use crate::prompt::Image;

/// How a family's messages hold pictures.
#[derive(Clone, Copy)]
pub struct Pictures {
    /// The body's list of messages.
    messages: &'static str,
    /// A message's parts.
    parts: &'static str,
    /// A text as a part.
    text: fn(&str) -> Value,
    /// A picture as a part.
    image: fn(&Image) -> Value,
}

/// OpenAI's chat completions.
pub const CHAT: Pictures = Pictures {
    messages: "messages",
    parts: "content",
    text: |text| json!({"type": "text", "text": text}),
    image: |image| json!({"type": "image_url", "image_url": {"url": address(image)}}),
};

/// OpenAI's responses.
pub const RESPONSES: Pictures = Pictures {
    messages: "input",
    parts: "content",
    text: |text| json!({"type": "input_text", "text": text}),
    image: |image| json!({"type": "input_image", "image_url": address(image)}),
};

/// Anthropic's messages.
pub const ANTHROPIC: Pictures = Pictures {
    messages: "messages",
    parts: "content",
    text: |text| json!({"type": "text", "text": text}),
    image: |image| json!({"type": "image", "source": {"type": "base64", "media_type": image.media, "data": image.data}}),
};

/// Google's contents.
pub const GEMINI: Pictures = Pictures {
    messages: "contents",
    parts: "parts",
    text: |text| json!({"text": text}),
    image: |image| json!({"inlineData": {"mimeType": image.media, "data": image.data}}),
};

/// Bedrock's Converse.
pub const CONVERSE: Pictures = Pictures {
    messages: "messages",
    parts: "content",
    text: |text| json!({"text": text}),
    image: |image| {
        let format = image.media.trim_start_matches("image/");
        json!({"image": {"format": format, "source": {"bytes": image.data}}})
    },
};

/// Ollama's: Base64 in a list beside the text.
pub const OLLAMA: Pictures = Pictures {
    messages: "messages",
    parts: "images",
    text: |text| json!(text),
    image: |image| json!(image.data),
};

fn address(image: &Image) -> String {
    format!("data:{};base64,{}", image.media, image.data)
}

impl Pictures {
    /// Puts pictures before the text of the person's last message.
    pub fn show(&self, body: &mut Map<String, Value>, images: &[Image]) {
        let Some(Value::Array(messages)) = body.get_mut(self.messages) else {
            return;
        };
        let Some(message) = messages
            .iter_mut()
            .rev()
            .find(|message| message["role"] == "user")
        else {
            return;
        };
        let mut parts: Vec<Value> = images.iter().map(self.image).collect();
        match message.get(self.parts) {
            Some(Value::String(text)) => parts.push((self.text)(text)),
            Some(Value::Array(texts)) => parts.extend(texts.iter().cloned()),
            _ => {}
        }
        message[self.parts] = parts.into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_stands_before_the_last_question_in_every_form() {
        let image = Image {
            media: "image/png",
            data: "QUJD".into(),
        };
        for (pictures, body, wanted) in [
            (
                CHAT,
                json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]}),
                json!([{"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}}, {"type": "text", "text": "c"}]),
            ),
            (
                RESPONSES,
                json!({"input": [{"role": "user", "content": "c"}]}),
                json!([{"type": "input_image", "image_url": "data:image/png;base64,QUJD"}, {"type": "input_text", "text": "c"}]),
            ),
            (
                ANTHROPIC,
                json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "c", "cache_control": {"type": "ephemeral"}}]}]}),
                json!([{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QUJD"}}, {"type": "text", "text": "c", "cache_control": {"type": "ephemeral"}}]),
            ),
            (
                GEMINI,
                json!({"contents": [{"role": "user", "parts": [{"text": "c"}]}]}),
                json!([{"inlineData": {"mimeType": "image/png", "data": "QUJD"}}, {"text": "c"}]),
            ),
            (
                CONVERSE,
                json!({"messages": [{"role": "user", "content": [{"text": "c"}]}]}),
                json!([{"image": {"format": "png", "source": {"bytes": "QUJD"}}}, {"text": "c"}]),
            ),
            (
                OLLAMA,
                json!({"messages": [{"role": "user", "content": "c"}]}),
                json!(["QUJD"]),
            ),
        ] {
            let Value::Object(mut body) = body else {
                panic!("a body")
            };
            pictures.show(&mut body, std::slice::from_ref(&image));
            let messages = body[pictures.messages].as_array().unwrap();
            assert_eq!(messages.last().unwrap()[pictures.parts], wanted);
            assert_eq!(
                messages
                    .iter()
                    .filter(|it| it.to_string().contains("QUJD"))
                    .count(),
                1
            );
        }
    }
}
