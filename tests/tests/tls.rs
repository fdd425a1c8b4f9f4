//! TLS as companies have it: an authority of their own, a client's certificate, and what is said of a certificate that is not trusted.
//!
//! The certificates are made by `openssl` for each run and served by Python's own TLS; without one of the two the test is skipped.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nextline_tests::families::{PROVIDERS, VARIABLES};
use nextline_tests::{Scratch, binary};
use serde_json::Value;

/// An authority, what it issued, and certificates that are wrong in one way each.
const MAKE: &str = r#"
set -e
authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/O=Some Company/CN=$2" -keyout $1.key -out $1.pem -addext "basicConstraints=critical,CA:TRUE"; }
issue() { # NAME, subject alternative name, days
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout $1.key -out $1.csr
    printf 'subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n' "$2" >$1.ext
    openssl x509 -req -in $1.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days $3 -extfile $1.ext -out $1.pem
}
authority ours "Some Company Root"
authority theirs "Another Root"
issue good IP:127.0.0.1,DNS:localhost 3650
issue other DNS:other.example 3650
issue expired IP:127.0.0.1,DNS:localhost 0
# Until the second for which it is good has passed.
while openssl x509 -checkend -1 -noout -in expired.pem; do :; done
issue client DNS:client.example 3650
cat client.pem client.key >client-both.pem
# As `openssl` makes them where nobody says what for: of the first version, without a word on their use.
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=plain" -keyout plain.key -out plain.csr
openssl x509 -req -in plain.csr -CA ours.pem -CAkey ours.key -CAcreateserial -days 3650 -out plain.pem
cat plain.pem plain.key >plain-both.pem
cat client.pem plain.key >strangers.pem
openssl pkcs8 -topk8 -v2 aes256 -passout pass:secret -in client.key | cat client.pem - >locked.pem
openssl x509 -in ours.pem -outform der -out ours.der
mkdir home && cp ours.pem home/
cat good.pem >rotten.pem; printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' >>rotten.pem; cat ours.pem >>rotten.pem
"#;

/// Serves one good stream for each request; says its port first.
const SERVE: &str = r#"
import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = b'data: {"choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
name, asks, version = sys.argv[1:4]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(name + ".pem", name + ".key")
if asks == "yes":
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations("ours.pem")
if version == "1.2":
    context.maximum_version = ssl.TLSVersion.TLSv1_2
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

struct Served {
    child: Child,
    port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(folder: &Path, name: &str, asks: &str, version: &str) -> Served {
    let mut child = Command::new("python3")
        .args(["-c", SERVE, name, asks, version])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    Served {
        child,
        port: line.trim().parse().unwrap(),
    }
}

fn certificates() -> Option<Scratch> {
    let folder = Scratch::new();
    let made = Command::new("sh")
        .args(["-c", MAKE])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    if made.status.success() && Command::new("python3").arg("--version").output().is_ok() {
        return Some(folder);
    }
    eprintln!("skipped: no openssl or no python3 here: {made:?}");
    None
}

fn test(url: &str, more: &str, variables: &[(&str, &str)]) -> (Output, Value) {
    let home = Scratch::new();
    home.write(
        ".config/nextline/config.toml",
        format!("[routes.r]\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbase_url = \"{url}/v1\"\n{more}\n"),
    );
    let output = binary::command(home.path())
        .args(["routes", "test", "r", "--json"])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let rows: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (output, rows[0].clone())
}

#[test]
fn authorities_come_from_the_settings_and_from_the_environment() {
    let Some(folder) = certificates() else { return };
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (ours, theirs) = (path("ours.pem"), path("theirs.pem"));
    let (der, rotten, home) = (path("ours.der"), path("rotten.pem"), path("home"));
    let bundle = |path: &str| format!("ca_bundle = {path:?}");
    let good = serve(folder.path(), "good", "no", "1.3");
    let url = format!("https://127.0.0.1:{}", good.port);
    for (name, more, variables, trusted) in [
        ("nothing", String::new(), vec![], false),
        ("ca_bundle", bundle(&ours), vec![], true),
        ("another's ca_bundle", bundle(&theirs), vec![], false),
        (
            "SSL_CERT_FILE",
            String::new(),
            vec![("SSL_CERT_FILE", &*ours)],
            true,
        ),
        (
            "NODE_EXTRA_CA_CERTS",
            String::new(),
            vec![("NODE_EXTRA_CA_CERTS", &*ours)],
            true,
        ),
        (
            "AWS_CA_BUNDLE",
            String::new(),
            vec![("AWS_CA_BUNDLE", &*ours)],
            true,
        ),
        (
            "CURL_CA_BUNDLE",
            String::new(),
            vec![("CURL_CA_BUNDLE", &*ours)],
            true,
        ),
        ("ca_bundle in DER", bundle(&der), vec![], true),
        (
            "one that nobody can read among them",
            bundle(&rotten),
            vec![],
            true,
        ),
        (
            "a file below the person's home",
            "ca_bundle = \"~/ours.pem\"".to_owned(),
            vec![("HOME", &*home)],
            true,
        ),
        (
            "a variable beside the settings",
            bundle(&theirs),
            vec![("NODE_EXTRA_CA_CERTS", &*ours)],
            true,
        ),
        (
            "a variable that names nothing",
            bundle(&ours),
            vec![("NODE_EXTRA_CA_CERTS", "/no/such/file")],
            true,
        ),
    ] {
        let (output, row) = test(&url, &more, &variables);
        assert_eq!(row["ok"], trusted, "{name}: {row:#}");
        if trusted {
            assert_eq!(row["tls"], "TLS 1.3", "{name}");
            continue;
        }
        assert_eq!(output.status.code(), Some(5), "{name}");
        let said = row["error"]["message"].as_str().unwrap();
        for part in [
            format!("127.0.0.1:{}", good.port),
            "certificate is not trusted".to_owned(),
            "issuer \"Some Company Root\"".to_owned(),
            "`ca_bundle`".to_owned(),
        ] {
            assert!(said.contains(&part), "{name}: {part} is not in {said}");
        }
    }
    // It stands in for the system's: nobody is left to trust.
    let gone = [("SSL_CERT_FILE", "/no/such/file")];
    let (output, row) = test(&url, "", &gone);
    let said = row["error"]["message"].as_str().unwrap();
    assert_eq!(output.status.code(), Some(5), "{row:#}");
    assert!(said.contains("`SSL_CERT_FILE` names none"), "{said}");
    let (_, row) = test(&url, &bundle(&ours), &gone);
    assert_eq!(row["ok"], true, "{row:#}");
    let (output, row) = test(&url, &bundle("/no/such/file"), &[]);
    assert_eq!(output.status.code(), Some(2), "{row:#}");
    assert!(
        row["error"]["message"]
            .as_str()
            .unwrap()
            .contains("`ca_bundle`")
    );
}

#[test]
fn what_is_wrong_with_a_certificate_is_said() {
    let Some(folder) = certificates() else { return };
    let path = |name: &str| folder.path().join(name).display().to_string();
    let bundle = format!("ca_bundle = {:?}", path("ours.pem"));
    let other = serve(folder.path(), "other", "no", "1.3");
    let (_, row) = test(&format!("https://127.0.0.1:{}", other.port), &bundle, &[]);
    let said = row["error"]["message"].as_str().unwrap();
    assert!(said.contains("it is for another name"), "{said}");
    let expired = serve(folder.path(), "expired", "no", "1.3");
    let (_, row) = test(&format!("https://127.0.0.1:{}", expired.port), &bundle, &[]);
    let said = row["error"]["message"].as_str().unwrap();
    assert!(said.contains("it has expired; renew it"), "{said}");

    let good = serve(folder.path(), "good", "no", "1.2");
    let (_, row) = test(&format!("https://localhost:{}", good.port), &bundle, &[]);
    assert_eq!(row["tls"], "TLS 1.2", "{row:#}");
    let (output, row) = test(&format!("http://127.0.0.1:{}", good.port), "", &[]);
    assert_eq!(output.status.code(), Some(5), "http to https: {row:#}");
}

#[test]
fn no_route_talks_to_somebody_whose_certificate_nobody_vouches_for() {
    let Some(folder) = certificates() else { return };
    let good = serve(folder.path(), "good", "no", "1.3");
    let url = format!("https://127.0.0.1:{}", good.port);
    for provider in PROVIDERS {
        let home = Scratch::new();
        home.write(".config/nextline/config.toml", provider.config(&url, ""));
        let output = binary::command(home.path())
            .args(["chat", "-m", "hello", "--route", "r"])
            .envs(VARIABLES.iter().copied())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{}: {said}", provider.name);
        for part in [
            "route `r`",
            "certificate is not trusted",
            "Some Company Root",
            "`ca_bundle`",
        ] {
            assert!(
                said.contains(part),
                "{}: {part} is not in {said}",
                provider.name
            );
        }
    }
}

#[test]
fn a_client_shows_its_certificate() {
    let Some(folder) = certificates() else { return };
    let path = |name: &str| folder.path().join(name).display().to_string();
    let asking = serve(folder.path(), "good", "yes", "1.3");
    let url = format!("https://127.0.0.1:{}", asking.port);
    let bundle = format!("ca_bundle = {:?}\n", path("ours.pem"));
    let with = |name: &str| format!("{bundle}client_cert = {:?}", path(name));
    for good in ["client-both.pem", "plain-both.pem"] {
        let (_, row) = test(&url, &with(good), &[]);
        assert_eq!(row["ok"], true, "{good}: {row:#}");
    }
    let (output, row) = test(&url, &bundle, &[]);
    assert_eq!(output.status.code(), Some(5), "{row:#}");
    for (name, says) in [
        ("client.pem", "holds no key"),
        ("client.key", "holds no certificate"),
        ("strangers.pem", "not that of its certificate"),
        ("locked.pem", "passphrase"),
    ] {
        let (output, row) = test(&url, &with(name), &[]);
        assert_eq!(output.status.code(), Some(2), "{row:#}");
        let said = row["error"]["message"].as_str().unwrap();
        let named = said.contains("`client_cert`") && said.contains(says);
        assert!(named, "{name}: {said}");
    }
}
