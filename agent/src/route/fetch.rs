//! One small question beside the asking: what a model can do, which models there are. Bounded, without redirects, within a time.

use std::time::Duration;

use tokio::time::timeout;

use super::client::{Http, Line};
use super::credential::Unsent;
use super::error::{Failure, Kind};
use super::{line_out, record};
use crate::ledger::{LISTING, Ledger, Request};

/// Most bytes of an answer.
const MOST: usize = 4 << 20;

/// A whole answer, whatever its status.
#[derive(Debug)]
pub struct Fetched {
    /// The status code.
    pub status: u16,
    /// Its bytes, all of them.
    pub body: Vec<u8>,
}

/// Sends `unsent` over connections of `line` and reads the answer whole, within `time`. Failures begin with `who`, like "the list of models".
pub async fn fetch(
    http: &Http,
    line: &Line,
    unsent: Unsent,
    who: &str,
    time: Duration,
) -> Result<Fetched, Failure> {
    let client = http.client(line)?;
    let row = Ledger::of_process().begin(&Request {
        route: who,
        provider: "",
        origin: &record::origin(&unsent.url),
        model: "",
        surface: LISTING,
        purpose: "",
        folder: None,
        tried: 1,
        sources: &[],
        body: &unsent.body,
    });
    let asked = async {
        let sent = line_out::send(&client, unsent, line).await;
        let mut response = sent.map_err(|failure| {
            let what = format!("{who}: {}", failure.what);
            Failure { what, ..failure }
        })?;
        let status = response.status().as_u16();
        row.answered(status, None);
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= MOST => {
                    row.received(chunk.len());
                    body.extend_from_slice(&chunk)
                }
                Ok(Some(_)) => {
                    let what =
                        format!("{who} answered more than anybody should; check its address");
                    return Err(Failure::new(Kind::BadReply, what));
                }
                Ok(None) => break,
                Err(_) => {
                    let what = format!("{who} broke its answer off; try again");
                    return Err(Failure::new(Kind::Network, what).again());
                }
            }
        }
        Ok(Fetched { status, body })
    };
    let fetched = timeout(time, asked).await.unwrap_or_else(|_| {
        let what = format!(
            "{who} did not answer within {} ms; try again",
            time.as_millis()
        );
        Err(Failure::new(Kind::Timeout, what))
    });
    match &fetched {
        Ok(_) => row.done(),
        Err(failure) => record::failed(&row, failure),
    }
    fetched
}
