//! Source that the embedded model can learn: regular enough that what comes next is beyond doubt.

/// Rust functions that all do the same; `count` of them.
#[must_use]
pub fn regular_rust(count: usize) -> String {
    (0..count)
        .map(|n| {
            format!(
                "pub fn handle_{n}(registry: &mut Registry) -> Result<(), Error> {{\n    \
                 let counter = registry.counter(\"requests\");\n    \
                 counter.increment(1);\n    \
                 Ok(())\n}}\n\n"
            )
        })
        .collect()
}

/// The start of one more such function, with the cursor where the embedded model must know the rest of the line:
/// `counter(\"requests\");`.
pub const NEXT_FUNCTION: &str = "pub fn handle_new(registry: &mut Registry) -> Result<(), Error> {\n    let counter = registry.$0\n}\n";

/// What stands on that line once the rest is accepted.
pub const NEXT_LINE: &str = "    let counter = registry.counter(\"requests\");";

/// A file in which the embedded model has an answer at the cursor.
#[must_use]
pub fn learnable() -> String {
    regular_rust(8) + NEXT_FUNCTION
}
