//! Any bytes on standard input: frames come out or one error, and no body panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use nextline::wire::{Frame, FrameReader, Incoming};

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut reader = FrameReader::new(bytes);
        while let Ok(Some(frame)) = reader.next().await {
            if let Frame::Body(body) = frame {
                let _ = Incoming::read(&body);
            }
        }
    });
    let _ = Incoming::read(bytes);
});
