//! Recall over generated keys in many contexts, false alarms over real code, and what it costs.

mod edges;

use proptest::test_runner::{Config, TestRunner};

use super::*;

/// A key as vendors give it out: a start, the letters that follow, and how many. No row of the table is read for it.
const KEYS: &[(&str, &str, usize)] = &[
    ("AKIA", "u", 16),
    ("ASIA", "u", 16),
    ("sk-ant-api03-", "w", 93),
    ("sk-proj-", "w", 120),
    ("sk-svcacct-", "w", 100),
    ("sk-", "a", 48),
    ("AIzaSy", "w", 33),
    ("GOCSPX-", "w", 28),
    ("ya29.", "w", 120),
    ("gsk_", "a", 52),
    ("xai-", "a", 80),
    ("pplx-", "a", 48),
    ("r8_", "a", 37),
    ("hf_", "a", 34),
    ("fw_", "a", 24),
    ("nvapi-", "w", 64),
    ("ghp_", "a", 36),
    ("gho_", "a", 36),
    ("ghu_", "a", 36),
    ("ghs_", "a", 36),
    ("github_pat_", "a", 82),
    ("glpat-", "w", 20),
    ("gldt-", "w", 20),
    ("glrt-", "w", 20),
    ("ATATT3xFfGF0", "w", 180),
    ("sgp_", "h", 40),
    ("slk_", "h", 64),
    ("xoxb-", "d-", 50),
    ("xoxp-", "d-", 60),
    ("xapp-1-", "d-", 80),
    ("https://hooks.slack.com/services/T", "u", 40),
    ("https://discord.com/api/webhooks/", "n", 60),
    ("sk_live_", "a", 24),
    ("sk_test_", "a", 24),
    ("rk_live_", "a", 24),
    ("whsec_", "a", 32),
    ("sq0atp-", "w", 22),
    ("shpat_", "h", 32),
    ("SK", "h", 32),
    ("SG.", "w", 66),
    ("key-", "h", 32),
    ("xkeysib-", "h", 64),
    ("npm_", "a", 36),
    ("pypi-AgEIcHlwaS5vcmc", "w", 140),
    ("rubygems_", "h", 48),
    ("dckr_pat_", "w", 27),
    ("dapi", "h", 32),
    ("dop_v1_", "h", 64),
    ("hvs.", "w", 90),
    ("dp.pt.", "a", 43),
    ("pul-", "h", 40),
    ("pscale_tkn_", "w", 43),
    ("sbp_", "h", 40),
    ("NRAK-", "u", 27),
    ("glsa_", "a", 41),
    ("PMAK-", "h", 59),
    ("ntn_", "a", 46),
    ("lin_api_", "a", 40),
    ("figd_", "w", 40),
    ("AGE-SECRET-KEY-1", "u", 58),
    ("eyJhbGciOiJIUzI1NiJ9.eyJ", "w.", 120),
    ("ops_eyJ", "w", 200),
    ("tskey-auth-", "w", 40),
    ("sntrys_", "w", 100),
];

/// Places where keys stand; `@` is the key.
const CONTEXTS: &[&str] = &[
    "let key = \"@\";\n",
    "KEY=@\n",
    "export API_KEY='@'\n",
    "api_key: @\n",
    "{\"key\": \"@\"}",
    "// @\n",
    "# use @ here\n",
    "Authorization: Bearer @\r\n",
    "curl -H 'x-api-key: @' https://example.com\n",
    "client(@)",
    "<add key=\"k\" value=\"@\"/>",
    "@",
    "x = f\"{a}@\"\n",
    "\\n@\\n",
    "url?key=@&b=1",
    "[@]",
    "`@`",
    "key=%22@%22",
    "const k: &str = r#\"@\"#;",
    "\t- @\n",
];

fn random(rng: &mut u64, sort: &str, length: usize) -> String {
    let letters: &[u8] = match sort {
        "u" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "h" => b"0123456789abcdef",
        "n" => b"0123456789",
        "d-" => b"0123456789-abcdef",
        "w" => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        "w." => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.",
        _ => b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    };
    (0..length)
        .map(|_| letters[next(rng) % letters.len()] as char)
        .collect()
}

/// The next number of a seeded row (SplitMix64).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) as usize >> 8
}

/// Whether nothing of the key is left but a few letters at its start.
fn is_masked(text: &str, key: &str) -> bool {
    let at = text.find(key).unwrap();
    let ranges = find(text);
    let left =
        (at..at + key.len()).filter(|place| !ranges.iter().any(|range| range.contains(place)));
    left.count() <= 12.min(key.len() / 4)
}

#[test]
fn keys_of_sixty_shapes_are_found_in_twenty_contexts() {
    let mut rng = 7;
    let (mut all, mut missed) = (0, Vec::new());
    for (start, sort, length) in KEYS {
        for context in CONTEXTS {
            for _ in 0..5 {
                let key = start.to_string() + &random(&mut rng, sort, *length);
                let text = context.replace('@', &key);
                all += 1;
                if !is_masked(&text, &key) {
                    missed.push(text);
                }
            }
        }
    }
    let recall = 1.0 - missed.len() as f64 / all as f64;
    assert!(KEYS.len() >= 60 && CONTEXTS.len() >= 20);
    assert!(
        recall >= 0.99,
        "recall {recall}: {:#?}",
        &missed[..missed.len().min(20)]
    );
}

#[test]
fn values_are_told_by_their_names() {
    let mut rng = 7;
    let names = [
        "password",
        "DB_PASSWORD",
        "client_secret",
        "apiKey",
        "auth-token",
        "AWS_SECRET_ACCESS_KEY",
        "AccountKey",
        "encryption.key",
    ];
    let (mut all, mut missed) = (0, Vec::new());
    for name in names {
        for shape in [
            "@N = \"@V\"",
            "@N: '@V'",
            "@N=@V\n",
            "\"@N\": \"@V\"",
            "@N => '@V'",
            "x;@N=@V;y",
            "set(\"@N\", \"@V\")",
        ] {
            for _ in 0..20 {
                let value = random(&mut rng, "a", 32);
                let text = shape.replace("@N", name).replace("@V", &value);
                all += 1;
                if !is_masked(&text, &value) {
                    missed.push(text);
                }
            }
        }
    }
    let recall = 1.0 - missed.len() as f64 / all as f64;
    assert!(
        recall >= 0.99,
        "recall {recall}: {:#?}",
        &missed[..missed.len().min(20)]
    );
}

#[test]
fn what_is_found_and_what_is_not() {
    let body = "MIIEpAIBAAKCAQEA7bq9\nq2Vk1m0aZ4u7yH3sXb8cW5e\n";
    let long = "MIIEpAIBAAKCAQEA7bq9q2Vk1m0aZ4u7yH3sXb8cW5eMIIEpAIBAAKCAQEA7bq9";
    for (text, wanted) in [
        ("postgres://me:s3cr3t@db/x".to_owned(), vec!["s3cr3t"]),
        ("see http://host:80/a@b".into(), vec![]),
        // A password that is none yet.
        ("postgres://me:$x@db".into(), vec![]),
        ("postgres://me:$abc@db".into(), vec!["$abc"]),
        ("postgres://me:%s@db".into(), vec![]),
        ("postgres://me:@db".into(), vec![]),
        ("postgres://me:pass@db".into(), vec![]),
        (
            format!("-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----"),
            vec![&*format!("\n{body}").leak()],
        ),
        (
            format!("x();\n{long}\n{long}\nabc=\n-----END PRIVATE KEY-----"),
            vec![&*format!("{long}\n{long}\nabc=\n").leak()],
        ),
        (
            format!(
                "let a_line_of_code = call(another_one, two);\n{}\nabc=\n-----END PRIVATE KEY-----",
                &long[..32]
            ),
            vec![&*format!("{}\nabc=\n", &long[..32]).leak()],
        ),
        (
            format!("{long}\n\n{long}\nabc=\n-----END PRIVATE KEY-----"),
            vec![&*format!("{long}\nabc=\n").leak()],
        ),
        (
            format!("{long}\nabc\n{long}\nabc=\n-----END PRIVATE KEY-----"),
            vec![&*format!("{long}\nabc=\n").leak()],
        ),
        ("password = \"Tr0ub4dor&3\"".into(), vec!["Tr0ub4dor&3"]),
        ("password = get_password_2(user_1)".into(), vec![]),
        ("let token = self.next_token2();".into(), vec![]),
        ("token: TokenKind::Identifier4".into(), vec![]),
        ("password: \"password\"".into(), vec![]),
        ("public_key = \"a1b2c3d4e5f6a7b8c9d0\"".into(), vec![]),
        (
            "12345678:AAbcdefghijklmnopqrstuvwxyz_01234-".into(),
            vec!["12345678:AAbcdefghijklmnopqrstuvwxyz_01234-"],
        ),
        (
            "é ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6 é".into(),
            vec!["ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6"],
        ),
    ] {
        let found: Vec<&str> = find(&text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, wanted, "{text}");
    }
}

#[test]
fn what_is_remembered_changes_nothing() {
    let mut rng = 7;
    let mut lines: Vec<String> = (0..60)
        .map(|number| {
            let (start, sort, length) = KEYS[next(&mut rng) % KEYS.len()];
            let key = format!("{start}{}", random(&mut rng, sort, length));
            let context = CONTEXTS[next(&mut rng) % CONTEXTS.len()];
            match number % 3 {
                0 => context.replace('@', &key),
                1 => format!("let line_{number} = call({number});"),
                _ => String::from("\r"),
            }
        })
        .collect();
    for _ in 0..50 {
        let from = next(&mut rng) % lines.len();
        lines.rotate_left(from);
        let text = lines.join("\n");
        let found = find(&text);
        assert!(!found.is_empty());
        assert_eq!(found, scan(&text));
    }
}

#[test]
fn a_text_is_read_where_it_differs_from_the_last() {
    let key = "sk-ant-api03-".to_owned() + &"aB3_".repeat(24);
    let line = |number: usize| format!("let value_{number} = other.call({number});\n");
    let text: String = (0..200).map(line).collect();
    let mut at = 0;
    while let Some(next) = text[at..].find(['\n', ' ']) {
        at += next + 1;
        // The same text but for what is typed, deleted or pasted in one place.
        for (part, over) in [("x", 0), (key.as_str(), 0), ("", 9), ("a\nb\n", 3)] {
            assert!(find(&text).is_empty());
            let end = (at + over).min(text.len());
            let typed = format!("{}{part}{}", &text[..at], &text[end..]);
            assert_eq!(
                find(&typed).len(),
                usize::from(part == key),
                "{at} {part:?}"
            );
        }
    }
}

#[test]
fn a_value_is_read_with_its_name_wherever_the_last_text_ended() {
    let above = "let a = b;\n".repeat(120);
    for pad in 0..64 {
        let mut text = format!("{above}{}; let password = \"", "x".repeat(pad));
        for letter in "s7Kd93LmQx81ZpRwT4".chars() {
            // What is too short to be one is remembered as clean.
            find(&text);
            text.push(letter);
        }
        assert_eq!(find(&text).len(), 1, "{pad}");
    }
}

#[test]
fn any_text_is_read_without_harm() {
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let text = "(password=|sk-|AKIA|://|:|@|-----BEGIN PRIVATE KEY-----|-----END PRIVATE KEY-----|\"|é|\u{1F600}|[a-zA-Z0-9]{0,20}| |\n|\\\\){0,40}";
    let outcome = runner.run(&text, |text| {
        let mut last = 0;
        for range in find(&text) {
            proptest::prop_assert!(range.start >= last && text.get(range.clone()).is_some());
            last = range.end;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

/// Each of these took time of its length squared once: a minute for a megabyte.
#[test]
fn long_rows_of_one_thing_are_read_in_one_go() {
    for unit in [
        "=",
        ":",
        "password=",
        "secret=a",
        "token: a1",
        "pwd='x",
        "-----BEGIN ",
        "1:A",
        "://a:",
    ] {
        assert!(
            find(&unit.repeat((1 << 18) / unit.len())).is_empty(),
            "{unit}"
        );
    }
    let behind = "a=b=".repeat(20) + " password = \"Tr0ub4dor&3\"";
    assert_eq!(find(&behind).len(), 1);
}

/// `NEXTLINE_CODE=DIR cargo test --lib policy::secrets -- --ignored --nocapture`: lines of real code with a mask in them.
#[test]
#[ignore = "needs a folder of real code"]
fn false_alarms() {
    let mut open = vec![std::path::PathBuf::from(
        std::env::var("NEXTLINE_CODE").unwrap(),
    )];
    let (mut lines, mut masked, mut bytes, mut shown) = (0, 0, 0, 0);
    let mut spent = std::time::Duration::ZERO;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path) {
                let begun = std::time::Instant::now();
                let found = find(&text);
                spent += begun.elapsed();
                bytes += text.len();
                lines += text.lines().count();
                for range in found {
                    masked += text[range.clone()].lines().count();
                    if shown < 60 {
                        shown += 1;
                        let line = text[..range.start].rfind('\n').map_or(0, |at| at + 1);
                        let line = text[line..].lines().next().unwrap_or_default();
                        eprintln!(
                            "{}: {}",
                            path.file_name().unwrap().display(),
                            line.chars().take(160).collect::<String>()
                        );
                    }
                }
            }
        }
    }
    eprintln!(
        "{masked} of {lines} lines, {} MB, {:?} for 8 KB",
        bytes >> 20,
        spent * 8192 / (bytes as u32).max(1)
    );
}

#[test]
fn a_value_is_told_by_its_name_and_its_letters() {
    for (text, wanted) in [
        ("curl --token a1b2c3d4e5f6a7b8c9d0", "a1b2c3d4e5f6a7b8c9d0"),
        ("the token a1b2c3d4e5f6a7b8c9d0", ""),
        ("token: Bearer a1b2c3d4e5f6a7b8c9d0", "a1b2c3d4e5f6a7b8c9d0"),
        (
            "token: \"Bearer a1b2c3d4e5f6a7b8c9d0\"",
            "a1b2c3d4e5f6a7b8c9d0",
        ),
        (
            "host_key = \"a1b2c3d4e5f6a7b8c9d0\"",
            "a1b2c3d4e5f6a7b8c9d0",
        ),
        ("xkey = \"a1b2c3d4e5f6a7b8c9d0\"", ""),
        ("pwd = \"Tr0ub4dor&3\"", "Tr0ub4dor&3"),
        ("token = \"Tr0ub4dor&3\"", ""),
        ("password = Tr0ub4dor&3", ""),
        ("password = \"TroubAdor&x\"", ""),
        ("password = \"abcdefgh1\"", ""),
        ("password = \"a1Bcd!@#%^\"", ""),
        ("password = \"./a1/b/c/D.rs\"", ""),
        ("token = \"abcdefghijklmnop12\"", ""),
        ("token = \"abcdefgh1ijklmnopq\"", ""),
        ("token = \"a1b2c3d4e5\"", ""),
        (
            "token = \"abcdefghijklmnopqrstu1WXY\"",
            "abcdefghijklmnopqrstu1WXY",
        ),
        ("token = \"abcdefghijklmnopqrstuv1WX\"", ""),
        ("token = \"ABCDEFGHIJKLMNOPQRSTUV1wx\"", ""),
        ("token = \"abcdefghijklmnopqrstuvWXY\"", ""),
        ("AKIAabcdefgh1234", ""),
        ("whsec_a1B2c3D4e5F6g7H8.com", "whsec_a1B2c3D4e5F6g7H8"),
        ("xnghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6", ""),
        ("ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""),
    ] {
        let found = find(text).into_iter().map(|range| &text[range]);
        assert_eq!(found.collect::<String>(), wanted, "{text}");
    }
    // However many values came before, and whatever the text was like that came before.
    let many = "token=a ".repeat(20) + "password = \"Tr0ub4dor&3\"";
    assert_eq!(find(&many).len(), 1);
    let clean = "let x = call();\n".repeat(100);
    assert!(find(&clean).is_empty());
    assert_eq!(find(&(clean + "password = \"Tr0ub4dor&3\"\n")).len(), 1);
}
