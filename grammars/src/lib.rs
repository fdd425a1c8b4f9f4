//! Source text to syntax.
