//! `agent/context/suggest`: what a mention may mean, while it is typed.

use nextline_protocol::Fault;
use nextline_protocol::chat::{ContextSuggestParams, ContextSuggestResult};
use nextline_protocol::fault::INTERNAL_ERROR;

use crate::chat::names::best;
use crate::door::{Turn, off_wire};

/// Names where the client does not say how many.
const USUAL: usize = 20;

pub async fn names(
    turn: Turn,
    params: ContextSuggestParams,
) -> Result<ContextSuggestResult, Fault> {
    let most = match params.limit {
        0 => USUAL,
        limit => limit,
    };
    let mut names = super::mcp::names(&turn, &params.query).await;
    let folders = turn.snapshot.client.folders.clone();
    let found = off_wire(move || best(&folders, &params.query, most)).await;
    let failed = || Fault::new(INTERNAL_ERROR, "the files could not be listed");
    names.extend(found.ok_or_else(failed)?);
    names.truncate(most);
    Ok(ContextSuggestResult { names })
}
