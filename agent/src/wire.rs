//! Bytes to messages and back: Content-Length framing (LSP) or lines (ACP) that survive bad messages, and one bounded outbox.
//!
//! A frame whose length is known is always got past: a bad body is answered and the next frame is read. A frame whose
//! length is not known cannot be, so it ends the connection with one sentence.

mod envelope;
mod frame;
mod line;
mod outbox;

pub use envelope::{Envelope, Id, Incoming};
pub use frame::{Broken, FRAME_CAP, Frame, FrameReader, HEADER_CAP, framed};
pub use line::LineReader;
pub use outbox::{Framing, Outbox};

#[cfg(test)]
mod tests;
