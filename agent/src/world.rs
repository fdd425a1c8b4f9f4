//! What is true now: one owner changes it, in wire order; everybody else reads a snapshot.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use nextline_protocol::document::{Change, DidChangeParams, Item};
use nextline_protocol::version::VersionOffer;

use crate::chat::Chats;
use crate::complete::Engine;
use crate::document::place::key_of;
use crate::document::{Document, Misfit};
use crate::edit::Tasks;
use crate::next::Offers;
use crate::settings::Loaded;
use crate::text::Encoding;

/// Documents that may keep a tree; the ones opened or edited longest ago give theirs up.
const TREES: usize = 16;

/// What `initialize` told of the client.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// `clientInfo.name`, lower case.
    pub name: String,
    /// The negotiated unit of columns.
    pub encoding: Encoding,
    /// `capabilities.textDocument.inlineCompletion` is there.
    pub inline_completion: bool,
    /// `capabilities.window.workDoneProgress`.
    pub progress: bool,
    /// `capabilities.workspace.configuration`.
    pub configuration: bool,
    /// `capabilities.workspace.didChangeWatchedFiles.dynamicRegistration`.
    pub watches_files: bool,
    /// One of Copilot's clients, which read no `null`: `initializationOptions.editorPluginInfo` is there, or it asked what only they ask.
    pub copilot: bool,
    /// `capabilities.workspace.applyEdit`.
    pub applies_edits: bool,
    /// `capabilities.workspace.workspaceEdit.documentChanges`: edits may name the version that they are for.
    pub versioned_edits: bool,
    /// `capabilities.workspace.codeLens.refreshSupport`.
    pub refreshes_lenses: bool,
    /// It said who it is by `setEditorInfo`: an older one.
    pub introduced: bool,
    /// The versions of the `agent/*` methods that it says it speaks.
    pub version: Option<VersionOffer>,
    /// Workspace folders, or the root.
    pub folders: Vec<PathBuf>,
}

/// The owner. Only the door has it mutably.
pub struct World {
    documents: Arc<HashMap<Arc<str>, Arc<Document>>>,
    /// Keys of documents, hottest first: those that may keep a tree.
    hot: VecDeque<Arc<str>>,
    /// What `initialize` told.
    pub client: Arc<Client>,
    /// The configuration in force.
    pub settings: Arc<Loaded>,
    engine: Arc<Engine>,
    edits: Arc<Tasks>,
    chats: Arc<Chats>,
    next: Arc<Offers>,
}

/// The world at one place on the wire. A clone costs a few reference counts.
#[derive(Clone)]
pub struct Snapshot {
    documents: Arc<HashMap<Arc<str>, Arc<Document>>>,
    /// What `initialize` told.
    pub client: Arc<Client>,
    /// The configuration in force.
    pub settings: Arc<Loaded>,
    /// What completes: shared by all snapshots.
    pub engine: Arc<Engine>,
    /// Edits that are under way or can be undone: shared by all snapshots.
    pub edits: Arc<Tasks>,
    /// Chats: shared by all snapshots.
    pub chats: Arc<Chats>,
    /// Next edits that are offered: shared by all snapshots.
    pub next: Arc<Offers>,
}

impl Snapshot {
    /// The document of a URI, however it is spelt.
    pub fn document(&self, uri: &str) -> Option<&Arc<Document>> {
        self.documents
            .get(uri)
            .or_else(|| self.documents.get(key_of(uri).as_str()))
    }

    /// Every open document by its key.
    pub fn documents(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Document>)> {
        self.documents.iter()
    }

    /// The same world with one more document, for a client that shows its buffers instead of opening them.
    #[must_use]
    pub fn with(mut self, item: Item) -> Snapshot {
        let key: Arc<str> = key_of(&item.uri).into();
        Arc::make_mut(&mut self.documents).insert(key, Arc::new(Document::new(item)));
        self
    }

    /// How many documents are open.
    pub fn open(&self) -> usize {
        self.documents.len()
    }
}

impl World {
    /// A world without documents.
    pub fn new(settings: Arc<Loaded>, engine: Arc<Engine>) -> World {
        World {
            documents: Arc::default(),
            hot: VecDeque::new(),
            client: Arc::default(),
            settings,
            engine,
            edits: Arc::default(),
            chats: Arc::default(),
            next: Arc::default(),
        }
    }

    /// The world as it is now.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            documents: self.documents.clone(),
            client: self.client.clone(),
            settings: self.settings.clone(),
            engine: self.engine.clone(),
            edits: self.edits.clone(),
            chats: self.chats.clone(),
            next: self.next.clone(),
        }
    }

    /// `didOpen`: the text is the client's from now on, whatever we had. True if the status line changes by it.
    pub fn open(&mut self, item: Item) -> bool {
        let key: Arc<str> = key_of(&item.uri).into();
        let document = Document::new(item);
        let (folders, text) = (&self.client.folders, document.text.rope());
        let news = self.engine.opened(folders, &document.uri, text);
        if let Some(mut old) =
            Arc::make_mut(&mut self.documents).insert(key.clone(), Arc::new(document))
        {
            Arc::make_mut(&mut old).outdate();
        }
        self.warm(key);
        news
    }

    /// `didChange`: all of its edits, or none and the document is lost until the client sends the whole text.
    pub fn edit(&mut self, params: &DidChangeParams) -> Result<(), Misfit> {
        let key: Arc<str> = key_of(&params.text_document.uri).into();
        if !self.documents.contains_key(&key) {
            // Never opened: a whole text is as good as `didOpen`; anything else has nothing to change.
            self.open(Item {
                uri: params.text_document.uri.clone(),
                ..Item::default()
            });
            self.lose(&key, Misfit::Unknown);
        }
        let encoding = self.client.encoding;
        let outcome = match Arc::make_mut(&mut self.documents).get_mut(&key) {
            Some(document) => {
                let document = Arc::make_mut(document);
                document.change(
                    params.text_document.version,
                    &params.content_changes,
                    encoding,
                )
            }
            None => Err(Misfit::Unknown),
        };
        if let Err(misfit) = &outcome {
            self.lose(&key, misfit.clone());
        } else if let Some(document) = self.documents.get(&key) {
            self.engine.edited(&key, document);
            self.engine.count(self.next.edited(&key, document));
        }
        self.warm(key);
        outcome
    }

    /// Our text of this document may differ from the client's.
    pub fn lose(&mut self, uri: &str, misfit: Misfit) {
        if let Some(document) = Arc::make_mut(&mut self.documents).get_mut(key_of(uri).as_str()) {
            let document = Arc::make_mut(document);
            document.outdate();
            document.lost.get_or_insert(misfit);
        }
    }

    /// The whole text of a lost document, read from the disk that the client has just written.
    pub fn found(&mut self, uri: &str, text: &str) {
        if let Some(document) = Arc::make_mut(&mut self.documents).get_mut(key_of(uri).as_str())
            && document.lost.is_some()
        {
            let whole = Change {
                range: None,
                text: text.to_owned(),
            };
            // A whole text fits anything.
            let _ = Arc::make_mut(document).change(None, &[whole], self.client.encoding);
        }
    }

    /// `didClose`: the disk has the truth again.
    pub fn close(&mut self, uri: &str) {
        let key = key_of(uri);
        if let Some(mut old) = Arc::make_mut(&mut self.documents).remove(key.as_str()) {
            Arc::make_mut(&mut old).outdate();
        }
        self.hot.retain(|hot| **hot != *key);
        self.engine.local.close(&key);
        self.engine.gathered.closed(&key);
        self.engine.forget(&key);
        self.next.forget(&key);
    }

    /// This document is worked on: it may keep its tree.
    fn warm(&mut self, key: Arc<str>) {
        if self.hot.front() == Some(&key) {
            return;
        }
        self.hot.retain(|hot| *hot != key);
        self.hot.push_front(key);
        let Some(cold) = self.hot.get(TREES).cloned() else {
            return;
        };
        self.hot.truncate(TREES);
        if let Some(document) = Arc::make_mut(&mut self.documents).get_mut(&cold) {
            Arc::make_mut(document).forget_tree();
        }
    }
}
