//! Where a project keeps its tests and what they are written with: the project's own habit first, the language's after.

use std::path::{Path, PathBuf};

use crate::prompt::talk::Item;

/// One language's habit. In paths, `{dir}` is the source's folder, `{stem}` its name without extension, `{ext}` its extension, and
/// `{twin}` its folder with the second part of `twin` for the first.
struct Row {
    languages: &'static [&'static str],
    /// Where tests may lie, the usual place first; empty when they stand in the source itself.
    places: &'static [&'static str],
    twin: (&'static str, &'static str),
    /// New tests stand inside the last block of the file, as methods of a class do.
    inside: bool,
    /// Files of the project that name its framework.
    manifests: &'static [&'static str],
    /// Frameworks by the word that shows them in a manifest; the last one needs no word.
    frameworks: &'static [(&'static str, &'static str)],
}

const NODE: &[(&str, &str)] = &[
    (
        "vitest",
        "Vitest (import { describe, expect, it } from 'vitest')",
    ),
    ("jest", "Jest"),
    (
        "mocha",
        "Mocha with the assertions that the project's tests use",
    ),
    ("ava", "AVA"),
    (
        "",
        "the built-in runner (import { test } from 'node:test'; import assert from 'node:assert')",
    ),
];
const JVM: &[(&str, &str)] = &[
    ("junit-jupiter", "JUnit 5 (org.junit.jupiter.api)"),
    ("useJUnitPlatform", "JUnit 5 (org.junit.jupiter.api)"),
    ("testng", "TestNG"),
    ("kotlin(\"test\")", "kotlin.test"),
    ("junit", "JUnit 4 (org.junit)"),
    ("", "JUnit 5 (org.junit.jupiter.api)"),
];
const JVM_FILES: &[&str] = &["pom.xml", "build.gradle", "build.gradle.kts"];

// A table: one row, one family of languages.
const ROWS: &[Row] = &[
    Row {
        languages: &["rust"],
        places: &[],
        twin: ("", ""),
        inside: true,
        manifests: &[],
        frameworks: &[(
            "",
            "#[test] functions in `mod tests` of this same file, with assert! and assert_eq!",
        )],
    },
    Row {
        languages: &["typescript", "tsx", "javascript"],
        places: &[
            "{dir}/{stem}.test.{ext}",
            "{dir}/{stem}.spec.{ext}",
            "{dir}/__tests__/{stem}.test.{ext}",
            "{dir}/__tests__/{stem}.{ext}",
            "test/{stem}.test.{ext}",
            "tests/{stem}.test.{ext}",
        ],
        twin: ("", ""),
        inside: false,
        manifests: &["package.json"],
        frameworks: NODE,
    },
    Row {
        languages: &["python"],
        places: &[
            "tests/test_{stem}.py",
            "{dir}/test_{stem}.py",
            "{dir}/tests/test_{stem}.py",
            "test/test_{stem}.py",
            "{dir}/{stem}_test.py",
        ],
        twin: ("", ""),
        inside: false,
        manifests: &[
            "pyproject.toml",
            "requirements.txt",
            "requirements-dev.txt",
            "setup.cfg",
            "tox.ini",
            "pytest.ini",
            "Pipfile",
        ],
        frameworks: &[
            ("pytest", "pytest (plain functions and assert)"),
            ("", "unittest (TestCase classes)"),
        ],
    },
    Row {
        languages: &["go"],
        places: &["{dir}/{stem}_test.go"],
        twin: ("", ""),
        inside: false,
        manifests: &["go.mod"],
        frameworks: &[
            ("stretchr/testify", "testing with testify"),
            ("", "testing, with tables of cases"),
        ],
    },
    Row {
        languages: &["java"],
        places: &["{twin}/{stem}Test.java", "{dir}/{stem}Test.java"],
        twin: ("src/main/java", "src/test/java"),
        inside: true,
        manifests: JVM_FILES,
        frameworks: JVM,
    },
    Row {
        languages: &["kotlin"],
        places: &["{twin}/{stem}Test.kt", "{dir}/{stem}Test.kt"],
        twin: ("src/main/kotlin", "src/test/kotlin"),
        inside: true,
        manifests: JVM_FILES,
        frameworks: JVM,
    },
    Row {
        languages: &["csharp"],
        places: &[
            "tests/{stem}Tests.cs",
            "test/{stem}Tests.cs",
            "{dir}/{stem}Tests.cs",
            "{dir}/{stem}Test.cs",
        ],
        twin: ("", ""),
        inside: true,
        manifests: &["Directory.Packages.props", "packages.config"],
        frameworks: &[
            ("nunit", "NUnit"),
            ("mstest", "MSTest"),
            ("", "xUnit ([Fact] and [Theory])"),
        ],
    },
    Row {
        languages: &["cpp", "c"],
        places: &[
            "tests/{stem}_test.{ext}",
            "test/{stem}_test.{ext}",
            "tests/test_{stem}.{ext}",
            "{dir}/{stem}_test.{ext}",
        ],
        twin: ("", ""),
        inside: false,
        manifests: &[
            "CMakeLists.txt",
            "meson.build",
            "conanfile.txt",
            "vcpkg.json",
            "MODULE.bazel",
        ],
        frameworks: &[
            ("atch2", "Catch2"),
            ("doctest", "doctest"),
            ("test", "GoogleTest"),
            ("", "assert in a main function"),
        ],
    },
    Row {
        languages: &["ruby"],
        places: &[
            "spec/{stem}_spec.rb",
            "test/test_{stem}.rb",
            "test/{stem}_test.rb",
        ],
        twin: ("", ""),
        inside: false,
        manifests: &["Gemfile", ".rspec"],
        frameworks: &[("minitest", "Minitest"), ("", "RSpec")],
    },
    Row {
        languages: &["php"],
        places: &["tests/{stem}Test.php"],
        twin: ("", ""),
        inside: true,
        manifests: &["composer.json"],
        frameworks: &[("pest", "Pest"), ("", "PHPUnit")],
    },
];

/// Where tests of a file go and what they are written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The test file, relative to the workspace; `None` for the source itself.
    pub file: Option<PathBuf>,
    /// What it holds now; empty for a new file.
    pub text: String,
    /// New tests stand inside its last block.
    pub inside: bool,
    /// The framework, in words for the model.
    pub framework: &'static str,
}

impl Layout {
    /// The test file as it is, for the model to follow.
    pub fn items(&self, folder: &Path) -> Option<Item> {
        let file = self.file.as_ref().filter(|_| !self.text.is_empty())?;
        Some(Item {
            name: file.to_string_lossy().replace('\\', "/"),
            text: self.text.clone(),
            file: folder.join(file).to_string_lossy().into_owned(),
            line: 1,
            rule: "tests".into(),
            ..Item::default()
        })
    }

    /// What the model has to know of the place.
    pub fn instruction(&self, wanted: &str) -> String {
        let place = match (&self.file, self.text.is_empty()) {
            (None, _) => "They stand in this same file.".to_owned(),
            (Some(file), true) => format!(
                "They stand in the new file `{}`: write it whole, with its imports.",
                file.display()
            ),
            (Some(file), false) => format!("They are added to `{}`, shown above.", file.display()),
        };
        format!(
            "Tests here are written with {}. {place} {wanted}",
            self.framework
        )
    }
}

/// The layout for the source at `path` (relative to its workspace, with slashes); `None` for a language without a row. `read` gives the text
/// of a file of the workspace.
pub fn layout(language: &str, path: &str, read: &dyn Fn(&str) -> Option<String>) -> Option<Layout> {
    let row = ROWS.iter().find(|row| row.languages.contains(&language))?;
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (stem, ext) = name.rsplit_once('.').unwrap_or((name, ""));
    let twin = match row.twin.0.is_empty() || !dir.contains(row.twin.0) {
        true => dir.to_owned(),
        false => dir.replacen(row.twin.0, row.twin.1, 1),
    };
    let fill = |place: &&str| {
        let path = place.replace("{dir}", dir).replace("{twin}", &twin);
        path.replace("{stem}", stem)
            .replace("{ext}", ext)
            .trim_start_matches('/')
            .to_owned()
    };
    let places: Vec<String> = row.places.iter().map(fill).collect();
    let found = places
        .iter()
        .find_map(|place| Some((place.clone(), read(place)?)));
    // A new file goes where the language has it; a top folder for tests only if there is one.
    let usual = || {
        let with_folder = |place: &&String| {
            let top = place.split('/').next().unwrap_or_default();
            let of_tests = ["tests", "test", "spec"].contains(&top);
            !of_tests || Path::new(path).starts_with(top) || read(&format!("{top}/")).is_some()
        };
        places.iter().find(with_folder).or(places.first()).cloned()
    };
    let (file, text) = match found {
        Some((place, text)) => (Some(place), text),
        None => (usual(), String::new()),
    };
    let manifests: Vec<String> = row.manifests.iter().filter_map(|name| read(name)).collect();
    let named = |word: &str| {
        word.is_empty()
            || manifests
                .iter()
                .any(|text| text.to_lowercase().contains(&word.to_lowercase()))
    };
    let framework = row
        .frameworks
        .iter()
        .find(|(word, _)| named(word))
        .map_or("", |row| row.1);
    Some(Layout {
        file: file.map(PathBuf::from),
        text,
        inside: row.inside,
        framework,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_own_habit_comes_first() {
        for (language, path, files, file, framework) in [
            ("rust", "src/a.rs", &[][..], None, "#[test]"),
            (
                "typescript",
                "src/a.ts",
                &[("package.json", "\"vitest\": 1")],
                Some("src/a.test.ts"),
                "Vitest",
            ),
            (
                "typescript",
                "src/a.ts",
                &[("src/__tests__/a.test.ts", "x"), ("package.json", "jest")],
                Some("src/__tests__/a.test.ts"),
                "Jest",
            ),
            (
                "python",
                "app/a.py",
                &[("tests/", ""), ("pyproject.toml", "pytest>=8")],
                Some("tests/test_a.py"),
                "pytest",
            ),
            ("python", "app/a.py", &[], Some("app/test_a.py"), "unittest"),
            ("go", "pkg/a.go", &[], Some("pkg/a_test.go"), "testing"),
            (
                "java",
                "core/src/main/java/p/A.java",
                &[("pom.xml", "<artifactId>testng</artifactId>")],
                Some("core/src/test/java/p/ATest.java"),
                "TestNG",
            ),
            ("kotlin", "A.kt", &[], Some("ATest.kt"), "JUnit 5"),
            (
                "csharp",
                "A.cs",
                &[("tests/", "")],
                Some("tests/ATests.cs"),
                "xUnit",
            ),
            (
                "cpp",
                "src/a.cpp",
                &[("tests/a_test.cpp", "x"), ("CMakeLists.txt", "Catch2")],
                Some("tests/a_test.cpp"),
                "Catch2",
            ),
        ] {
            let read = |path: &str| {
                files
                    .iter()
                    .find(|(name, _)| *name == path)
                    .map(|(_, text)| (*text).to_owned())
            };
            let found = layout(language, path, &read).expect("a row");
            assert_eq!(
                found.file.as_deref(),
                file.map(Path::new),
                "{path} {files:?}"
            );
            assert!(
                found.framework.contains(framework),
                "{path}: {}",
                found.framework
            );
        }
        assert_eq!(layout("toml", "a.toml", &|_| None), None);
    }
}
