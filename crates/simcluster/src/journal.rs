//! What the cluster noted, kept and, where wanted, written to a file as well.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::json::lock;

/// Notes of one kind, in the order in which they were made.
#[derive(Debug)]
pub(crate) struct Journal<T> {
    all: Mutex<Vec<T>>,
    file: Option<Mutex<File>>,
}

impl<T: Clone + Serialize> Journal<T> {
    /// Also written to a file, one JSON line each.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self> {
        let open = |path: &Path| File::create(path).with_context(|| path.display().to_string());
        let file = file.map(open).transpose()?.map(Mutex::new);
        Ok(Self {
            all: Mutex::default(),
            file,
        })
    }

    pub(crate) fn note(&self, note: T) {
        if let Some(file) = &self.file
            && let Ok(line) = serde_json::to_string(&note)
        {
            // A log that cannot be written does not stop the cluster.
            let _ = writeln!(lock(file), "{line}");
        }
        lock(&self.all).push(note);
    }

    pub(crate) fn all(&self) -> Vec<T> {
        lock(&self.all).clone()
    }
}

impl<T> Default for Journal<T> {
    fn default() -> Self {
        Self {
            all: Mutex::default(),
            file: None,
        }
    }
}
