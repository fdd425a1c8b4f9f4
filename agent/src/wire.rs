//! Bytes to messages and back: Content-Length framing that survives bad frames, and one bounded outbox.
//!
//! A frame whose length is known is always got past: a bad body is answered and the next frame is read. A frame whose
//! length is not known cannot be, so it ends the connection with one sentence.

mod envelope;
mod frame;
mod outbox;

pub use envelope::{Envelope, Id, Incoming};
pub use frame::{Broken, FRAME_CAP, Frame, FrameReader, HEADER_CAP, framed};
pub use outbox::Outbox;

#[cfg(test)]
mod tests;
