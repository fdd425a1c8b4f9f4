//! The last step of every request: out over a connection, or back from a recording.

use futures_util::stream::unfold;
use reqwest::{Body, Client, Response};

use super::client::Line;
use super::credential::Unsent;
use super::error::{Failure, Kind};
use super::network;
use crate::tape::{self, Event, Tape};

/// Sends a request and waits for the head of its answer.
pub async fn send(client: &Client, unsent: Unsent, line: &Line) -> Result<Response, Failure> {
    match tape::of_process() {
        None => over_network(client, unsent, line).await,
        Some(Tape::Hearing(hearing)) => {
            let ask = hearing.asked(&unsent.body);
            match over_network(client, unsent, line).await {
                Ok(response) => {
                    let headers = response.headers().iter().map(|(name, value)| {
                        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                        (name.as_str().to_owned(), value)
                    });
                    hearing.answered(ask, response.status().as_u16(), headers);
                    Ok(heard(response, ask))
                }
                Err(failure) => {
                    hearing.add(Event::Silent {
                        ask,
                        what: failure.what.to_string(),
                    });
                    Err(failure)
                }
            }
        }
        Some(Tape::Playing(playing)) => played(playing.answer(&unsent.body)).await,
    }
}

async fn over_network(client: &Client, unsent: Unsent, line: &Line) -> Result<Response, Failure> {
    client
        .request(unsent.method, unsent.url)
        .headers(unsent.headers)
        .body(unsent.body)
        .send()
        .await
        .map_err(|error| network::failure(&error, line))
}

/// The same answer, each piece of it taken down as it is read.
fn heard(response: Response, ask: usize) -> Response {
    let add = |event| {
        if let Some(Tape::Hearing(hearing)) = tape::of_process() {
            hearing.add(event);
        }
    };
    let mut whole = hyper::Response::builder().status(response.status());
    if let Some(headers) = whole.headers_mut() {
        *headers = response.headers().clone();
    }
    let pieces = unfold(Some(response), move |response| async move {
        let mut response = response?;
        match response.chunk().await {
            Ok(Some(piece)) => {
                if let Some(Tape::Hearing(hearing)) = tape::of_process() {
                    hearing.came(ask, &piece);
                }
                Some((Ok(piece), Some(response)))
            }
            Ok(None) => {
                add(Event::End { ask, cut: false });
                None
            }
            Err(error) => {
                add(Event::End { ask, cut: true });
                Some((Err(error), None))
            }
        }
    });
    let body = Body::wrap_stream(pieces);
    whole.body(body).map(Response::from).unwrap_or_else(|_| {
        let nothing = hyper::Response::new(Body::from(Vec::new()));
        Response::from(nothing)
    })
}

/// A recorded answer, piece by piece as they are given out.
async fn played(answered: Option<tape::Answered>) -> Result<Response, Failure> {
    let lost = || {
        let what = "was not asked in the recording that is played; nothing is sent while one is";
        Failure::new(Kind::Network, what)
    };
    let mut answered = answered.ok_or_else(lost)?;
    let (status, headers) = match answered.recv().await {
        Some(Event::Head {
            status, headers, ..
        }) => (status, headers),
        Some(Event::Silent { what, .. }) => return Err(Failure::new(Kind::Network, what).again()),
        _ => return Err(lost()),
    };
    let mut whole = hyper::Response::builder().status(status);
    for (name, value) in headers {
        whole = whole.header(name, value);
    }
    let pieces = unfold(Some(answered), |answered| async move {
        let mut answered = answered?;
        match answered.recv().await {
            Some(Event::Bytes { bytes, .. }) => Some((Ok(tape::bytes(&bytes)), Some(answered))),
            Some(Event::End { cut: true, .. }) => {
                Some((Err(std::io::Error::other("cut in the recording")), None))
            }
            _ => None,
        }
    });
    let whole = whole.body(Body::wrap_stream(pieces));
    whole.map(Response::from).map_err(|_| lost())
}
