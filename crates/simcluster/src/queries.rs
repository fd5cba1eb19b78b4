//! The log of DNS queries, noted by the servers that received them.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::json::lock;

/// One query that a server received, noted when it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReceivedQuery {
    /// Microseconds since 1970 by this machine's clock.
    pub at_us: u64,
    /// `address:port` that was asked: the Service's, where its pod answered.
    pub asked: String,
    /// Address of the server that received it.
    pub server: String,
    /// `namespace/name` of the pod that asked; empty for whoever came to the server's own socket.
    pub pod: String,
    /// `udp` or `tcp`.
    pub transport: &'static str,
    /// The message's id.
    pub id: u16,
    /// Whether it has EDNS.
    pub edns: bool,
    /// Whether it was refused for that (fault `refuses-edns`).
    pub refused: bool,
    /// Name of the first question.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub record_type: String,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Queries {
    all: Mutex<Vec<ReceivedQuery>>,
    file: Option<Mutex<File>>,
}

impl Queries {
    /// Also written to a file, one JSON line each.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self> {
        let open = |path: &Path| File::create(path).with_context(|| path.display().to_string());
        let file = file.map(open).transpose()?.map(Mutex::new);
        Ok(Self {
            all: Mutex::default(),
            file,
        })
    }

    pub(crate) fn note(&self, mut query: ReceivedQuery) {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        query.at_us = since.map_or(0, |it| u64::try_from(it.as_micros()).unwrap_or(u64::MAX));
        if let Some(file) = &self.file
            && let Ok(line) = serde_json::to_string(&query)
        {
            // A log that cannot be written does not stop the cluster.
            let _ = writeln!(lock(file), "{line}");
        }
        lock(&self.all).push(query);
    }

    pub(crate) fn all(&self) -> Vec<ReceivedQuery> {
        lock(&self.all).clone()
    }
}
