//! The same text and the same counts through every route, however the bytes arrive.

use super::*;

/// What every family is made to say: letters of two, three and four bytes, a line break, and quotes that JSON writes in its own way.
const PIECES: [&str; 3] = ["let ä", " = \"€😀\";", "\nend\t\\ </x>"];
const SSE: &str = "text/event-stream";

/// How a stream is written, and whether that is a way of its family.
type Way = (&'static str, fn(&Voice, &str) -> Option<Vec<u8>>);

fn sse_only(voice: &Voice, events: String) -> Option<Vec<u8>> {
    (voice.media == SSE).then(|| (voice.bytes)(&events))
}

fn unix(events: &str) -> String {
    events.replace("\r\n", "\n")
}

const WAYS: &[Way] = &[
    ("as it is", |voice, events| Some((voice.bytes)(events))),
    ("line feeds", |voice, events| {
        Some((voice.bytes)(&unix(events)))
    }),
    ("carriage returns and line feeds", |voice, events| {
        let framed = voice.media.contains("amazon");
        (!framed).then(|| (voice.bytes)(&unix(events).replace('\n', "\r\n")))
    }),
    ("carriage returns", |voice, events| {
        sse_only(voice, unix(events).replace('\n', "\r"))
    }),
    ("a mark, ids, no space", |voice, events| {
        let bare = unix(events)
            .replace("data: ", "data:")
            .replace("\n\n", "\nid: 7\nretry: 10\n\n");
        sse_only(voice, format!("\u{feff}{bare}"))
    }),
    ("signs of life between", |voice, events| {
        let events = unix(events);
        let end = match voice.media {
            SSE => "\n\n",
            _ => "\n",
        };
        let between = format!("{end}{}", voice.idle);
        // Within InvokeModel's frames there are no others.
        (voice.name != "invoke").then(|| (voice.bytes)(&events.replace(end, &between)))
    }),
];

/// How bytes travel.
#[derive(Clone, Copy, Debug)]
enum Packets {
    One,
    Bytes,
    UntilTheClose,
}

fn send(mut exchange: Exchange, voice: &Voice, bytes: &[u8], packets: Packets) {
    let media = [("Content-Type", voice.media)];
    match packets {
        Packets::One => {
            exchange.head("200 OK", &media);
            exchange.chunk(bytes);
            exchange.end_chunks();
        }
        Packets::Bytes => {
            exchange.head("200 OK", &media);
            for byte in bytes {
                exchange.chunk(&[*byte]);
            }
            exchange.end_chunks();
        }
        Packets::UntilTheClose => {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {}\r\n\r\n", voice.media);
            exchange.raw(head.as_bytes());
            exchange.raw(bytes);
            exchange.cut();
        }
    }
}

#[test]
fn the_same_text_and_counts_through_every_route() {
    let text = PIECES.concat();
    each_provider(|provider, complaints| {
        let voice = provider.chat;
        let route = served(drop);
        let config = provider.config(&route.url(), Wait::Long.timeouts());
        for (name, way) in WAYS {
            let Some(bytes) = way(voice, &voice.whole(&PIECES)) else {
                continue;
            };
            let all: &[Packets] = match *name == WAYS[0].0 {
                true => &[Packets::One, Packets::Bytes, Packets::UntilTheClose],
                false => &[Packets::Bytes],
            };
            for &packets in all {
                let sent = bytes.clone();
                route.script(move |exchange| send(exchange, voice, &sent, packets));
                let (output, object) = chat(&config);
                let right = output.status.success()
                    && object["text"] == text
                    && object["stop_reason"] == "end"
                    && object["error"].is_null()
                    && object["usage"] == voice.counted();
                complaints.unless(right, || {
                    format!("{}, {name}, {packets:?}: {object}", provider.name)
                });
            }
        }
    });
}

#[test]
fn answers_end_as_their_provider_says() {
    each_provider(|provider, complaints| {
        let voice = provider.chat;
        let route = served(drop);
        let config = provider.config(&route.url(), Wait::Long.timeouts());
        let ends = [
            ("end", Some(voice.end)),
            ("length", Some(voice.limit)),
            ("filter", voice.filter),
        ];
        for (reason, end) in ends {
            let Some(end) = end else { continue };
            route.script(move |mut exchange| {
                voice.begin(&mut exchange);
                voice.say(&mut exchange, "once");
                voice.write(&mut exchange, end);
                // What comes behind the end mark is not part of the answer.
                voice.say(&mut exchange, " and again");
                voice.write(&mut exchange, voice.busy);
                voice.write(&mut exchange, end);
                exchange.end_chunks();
            });
            let (output, object) = chat(&config);
            let right = object["text"] == "once"
                && object["stop_reason"] == reason
                && output.status.success() == object["error"].is_null();
            complaints.unless(right, || {
                format!("{}, {reason}: {object}, {output:?}", provider.name)
            });
        }
    });
}

/// Cut anywhere, a completion is the model's whole text or nothing, and the next good one is as good as ever. A cut before text is tried
/// again after a pause, so that a usual run takes a dozen places of each stream; with `NEXTLINE_TEST_EDITS` set it takes all.
#[test]
fn a_completion_that_is_cut_anywhere_is_whole_or_nothing() {
    let all = std::env::var_os("NEXTLINE_TEST_EDITS").is_some();
    each_provider(|provider, complaints| {
        let voice = provider.completion;
        let bytes = (voice.bytes)(&voice.whole(&["gauge(\"grün\", ", "5);"]));
        let route = served(drop);
        let mut server = completing(provider, &route, Wait::Long);
        let mut doc = open(&mut server);
        let start = doc.cursor;
        let step = if all { 1 } else { bytes.len() / 12 };
        for at in (0..bytes.len()).step_by(step) {
            let sent = bytes[..at].to_vec();
            route.script(move |mut exchange| {
                exchange.head("200 OK", &[("Content-Type", voice.media)]);
                exchange.chunk(&sent);
                exchange.cut();
            });
            move_on(&mut doc, &mut server, start, &format!("cut_at_{at}"));
            let read = line(&doc, &mut server);
            let whole = format!("    let counter = registry.cut_at_{at}.gauge(\"grün\", 5);");
            complaints.unless(read.is_empty() || read == whole, || {
                format!(
                    "{}, cut at {at} of {}: {read:?}",
                    provider.name,
                    bytes.len()
                )
            });
            route.script(move |exchange| voice.answer(exchange, "good();"));
            let wanted = move_on(&mut doc, &mut server, start, &format!("after_{at}"));
            let read = line(&doc, &mut server);
            complaints.unless(read == wanted, || {
                format!("{}, after a cut at {at}: {read:?}", provider.name)
            });
        }
        no_dialog(&server);
    });
}

/// The newest models of OpenAI are asked by the newer interface without anybody saying so; those that think take no stop strings.
#[test]
fn a_models_name_decides_how_it_is_asked() {
    use nextline_tests::families::{OPENAI_CHAT, RESPONSES};
    for (model, target, voice) in [
        ("gpt-5.1-codex-max", "/v1/responses", &RESPONSES),
        ("o3-pro", "/v1/responses", &RESPONSES),
        ("gpt-4.1-mini", "/v1/chat/completions", &OPENAI_CHAT),
        ("gpt-5-mini", "/v1/chat/completions", &OPENAI_CHAT),
    ] {
        let route = served(move |exchange| voice.answer(exchange, "gauge(1);"));
        let head = "[completion]\nroute = \"r\"\nfallback = \"none\"\nthrottle_ms = 0\n";
        let settings = format!(
            "[routes.r]\nprovider = \"openai\"\nmodel = \"{model}\"\nbase_url = \"{}/v1\"\napi_key_env = \"KEY\"\n",
            route.url()
        );
        let mut server = Launch::new()
            .config(&format!("{head}{settings}"))
            .env("KEY", KEY)
            .start();
        let doc = open(&mut server);
        assert_eq!(
            line(&doc, &mut server),
            "    let counter = registry.gauge(1);",
            "{model}: {}",
            doc.why(&mut server)
        );
        let seen = &route.requests()[0];
        assert_eq!(seen.target, target, "{model}");
        assert!(
            model.starts_with("gpt-4") || seen.json().get("stop").is_none(),
            "{model}: {}",
            seen.json()
        );
        assert!(seen.json().get("temperature").is_none(), "{model}");
    }
}
