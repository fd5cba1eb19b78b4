//! The log of requests.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::json::lock;

/// One request to the API, noted when it arrives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The API's verb, `list`.
    pub verb: String,
    /// Plural name, with a subresource as `pods/log`; empty if it is not about a resource.
    pub resource: String,
    /// Empty for cluster-wide ones.
    pub namespace: String,
    /// Empty for lists.
    pub name: String,
    /// What the client calls itself.
    pub user_agent: String,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    all: Mutex<Vec<Request>>,
    file: Option<Mutex<File>>,
}

impl Requests {
    /// Also written to a file, one JSON line each.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self> {
        let open = |path: &Path| File::create(path).with_context(|| path.display().to_string());
        let file = file.map(open).transpose()?.map(Mutex::new);
        Ok(Self {
            all: Mutex::default(),
            file,
        })
    }

    pub(crate) fn note(&self, request: Request) {
        if let Some(file) = &self.file
            && let Ok(line) = serde_json::to_string(&request)
        {
            // A log that cannot be written does not stop the cluster.
            let _ = writeln!(lock(file), "{line}");
        }
        lock(&self.all).push(request);
    }

    pub(crate) fn all(&self) -> Vec<Request> {
        lock(&self.all).clone()
    }
}
