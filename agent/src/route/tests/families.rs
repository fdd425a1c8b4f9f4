//! Every wire family says the same text, however it is delivered, and never a wrong one.

mod table;

use futures_util::StreamExt;

use super::server::*;
use super::*;
use table::{FAMILIES, SSE};

/// What every family is made to say, in three pieces.
const PIECES: [&str; 3] = ["let ä", " = \"€😀\";", "\nend"];

fn text() -> String {
    PIECES.concat()
}

/// One family as its server speaks it.
pub struct Family {
    pub name: &'static str,
    provider: &'static str,
    model: &'static str,
    own: &'static [(&'static str, &'static str)],
    prompt: fn() -> Prompt,
    /// The first line of the request, in small letters as the server notes it.
    pub asks: &'static str,
    /// How a key travels, likewise.
    key: &'static str,
    media: &'static str,
    /// How what is written here becomes the bytes of its stream.
    bytes: fn(&str) -> Vec<u8>,
    /// Everything before the event that holds the end mark.
    said: fn() -> String,
    /// That event, and what follows it.
    end: &'static str,
    /// An error in the stream that passes.
    pub busy: &'static str,
    usage: Usage,
    stop: (StopReason, Option<&'static str>),
}

impl Family {
    pub fn route(&self, server: &Server) -> Route {
        let own = self
            .own
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json!(value)));
        route(&Settings {
            provider: self.provider.into(),
            model: self.model.into(),
            base_url: Some(server.url.clone()),
            api_key_env: Some("CARGO_PKG_NAME".into()),
            own: own.collect(),
            ..settings(server)
        })
    }

    fn whole(&self) -> String {
        (self.said)() + self.end
    }

    fn head(&self) -> Vec<u8> {
        head("200 OK", &format!("content-type: {}\r\n", self.media))
    }

    async fn ask(&self, server: &Server, surface: Surface) -> Found {
        let mut answer = self.route(server).stream((self.prompt)().into(), surface);
        let mut found = Found::default();
        while let Some(delta) = answer.next().await {
            match delta {
                Ok(Delta::Text(more)) => found.text.push_str(&more),
                Ok(Delta::Done { stop, raw }) => found.end = Some((stop, raw)),
                Ok(Delta::Usage(usage)) => found.usage = usage,
                Ok(Delta::Named(_) | Delta::Refusal(_)) => {}
                Err(error) => found.failure = Some(error),
            }
        }
        found
    }

    fn good(&self) -> Found {
        Found {
            text: text(),
            end: Some((self.stop.0, self.stop.1.map(str::to_owned))),
            usage: self.usage,
            failure: None,
        }
    }
}

#[derive(Debug, Default, PartialEq)]
struct Found {
    text: String,
    end: Option<(StopReason, Option<String>)>,
    usage: Usage,
    failure: Option<RouteError>,
}

#[tokio::test]
async fn every_family_is_asked_as_it_wants_and_says_the_same() {
    for family in FAMILIES {
        let whole = family.whole();
        let sse = family.media == SSE;
        let unix = whole.replace("\r\n", "\n");
        let pinged = match sse {
            true => unix.replace("\n\n", "\n\n: keep-alive\n\n:\n\n"),
            false => unix.replace('\n', "\n\n"),
        };
        for (name, body) in [
            ("plain", whole.clone()),
            ("line feeds", unix.clone()),
            ("carriage returns", unix.replace('\n', "\r\n")),
            ("comments", pinged),
        ] {
            for act in [
                Act::Send as fn(Vec<u8>) -> Act,
                Act::Drip as fn(Vec<u8>) -> Act,
            ] {
                let acts = vec![
                    Act::Send(family.head()),
                    act((family.bytes)(&body)),
                    Act::Close,
                ];
                let server = Server::start(vec![acts]).await;
                let found = family.ask(&server, Surface::Chat).await;
                assert_eq!(found, family.good(), "{}: {name}", family.name);
                let (head, _) = &server.requests()[0];
                assert!(head.starts_with(family.asks), "{}: {head}", family.name);
                assert!(
                    head.contains(&format!("\r\n{}", family.key)),
                    "{}: {head}",
                    family.name
                );
                assert_eq!(
                    head.matches("nextline").count() - head.matches("nextline/").count(),
                    1,
                    "{}: the key stands once: {head}",
                    family.name
                );
            }
        }
    }
}

#[tokio::test]
async fn no_family_takes_a_cut_answer_for_a_whole_one() {
    let mut seen = Vec::new();
    for family in FAMILIES {
        // Vendors that share a way of speaking are cut once.
        let said = (family.bytes)(&(family.said)());
        if seen.contains(&said) {
            continue;
        }
        let whole = (family.bytes)(&family.whole());
        let length = said.len();
        seen.push(said);
        let said = length;
        // Many at once, so that the back-offs before the second tries pass together; not all, so that none is late.
        let cuts = (0..whole.len()).map(|k| {
            let bytes = [&family.head(), &whole[..k]].concat();
            async move {
                let server = Server::start(vec![vec![Act::Send(bytes), Act::Close]]).await;
                let found = family.ask(&server, Surface::Completion).await;
                let name = family.name;
                assert!(
                    text().starts_with(&found.text),
                    "{name} after {k}: {found:?}"
                );
                match &found.failure {
                    Some(failure) => {
                        assert_eq!(found.end, None, "{name} after {k}");
                        assert_eq!(failure.kind(), Kind::Cut, "{name} after {k}");
                    }
                    None => {
                        assert!(k > said, "{name}: success after {k} of {said} bytes");
                        assert_eq!(
                            (found.text, found.end),
                            (family.good().text, family.good().end),
                            "{name} after {k}"
                        );
                    }
                }
            }
        });
        futures_util::stream::iter(cuts)
            .buffer_unordered(200)
            .collect::<Vec<()>>()
            .await;
    }
}

#[tokio::test]
async fn errors_in_a_stream_are_tried_again_only_before_text() {
    let asking = FAMILIES.iter().map(|family| async move {
        let name = family.name;
        let send = |text: String| {
            vec![
                Act::Send(family.head()),
                Act::Send((family.bytes)(&text)),
                Act::Close,
            ]
        };
        let server = Server::start(vec![send(family.busy.into()), send(family.whole())]).await;
        let found = family.ask(&server, Surface::Chat).await;
        assert_eq!(found, family.good(), "{name}");
        assert_eq!(server.requests().len(), 2, "{name}");

        let server = Server::start(vec![
            send((family.said)() + family.busy),
            send(family.whole()),
        ])
        .await;
        let found = family.ask(&server, Surface::Chat).await;
        assert_eq!(found.text, text(), "{name}");
        let failure = found.failure.expect(name);
        assert_eq!(failure.kind(), Kind::Overloaded, "{name}");
        assert_eq!(server.requests().len(), 1, "{name}: {failure}");
    });
    futures_util::future::join_all(asking).await;
}
