//! Which characters begin comments and strings, by file extension: one row = one family of languages.

/// How one family of languages writes comments and strings.
#[derive(Debug)]
pub struct Syntax {
    /// File extensions (lower case, without the dot) or whole file names that belong to the row.
    pub names: &'static [&'static str],
    /// What begins a comment that ends with its line.
    pub line: &'static [&'static str],
    /// What opens and closes a comment that may span lines.
    pub block: Option<(&'static str, &'static str)>,
    /// Whether block comments nest.
    pub nested: bool,
    /// String delimiters, longest first; the flag says that the string may span lines.
    pub quotes: &'static [(&'static str, bool)],
    /// `'` is a lifetime or a character, and raw strings are counted by `#`, as in Rust.
    pub ticks: bool,
    /// A `#` that touches a word belongs to it, as in private names of JavaScript.
    pub hash_word: bool,
    /// Prose: nothing is learnt and nothing suggested.
    pub prose: bool,
}

const fn row(names: &'static [&'static str], line: &'static [&'static str]) -> Syntax {
    Syntax {
        names,
        line,
        block: None,
        nested: false,
        quotes: &[("\"", false), ("'", false)],
        ticks: false,
        hash_word: false,
        prose: false,
    }
}

const C_BLOCK: Option<(&str, &str)> = Some(("/*", "*/"));
const TRIPLE: &[(&str, bool)] = &[("\"\"\"", true), ("'''", true), ("\"", false), ("'", false)];
const BACKTICK: &[(&str, bool)] = &[("\"", false), ("'", false), ("`", true)];

/// The rows; the last one stands for every language that has none of its own.
pub static SYNTAXES: &[Syntax] = &[
    Syntax {
        block: C_BLOCK,
        nested: true,
        quotes: &[("\"", true)],
        ticks: true,
        ..row(&["rs", "ron"], &["//"])
    },
    Syntax {
        block: C_BLOCK,
        quotes: BACKTICK,
        hash_word: true,
        ..row(
            &[
                "ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "jsx", "vue", "svelte", "astro",
            ],
            &["//"],
        )
    },
    Syntax {
        quotes: TRIPLE,
        ..row(&["py", "pyi", "bzl", "bazel", "BUILD"], &["#"])
    },
    Syntax {
        block: C_BLOCK,
        quotes: BACKTICK,
        ..row(&["go"], &["//"])
    },
    Syntax {
        block: C_BLOCK,
        quotes: TRIPLE,
        ..row(
            &[
                "java", "kt", "kts", "scala", "sc", "swift", "cs", "dart", "groovy", "gradle",
            ],
            &["//"],
        )
    },
    Syntax {
        block: C_BLOCK,
        ..row(
            &[
                "c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "mm", "ino", "glsl", "hlsl",
                "wgsl", "proto", "zig", "v", "sv", "sol", "thrift", "jsonc", "json5",
            ],
            &["//"],
        )
    },
    Syntax {
        block: C_BLOCK,
        ..row(&["php"], &["//", "#"])
    },
    Syntax {
        block: C_BLOCK,
        ..row(&["css"], &[])
    },
    Syntax {
        block: C_BLOCK,
        ..row(&["scss", "sass", "less", "styl"], &["//"])
    },
    row(
        &[
            "rb",
            "sh",
            "bash",
            "zsh",
            "fish",
            "yaml",
            "yml",
            "pl",
            "pm",
            "r",
            "jl",
            "mk",
            "cmake",
            "nix",
            "conf",
            "cfg",
            "properties",
            "tcl",
            "awk",
            "ex",
            "exs",
            "cr",
            "nim",
            "tf",
            "hcl",
            "Makefile",
            "Dockerfile",
            "Gemfile",
            "Rakefile",
            "CMakeLists.txt",
        ],
        &["#"],
    ),
    Syntax {
        quotes: TRIPLE,
        ..row(&["toml", "ini"], &["#"])
    },
    Syntax {
        block: Some(("--[[", "]]")),
        ..row(&["lua"], &["--"])
    },
    Syntax {
        block: C_BLOCK,
        ..row(&["sql"], &["--"])
    },
    Syntax {
        block: Some(("{-", "-}")),
        nested: true,
        quotes: &[("\"", false)],
        ..row(&["hs", "elm", "purs", "agda"], &["--"])
    },
    Syntax {
        block: Some(("(*", "*)")),
        nested: true,
        quotes: &[("\"", true)],
        ..row(&["ml", "mli", "fs", "fsi", "fsx"], &[])
    },
    Syntax {
        quotes: &[("\"", true)],
        ..row(
            &["lisp", "el", "clj", "cljs", "scm", "rkt", "asm", "s"],
            &[";"],
        )
    },
    Syntax {
        quotes: &[("'", false)],
        ..row(&["vim"], &["\""])
    },
    Syntax {
        quotes: &[("\"", true)],
        ..row(&["erl", "hrl", "pro"], &["%"])
    },
    Syntax {
        block: Some(("<!--", "-->")),
        quotes: &[("\"", false)],
        ..row(&["html", "htm", "xml", "svg", "xaml", "csproj"], &[])
    },
    Syntax {
        quotes: &[("\"", false)],
        ..row(&["json", "ipynb"], &[])
    },
    Syntax {
        prose: true,
        ..row(
            &[
                "md",
                "markdown",
                "mdx",
                "txt",
                "rst",
                "adoc",
                "tex",
                "org",
                "log",
                "csv",
                "tsv",
                "lock",
                "LICENSE",
                "NOTICE",
                "COMMIT_EDITMSG",
            ],
            &[],
        )
    },
    Syntax {
        quotes: &[("\"", false)],
        ..row(&[], &[])
    },
];

/// The row for a key (a path or URI): its whole file name first, then its extension, then the last row.
pub fn syntax_of(key: &str) -> &'static Syntax {
    let name = key.rsplit(['/', '\\']).next().unwrap_or(key);
    let ext = name.rsplit_once('.').map_or("", |(_, e)| e);
    let ext = ext.to_ascii_lowercase();
    let find = |wanted: &str| SYNTAXES.iter().find(|s| s.names.contains(&wanted));
    find(name)
        .or_else(|| find(&ext))
        .unwrap_or(&SYNTAXES[SYNTAXES.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_name_and_extension() {
        for (key, line, prose) in [
            ("file:///a/b.rs", Some("//"), false),
            ("file:///a/b.TS", Some("//"), false),
            ("file:///a/Makefile", Some("#"), false),
            ("file:///a/CMakeLists.txt", Some("#"), false),
            ("c:\\a\\notes.txt", None, true),
            ("file:///a/b.css", None, false),
            ("untitled:1", None, false),
        ] {
            let s = syntax_of(key);
            assert_eq!(s.line.first().copied(), line, "{key}");
            assert_eq!(s.prose, prose, "{key}");
        }
    }

    #[test]
    fn no_name_stands_in_two_rows() {
        let mut seen = std::collections::HashSet::new();
        for name in SYNTAXES.iter().flat_map(|s| s.names) {
            assert!(seen.insert(name), "{name} stands in two rows");
        }
    }
}
