//! The language table: one row is one language, and nothing else in the project branches on a language.

use std::path::Path;
use std::sync::OnceLock;

use crate::structure::Structure;

/// One row of the language table.
///
/// A row is there even when its grammar is not linked: comment tokens and file names need no grammar.
#[derive(Debug)]
pub struct Language {
    id: &'static str,
    also: &'static [&'static str],
    extensions: &'static [&'static str],
    files: &'static [&'static str],
    line_comment: Option<&'static str>,
    block_comment: Option<(&'static str, &'static str)>,
    grammar: Option<fn() -> tree_sitter::Language>,
    queries: &'static [&'static str],
    structure: OnceLock<Option<Structure>>,
}

impl Language {
    /// Every row, in the order of the table.
    pub fn all() -> &'static [Language] {
        &LANGUAGES
    }

    /// The row for a language id as editors send it (LSP `languageId`, or another id that means the same), in any
    /// case. `None` for a language that the table does not hold.
    pub fn by_id(id: &str) -> Option<&'static Language> {
        LANGUAGES
            .iter()
            .find(|row| is_one_of(id, &[row.id]) || is_one_of(id, row.also))
    }

    /// The row for a path, by file name first and by extension after, in any case. The file is not opened.
    pub fn by_path(path: &Path) -> Option<&'static Language> {
        let name = path.file_name()?.to_str()?;
        let extension = path.extension().and_then(|text| text.to_str());
        LANGUAGES
            .iter()
            .find(|row| is_one_of(name, row.files))
            .or_else(|| {
                LANGUAGES
                    .iter()
                    .find(|row| extension.is_some_and(|text| is_one_of(text, row.extensions)))
            })
    }

    /// The id of the row, which is the LSP `languageId` except for `tsx` (`typescriptreact` there) and `bash`
    /// (`shellscript` there).
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Other ids that mean this language.
    pub fn also(&self) -> &'static [&'static str] {
        self.also
    }

    /// File extensions without the dot, lower case.
    pub fn extensions(&self) -> &'static [&'static str] {
        self.extensions
    }

    /// File names that mean this language whatever their extension.
    pub fn files(&self) -> &'static [&'static str] {
        self.files
    }

    /// What starts a comment that ends with its line.
    pub fn line_comment(&self) -> Option<&'static str> {
        self.line_comment
    }

    /// What opens and closes a comment that may span lines.
    pub fn block_comment(&self) -> Option<(&'static str, &'static str)> {
        self.block_comment
    }

    /// Whether a statement may end without its semicolon, so that files have one habit or the other.
    pub fn semicolons_are_optional(&self) -> bool {
        ["javascript", "typescript", "tsx"].contains(&self.id)
    }

    /// Whether a type's own code names its members as it names variables.
    pub fn members_are_in_scope(&self) -> bool {
        ["java", "csharp", "kotlin", "cpp", "swift", "scala"].contains(&self.id)
    }

    /// How a comment begins that documents what follows it.
    pub fn doc_marks(&self) -> &'static [&'static str] {
        match (self.id, self.line_comment) {
            ("go", _) => &["//", "/*"],
            (_, Some("//")) => &["///", "/**", "//!"],
            (_, Some("#")) => &["#"],
            (_, Some("--")) => &["--"],
            _ => &["/**", "<!--"],
        }
    }

    /// Whether a doc comment is the first statement inside what it documents, and not a comment above it.
    pub fn documents_inside(&self) -> bool {
        self.id == "python"
    }

    /// Whether its scanner looks any character up in C's table of 256 (tree-sitter-bash 0.25: `isdigit` behind a brace), and dies of others.
    pub(crate) fn scans_bytes(&self) -> bool {
        self.id == "bash"
    }

    /// Whether the grammar is linked into this binary. Without it [`crate::Syntax::parse`] answers `None`.
    pub fn has_grammar(&self) -> bool {
        self.grammar.is_some()
    }

    /// The grammar, if it is linked. Only a pointer: its tables are read from disk as a parse touches them.
    pub(crate) fn grammar(&self) -> Option<tree_sitter::Language> {
        self.grammar.map(|make| make())
    }

    /// The files of the structure query.
    pub(crate) fn queries(&self) -> &'static [&'static str] {
        self.queries
    }

    /// The structure query, read on first use and kept.
    pub(crate) fn structure(&self) -> Option<&Structure> {
        self.structure
            .get_or_init(|| Structure::read(self).ok().flatten())
            .as_ref()
    }
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// A grammar behind the cargo feature that links it; without a feature it is always linked.
macro_rules! grammar {
    ($grammar:path) => {
        Some(|| $grammar.into())
    };
    ($feature:tt, $grammar:path) => {{
        #[cfg(feature = $feature)]
        const GRAMMAR: Option<fn() -> tree_sitter::Language> = Some(|| $grammar.into());
        #[cfg(not(feature = $feature))]
        const GRAMMAR: Option<fn() -> tree_sitter::Language> = None;
        GRAMMAR
    }};
}

/// One row: id and its other names, extensions, file names, comment tokens, grammar, query folders.
macro_rules! row {
    (
        $id:literal $(= $also:literal)*,
        [$($extension:literal)*] [$($file:literal)*],
        $line:expr, $block:expr,
        grammar($($grammar:tt)*), [$($folder:literal)+]
    ) => {
        Language {
            id: $id,
            also: &[$($also),*],
            extensions: &[$($extension),*],
            files: &[$($file),*],
            line_comment: $line,
            block_comment: $block,
            grammar: grammar!($($grammar)*),
            queries: &[$(include_str!(concat!("../queries/", $folder, "/structure.scm"))),+],
            structure: OnceLock::new(),
        }
    };
}

const SLASHES: Option<&str> = Some("//");
const HASH: Option<&str> = Some("#");
const C_BLOCK: Option<(&str, &str)> = Some(("/*", "*/"));
const TAG_BLOCK: Option<(&str, &str)> = Some(("<!--", "-->"));

#[rustfmt::skip] // One row is one entry: line breaks by width would hide the table.
static LANGUAGES: [Language; 23] = [
    row!("rust", ["rs"] [], SLASHES, C_BLOCK,
        grammar(tree_sitter_rust::LANGUAGE), ["rust"]),
    row!("typescript", ["ts" "mts" "cts"] [], SLASHES, C_BLOCK,
        grammar(tree_sitter_typescript::LANGUAGE_TYPESCRIPT), ["typescript"]),
    row!("tsx" = "typescriptreact", ["tsx"] [], SLASHES, C_BLOCK,
        grammar(tree_sitter_typescript::LANGUAGE_TSX), ["typescript" "tsx"]),
    row!("javascript" = "javascriptreact" = "jsx", ["js" "mjs" "cjs" "jsx"] ["Jakefile"], SLASHES, C_BLOCK,
        grammar("javascript", tree_sitter_javascript::LANGUAGE), ["javascript"]),
    row!("python", ["py" "pyi" "pyw"] ["SConstruct" "SConscript"], HASH, None,
        grammar("python", tree_sitter_python::LANGUAGE), ["python"]),
    row!("go", ["go"] [], SLASHES, C_BLOCK,
        grammar("go", tree_sitter_go::LANGUAGE), ["go"]),
    row!("java", ["java"] [], SLASHES, C_BLOCK,
        grammar("java", tree_sitter_java::LANGUAGE), ["java"]),
    row!("c", ["c" "h"] [], SLASHES, C_BLOCK,
        grammar("c", tree_sitter_c::LANGUAGE), ["c"]),
    row!("cpp" = "c++", ["cpp" "cc" "cxx" "c++" "hpp" "hh" "hxx" "h++" "ipp" "inl"] [], SLASHES, C_BLOCK,
        grammar("cpp", tree_sitter_cpp::LANGUAGE), ["c" "cpp"]),
    row!("csharp" = "c-sharp" = "cs", ["cs" "csx"] [], SLASHES, C_BLOCK,
        grammar("c-sharp", tree_sitter_c_sharp::LANGUAGE), ["csharp"]),
    row!("kotlin", ["kt" "kts"] [], SLASHES, C_BLOCK,
        grammar("kotlin", tree_sitter_kotlin_ng::LANGUAGE), ["kotlin"]),
    row!("ruby", ["rb" "rake" "gemspec" "ru"] ["Rakefile" "Gemfile" "Vagrantfile" "Podfile"], HASH, Some(("=begin", "=end")),
        grammar("ruby", tree_sitter_ruby::LANGUAGE), ["ruby"]),
    row!("php", ["php" "phtml" "php5"] [], SLASHES, C_BLOCK,
        grammar("php", tree_sitter_php::LANGUAGE_PHP), ["php"]),
    row!("swift", ["swift"] [], SLASHES, C_BLOCK,
        grammar("swift", tree_sitter_swift::LANGUAGE), ["swift"]),
    row!("scala", ["scala" "sc" "sbt"] [], SLASHES, C_BLOCK,
        grammar("scala", tree_sitter_scala::LANGUAGE), ["scala"]),
    row!("bash" = "shellscript" = "sh" = "zsh", ["sh" "bash" "zsh" "ksh"] [".bashrc" ".bash_profile" ".profile" ".zshrc" "PKGBUILD"], HASH, None,
        grammar("bash", tree_sitter_bash::LANGUAGE), ["bash"]),
    row!("lua", ["lua"] [".luacheckrc"], Some("--"), Some(("--[[", "]]")),
        grammar("lua", tree_sitter_lua::LANGUAGE), ["lua"]),
    row!("json" = "jsonc", ["json" "jsonc" "geojson" "webmanifest"] [".babelrc" ".eslintrc" "composer.lock"], SLASHES, C_BLOCK,
        grammar("json", tree_sitter_json::LANGUAGE), ["json"]),
    row!("yaml" = "yml", ["yaml" "yml"] [".clang-format" ".clang-tidy" ".clangd"], HASH, None,
        grammar("yaml", tree_sitter_yaml::LANGUAGE), ["yaml"]),
    row!("toml", ["toml"] ["Cargo.lock" "poetry.lock" "uv.lock"], HASH, None,
        grammar("toml", tree_sitter_toml_ng::LANGUAGE), ["toml"]),
    row!("html", ["html" "htm" "xhtml"] [], None, TAG_BLOCK,
        grammar("html", tree_sitter_html::LANGUAGE), ["html"]),
    row!("css", ["css"] [], None, C_BLOCK,
        grammar("css", tree_sitter_css::LANGUAGE), ["css"]),
    row!("markdown" = "md", ["md" "markdown" "mkd"] [], None, TAG_BLOCK,
        grammar("markdown", tree_sitter_md::LANGUAGE), ["markdown"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_one_row() {
        let mut ids = Vec::new();
        let mut extensions = Vec::new();
        let mut files = Vec::new();
        for row in Language::all() {
            ids.push(row.id);
            ids.extend(row.also);
            extensions.extend(row.extensions);
            files.extend(row.files);
        }
        for (what, mut names) in [("id", ids), ("extension", extensions), ("file name", files)] {
            let all = names.len();
            names.sort_unstable();
            names.dedup_by(|left, right| left.eq_ignore_ascii_case(right));
            assert_eq!(names.len(), all, "an {what} leads to two rows");
        }
    }

    #[test]
    fn by_id_and_by_path() {
        for (id, row) in [
            ("rust", Some("rust")),
            ("typescriptreact", Some("tsx")),
            ("javascriptreact", Some("javascript")),
            ("shellscript", Some("bash")),
            ("csharp", Some("csharp")),
            ("Rust", Some("rust")),
            ("plaintext", None),
            ("", None),
        ] {
            assert_eq!(Language::by_id(id).map(Language::id), row, "{id}");
        }
        for (path, row) in [
            ("src/main.rs", Some("rust")),
            ("/tmp/a.d.ts", Some("typescript")),
            ("App.TSX", Some("tsx")),
            ("include/a.h", Some("c")),
            ("Cargo.lock", Some("toml")),
            ("Gemfile", Some("ruby")),
            ("/home/someone/.bashrc", Some("bash")),
            (".rs", None),
            ("Makefile", None),
            ("/", None),
        ] {
            assert_eq!(
                Language::by_path(Path::new(path)).map(Language::id),
                row,
                "{path}"
            );
        }
    }
}
