//! What stands in the place of a server in a build without the feature `mcp`: nothing that can be asked.

use std::convert::Infallible;

use serde_json::{Map, Value};

use super::came::{Came, Listed};
use crate::route::Http;
use crate::settings::Mcp;

/// A server, of which there is none.
pub struct Server(Infallible);

impl Server {
    /// Says that this build has none.
    ///
    /// # Errors
    ///
    /// Always.
    pub async fn start(name: &str, _: &Mcp, _: &Http) -> Result<Server, String> {
        Err(format!(
            "MCP server `{name}` cannot be asked: this binary was built without the feature `mcp`"
        ))
    }

    /// Never asked.
    pub fn is_open(&self) -> bool {
        match self.0 {}
    }

    /// Never asked.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn call(&self, _: &str, _: &Map<String, Value>) -> Result<Came, String> {
        match self.0 {}
    }

    /// Never asked.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn read(&self, _: &str) -> Result<Came, String> {
        match self.0 {}
    }

    /// Never asked.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn tools(&self) -> Result<Vec<Listed>, String> {
        match self.0 {}
    }

    /// Never asked.
    ///
    /// # Errors
    ///
    /// None.
    pub async fn resources(&self) -> Result<Vec<Listed>, String> {
        match self.0 {}
    }

    /// Never asked.
    pub async fn close(self) {
        match self.0 {}
    }
}
