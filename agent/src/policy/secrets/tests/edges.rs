//! Where each rule begins and ends: one step to either side of every bound.

use super::super::*;

/// What is found in a text, with `|` between.
fn found(text: &str) -> String {
    let found: Vec<&str> = find(text).into_iter().map(|range| &text[range]).collect();
    found.join("|")
}

#[test]
fn a_value_is_judged_by_length_letters_and_turns() {
    for (value, name, bare, wanted) in [
        // Passwords of people: eight letters or more, of three sorts, one of them digits.
        ("aB3dE6g", "password", false, false),
        ("aB3dE6gH", "password", false, true),
        ("aB3dE6gH", "passphrase", false, true),
        ("aB3dE6gH", "PWD", false, true),
        ("aB3dE6gH", "secret", false, false),
        ("aB3dE6gH", "password", true, false),
        ("abcdefg1", "password", false, false),
        ("abcdef1!", "password", false, true),
        ("ABCDEF1!", "password", false, true),
        ("abcdeFG!", "password", false, false),
        ("aB1!!!!!", "password", false, false),
        ("aB1x!!!!", "password", false, false),
        ("aB1xy!!!", "password", false, true),
        ("TR0UBADOR&3x", "password", false, true),
        // Where they are long, they are judged like any value.
        (
            "Abcdefghijklmnopqrstuvwxyzabcdefghijkl1",
            "password",
            false,
            true,
        ),
        (
            "Abcdefghijklmnopqrstuvwxyzabcdefghijklm1",
            "password",
            false,
            false,
        ),
        // What is no value: variables, addresses, what has spaces, paths without many digits.
        ("$aB3dE6gH", "password", false, false),
        ("aB3dE6g$H", "password", false, true),
        ("httpaB3dE6gH", "password", false, false),
        ("aB3dE\t6gH", "password", false, false),
        ("aB3dE 6gH", "password", false, false),
        ("a/bcd/D1x", "password", false, true),
        ("a/b/cd/D1x", "password", false, false),
        ("a/b/c/d/E1", "password", false, false),
        ("a/b/c/Def123x", "password", false, false),
        ("a/b/c/Def1234x", "password", false, true),
        (r"a:b\c.Def1x", "password", false, false),
        // Anything else: sixteen letters that turn between digits and others, more often where no quotes hold them.
        ("a1b2c3d4e5f6g7h", "token", false, false),
        ("a1b2c3d4e5f6g7h8", "token", false, true),
        ("abcdefghijklmn1p", "token", false, false),
        ("abcdefghijklm12p", "token", false, true),
        ("abcdefghijklmn12", "token", false, false),
        ("abcdefghijklm1n2", "token", false, true),
        ("abcdefghijklm1n2", "token", true, false),
        ("abcdefghijk1m2op", "token", true, true),
        ("12-34-56-78-90-1", "token", false, false),
        ("12-34-56-78-90-a", "token", false, true),
        ("a1a1a1a1a1a1a1a1", "token", false, false),
        // Eight letters, each twice, are just enough.
        ("a1b2c3d4a1b2c3d4", "token", false, true),
        // Or twenty-four of nearly every letter there is.
        ("abcdefghijklmnopqr1WXYZ", "token", false, false),
        ("abcdefghijklmnopqrs1WXYZ", "token", false, true),
        ("abcdefghijklmnopqrstWXYZ", "token", false, false),
        ("abcdefghijklmnopqrstu1WX", "token", false, false),
        ("abcdefghijklmnopqrst1WXY", "token", false, true),
        ("ABCDEFGHIJKLMNOPQRSTU1wx", "token", false, false),
        ("ABCDEFGHIJKLMNOPQRST1wxy", "token", false, true),
        // Sixteen letters, each twice, are just enough, and fifteen are not.
        ("abcdefghijklABC11abcdefghijklABC", "token", true, true),
        ("abcdefghijkkABC11abcdefghijkkABC", "token", true, false),
    ] {
        assert_eq!(
            is_secret(value.as_bytes(), name.as_bytes(), bare),
            wanted,
            "{value} {name} {bare}"
        );
    }
    assert!(
        !is_secret(&b"aB3d".repeat(1024), b"token", false),
        "4096 bytes"
    );
    for (text, bits) in [("aaaa", 0.0), ("ab", 1.0), ("abcd", 2.0), ("aabc", 1.5)] {
        assert_eq!(entropy(text.as_bytes()), bits, "{text}");
    }
}

#[test]
fn a_name_stands_right_before_its_separator_and_says_so() {
    let long = format!("{}password=", "x".repeat(100));
    for (text, name) in [
        ("password=", Some("password")),
        ("client_secret:", Some("client_secret")),
        ("x.api-key =", Some("x.api-key")),
        ("(passphrase=", Some("passphrase")),
        ("credential,", Some("credential")),
        ("dbpass=", Some("dbpass")),
        ("CONNECTIONSTRING=", Some("CONNECTIONSTRING")),
        ("tokenk=", Some("tokenk")),
        ("tokenz=", None),
        ("token1=", None),
        // Between them at most four of what stands there in code.
        ("password    =", Some("password")),
        ("password     =", None),
        ("pwd\"')]=", Some("pwd")),
        ("pwd\\\"]:=", Some("pwd")),
        ("pwd`\t:=", Some("pwd")),
        ("pwd;=", None),
        // Keys of any sort with a word before them, but those that are to be seen.
        ("xxkey=", None),
        ("xxxkey=", Some("xxxkey")),
        ("x-x_x.key=", Some("x-x_x.key")),
        ("public_key=", None),
        ("api_key_id=", None),
        ("tokenizer=", None),
        ("token_type=", None),
        ("password_hashes=", None),
        ("ey=", None),
        ("=", None),
        ("  =", None),
        (&long, Some(&long[44..108])),
    ] {
        let text = text.as_bytes();
        let found = name_before(text, text.len() - 1).map(String::from_utf8_lossy);
        assert_eq!(found.as_deref(), name, "{}", String::from_utf8_lossy(text));
    }
    // A space separates behind an option and `Bearer`, and only from what may be a value.
    for (text, there) in [
        ("--token x", true),
        ("--token 1", true),
        ("--token \"x", true),
        ("--token 'x", true),
        ("--token  x", false),
        ("--token -x", false),
        ("--token ", false),
        ("-token x", false),
        ("token x", false),
        ("Bearer x", true),
        ("BEARER x", true),
        ("xbearer x", false),
    ] {
        let at = text.find(' ').unwrap();
        assert_eq!(name_before(text.as_bytes(), at).is_some(), there, "{text}");
    }
}

#[test]
fn a_value_is_taken_out_of_whatever_holds_it() {
    const V: &str = "a1b2c3d4e5f6a7b8";
    for (before, after) in [
        ("token=", ""),
        ("token=", "\n"),
        ("token=", ";x"),
        ("token=", ",x"),
        ("token=", ")"),
        ("token=", "]"),
        ("token=", "}"),
        ("token=", ">"),
        ("token=", "&x=1"),
        ("token=", "|x"),
        ("token=", "\\n"),
        ("token=", "`"),
        ("token=", "\""),
        ("token=", "'"),
        ("token=    ", ""),
        ("token => ", ""),
        ("token := '", "'"),
        ("token = \"", "\""),
        ("token = `", "`"),
        ("token = \"", "\\n\""),
        ("token = \"", " x\""),
        ("token = \"", "\r\n"),
        ("{\\\"token\\\": \\\"", "\\\"}"),
        ("authorization: Basic ", ""),
        ("authorization: bearer ", ""),
        ("authorization: Bearer ", ""),
        ("authorization: token ", ""),
        ("authorization: Token ", ""),
        ("AUTHORIZATION: BASIC ", ""),
        ("\"authorization\": \"Basic ", "\""),
        ("\"authorization\": \"bearer ", "\""),
        ("\"authorization\": \"Bearer ", "\""),
        ("\"authorization\": \"token ", "\""),
        ("\"authorization\": \"Token ", "\""),
        ("\\\"authorization\\\": \\\"Basic ", "\\\""),
        ("\\\"authorization\\\": \\\"Token ", "\\\""),
        ("'authorization': 'Token ", "'"),
        ("secret=http://h/x?token=", ""),
        ("set token,", ""),
    ] {
        assert_eq!(found(&format!("{before}{V}{after}")), V, "{before}@{after}");
    }
    // In quotes it may be more like a word, whatever scheme stands before it.
    for before in [
        "\"token\": \"",
        "\"token\": \"Bearer ",
        "\"token\": \"Basic ",
    ] {
        let text = format!("{before}abcdefghijklm12p\"");
        assert_eq!(found(&text), "abcdefghijklm12p", "{text}");
    }
    for text in [
        format!("token=     {V}"),
        format!("token = {V}(x)"),
        format!("token = {V}[0]"),
        format!("token = {V}{{}}"),
        format!("token = {V}<T>"),
        format!("token = ({V}"),
        format!("name = {V}"),
        "token = \"".into(),
        "token =".into(),
        "token = \\".into(),
    ] {
        assert_eq!(found(&text), "", "{text}");
    }
}

#[test]
fn the_password_of_an_address_is_what_stands_before_its_last_at() {
    for (text, wanted) in [
        ("a://u:pw1@h", "pw1"),
        ("a://u:p:w@h", "p:w"),
        ("a://u:p@w@h", "p@w"),
        ("a://:pw1@h", "pw1"),
        ("x a://u:pw1@h/y@z b", "pw1"),
        ("a://u:pw1@h?x@y", "pw1"),
        ("a://u:pw1@h#x@y", "pw1"),
        ("'a://u:pw1@h'@", "pw1"),
        ("a://u@h:80", ""),
        ("a://h/u:pw1@x", ""),
        ("a://u:pw1", ""),
        ("a://u:{pw}@h", ""),
        ("a://u:@h", ""),
        ("a://u:$@h", ""),
        ("a://u:$ab@h", ""),
        ("a://u:a$b@h", ""),
        ("a://u:$abc@h", "$abc"),
        ("a://u:abcd$@h", "abcd$"),
        ("a://u:%s@h", ""),
        ("a://u:x%s@h", "x%s"),
        ("a://u:password@h", ""),
        ("a://u:passwd@h", ""),
        ("a://u:pwd@h", ""),
        ("a://u:secret@h", ""),
        ("a://u:user@h", ""),
        ("a://u:xxx@h", ""),
        ("a://u:***@h", ""),
        ("a://u:xxxx@h", "xxxx"),
    ] {
        assert_eq!(found(text), wanted, "{text}");
    }
    for (length, there) in [(500, true), (507, true), (512, false)] {
        let text = format!("a://u:{}@h", "q".repeat(length));
        assert_eq!(!find(&text).is_empty(), there, "{length}");
    }
}

#[test]
fn a_bot_has_eight_to_eleven_digits_and_thirty_letters() {
    let text = |digits: usize, letters: usize| {
        format!(
            "{}:A{}",
            &"12345678901234"[..digits],
            "bC3_-".repeat(8)[..letters].to_owned()
        )
    };
    for (digits, letters, there) in [
        (7, 30, false),
        (8, 30, true),
        (11, 30, true),
        (12, 30, false),
        (8, 29, false),
        (8, 35, true),
    ] {
        let bot = text(digits, letters);
        let wanted = if there { &*bot } else { "" };
        for (before, after) in [("", ""), ("x = \"", "\""), ("/bot ", "\n")] {
            let whole = format!("{before}{bot}{after}");
            assert_eq!(found(&whole), wanted, "{whole}");
        }
        // An escape before it is no part of it, a letter is.
        assert_eq!(found(&format!("a\\n{bot}")), wanted);
        assert_eq!(found(&format!("x{bot}")), "");
    }
    assert_eq!(found(&text(8, 30).replace(":A", ":B")), "");
}

#[test]
fn a_private_key_is_what_stands_between_its_frames() {
    const B: &str = "-----BEGIN PRIVATE KEY-----";
    const E: &str = "-----END PRIVATE KEY-----";
    let line = "MIIEpAIBAAKCAQEA7bq9q2Vk1m0aZ4u7yH3sXb8cW5eMIIEpAIBAAKCAQEA7bq9";
    for (text, wanted) in [
        // Seventeen bytes are a body, fewer an example.
        (format!("{B}\n0123456789abcd\n{E}"), String::new()),
        (
            format!("{B}\n0123456789abcde\n{E}"),
            "\n0123456789abcde\n".into(),
        ),
        (
            format!("{B}0123456789abcdefg{E}"),
            "0123456789abcdefg".into(),
        ),
        (
            format!(
                "-----BEGIN PGP PRIVATE KEY BLOCK-----\n{line}\n-----END PGP PRIVATE KEY BLOCK-----"
            ),
            format!("\n{line}\n"),
        ),
        (
            format!("key = \"{B}\\n{line}\\n{E}\";"),
            format!("\\n{line}\\n"),
        ),
        // Without an end it goes as far as its letters do.
        (format!("{B}\n{line}(x)"), format!("\n{line}")),
        (format!("{B}\n# {line}"), format!("\n# {line}")),
        (format!("{B}\n{line}"), format!("\n{line}")),
        (
            format!("-----BEGIN CERTIFICATE-----\n{line}\n-----END CERTIFICATE-----"),
            String::new(),
        ),
        // The words without the frame are no key.
        (format!("a - PRIVATE KEY {line}"), String::new()),
        (format!("a -----END x PRIVATE KEY {line}"), String::new()),
        // Of the lines before an end without a beginning: what is Base64, and long but for the last.
        (format!("{line}\n{E}"), format!("{line}\n")),
        (
            format!("0123456789abcdef\n{E}"),
            "0123456789abcdef\n".into(),
        ),
        (format!("0123456789abcde\n{E}"), String::new()),
        (format!("{}\nab\n{E}", &line[..31]), String::new()),
        (
            format!("x y\n  {line}  \nab=\n  {E}"),
            format!("  {line}  \nab=\n  "),
        ),
        // What was found above is not found again, and what touches is one.
        (
            format!("ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6={line}\nab\n{E}"),
            format!("ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6={line}\nab\n"),
        ),
        (
            format!("ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6 x\n{line}\n{E}"),
            format!("ghp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6|{line}\n"),
        ),
        // Two keys in one text.
        (
            format!("{B}\n{line}\n{E}\n{B}\n{line}\n{E}\n"),
            format!("\n{line}\n|\n{line}\n"),
        ),
    ] {
        assert_eq!(found(&text), wanted, "{text}");
    }
    // The words stand within eighty bytes of the frame.
    for (length, there) in [(58, true), (59, false)] {
        let head = format!("-----BEGIN {}PRIVATE KEY-----", "X".repeat(length));
        assert_eq!(
            !find(&format!("{head}\n{line}\n")).is_empty(),
            there,
            "{length}"
        );
    }
    for (length, there) in [(60, true), (61, false)] {
        let end = format!("-----END {}PRIVATE KEY-----", "X".repeat(length));
        assert_eq!(
            !find(&format!("{line}\n{end}\n")).is_empty(),
            there,
            "{length}"
        );
    }
}

#[test]
fn lines_that_differ_are_all_and_hardly_more() {
    let line = |number: usize| format!("let value_{number} = call({number});\n");
    let last: String = (0..100).map(line).collect();
    let mut changed = vec![
        last.clone(),
        last[..last.len() - 1].to_owned(),
        String::new(),
    ];
    for at in (0..last.len()).step_by(37) {
        changed.push(format!("{}x{}", &last[..at], &last[at..]));
        changed.push(format!(
            "{}{}",
            &last[..at],
            &last[(at + 5).min(last.len())..]
        ));
        changed.push(last[..at].to_owned());
        changed.push(last[at..].to_owned());
    }
    for text in changed {
        let range = different_lines(&last, &text);
        assert!(range.start <= range.end, "{range:?}");
        let (before, after) = (&text[..range.start], &text[range.end..]);
        assert!(last.starts_with(before) && last.ends_with(after));
        assert!(before.is_empty() || before.ends_with('\n'));
        assert!(after.is_empty() || text[..range.end].ends_with('\n'));
        // A step of the comparison and a line on either side, and what is new.
        let same = before.len() + after.len();
        let shared = last.len().min(text.len());
        assert!(same + 64 * 2 + 40 * 3 >= shared, "{same} of {shared}");
    }
    assert_eq!(different_lines("", "a\nb"), 0..3);
    assert_eq!(different_lines("a\n", ""), 0..0);

    let many = "token=a ".repeat(20);
    assert_eq!(
        found(&format!("{many}secret=http://h/x?token=a1b2c3d4e5f6a7b8")),
        "a1b2c3d4e5f6a7b8"
    );
}
