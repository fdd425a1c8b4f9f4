//! Edits at the door: into the world there and then; what does not fit asks for the whole text.

use nextline_protocol::agent::ResyncParams;
use nextline_protocol::document::DidChangeParams;
use nextline_protocol::methods;
use serde_json::value::RawValue;

use super::{Door, read, uri_in};
use crate::complete;
use crate::document::Misfit;

impl Door {
    pub(super) fn did_change(&mut self, params: Option<&RawValue>) {
        let misfit = match read::<DidChangeParams>(params) {
            Ok(params) => match self.world.edit(&params) {
                Ok(()) => {
                    let snapshot = self.world.snapshot();
                    if let Some(key) = snapshot.engine.take_taken() {
                        complete::ahead(&snapshot, &key);
                    }
                    return;
                }
                Err(misfit) => (params.text_document.uri, misfit),
            },
            Err(error) => {
                let Some(uri) = uri_in(params) else {
                    return self.unreadable(methods::DID_CHANGE, None, &error);
                };
                let misfit = Misfit::Params(error);
                self.world.lose(&uri, misfit.clone());
                (uri, misfit)
            }
        };
        self.resync(&misfit.0, &misfit.1.to_string());
    }

    /// Asks the client for the whole text.
    fn resync(&self, uri: &str, reason: &str) {
        let what = "is no longer the editor's: no completion there until it is saved, or closed and opened again";
        self.log(2, &format!("the agent's text of {uri} {what} ({reason})"));
        self.outbox.notify(
            methods::AGENT_RESYNC,
            ResyncParams {
                uri: uri.to_owned(),
                reason: reason.to_owned(),
            },
        );
    }
}
