//! The bundle while it fills: whoever gathers adds to it, and what is in it at any moment is valid.

use std::sync::{Arc, Mutex, PoisonError};

use digpod_bundle::{Bundle, Item, LogStream, Manifest, Redaction, Status};
use serde::Serialize;

use crate::api::CallError;

/// A bundle that many may fill at once.
#[derive(Clone)]
pub(crate) struct Sink(Arc<Mutex<Bundle>>);

impl Sink {
    pub(crate) fn new(manifest: Manifest) -> Self {
        Self(Arc::new(Mutex::new(Bundle::new(manifest))))
    }

    /// Looks at or changes the bundle.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Bundle) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Adds an object that was collected whole.
    pub(crate) fn json<T: Serialize>(&self, entry: &str, source: &str, value: &T) {
        let item = Item {
            source: Some(source.to_owned()),
            ..Item::default()
        };
        self.with(|bundle| drop(bundle.add_json(entry, value, item)));
    }

    /// Adds an object or the reason why it is missing.
    pub(crate) fn json_or_gap<T: Serialize>(
        &self,
        entry: &str,
        call: &Call,
        value: &Result<T, CallError>,
    ) {
        match value {
            Ok(value) => self.json(entry, &call.source(), value),
            Err(error) => self.gap(entry, call, error),
        }
    }

    /// Adds a text.
    pub(crate) fn text(&self, entry: &str, source: &str, text: &str) {
        let status = if text.is_empty() {
            Status::Empty
        } else {
            Status::Ok
        };
        let item = Item {
            source: Some(source.to_owned()),
            status,
            ..Item::default()
        };
        self.with(|bundle| drop(bundle.add_with(entry, text, item)));
    }

    /// Adds a container's log.
    pub(crate) fn log(
        &self,
        pod: &str,
        container: &str,
        stream: LogStream,
        log: &str,
        item: &Item,
    ) {
        self.with(|bundle| drop(bundle.add_log(pod, container, stream, log.as_bytes(), item)));
    }

    /// Says what a rule took out of an entry.
    pub(crate) fn redacted(&self, entry: &str, rule: &str, count: u64) {
        if count == 0 {
            return;
        }
        let redaction = Redaction {
            rule: rule.to_owned(),
            entry: entry.to_owned(),
            count,
        };
        self.with(|bundle| {
            bundle.edit_manifest(|manifest| {
                let same =
                    |it: &Redaction| it.rule == redaction.rule && it.entry == redaction.entry;
                manifest.redactions.retain(|it| !same(it));
                manifest.redactions.push(redaction.clone());
                manifest
                    .redactions
                    .sort_by(|a, b| (&a.entry, &a.rule).cmp(&(&b.entry, &b.rule)));
            });
        });
    }

    /// Records a call that gave nothing.
    pub(crate) fn gap(&self, entry: &str, call: &Call, error: &CallError) {
        let denied = matches!(error.status, Status::Forbidden | Status::Unauthorized);
        self.missing(Item {
            entry: entry.to_owned(),
            status: error.status,
            reason: Some(error.reason.clone()),
            missing_permission: denied.then(|| call.permission()),
            source: Some(call.source()),
            ..Item::default()
        });
    }

    /// Records something that is not there.
    pub(crate) fn missing(&self, item: Item) {
        self.with(|bundle| drop(bundle.add_gap(item)));
    }

    /// Records something that is not there, with its reason.
    pub(crate) fn missing_because(&self, entry: &str, status: Status, reason: impl Into<String>) {
        self.missing(Item {
            entry: entry.to_owned(),
            status,
            reason: Some(reason.into()),
            ..Item::default()
        });
    }
}

/// A call, as manifest and screen name it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// `get` or `list`.
    pub(crate) verb: &'static str,
    /// Resource, with its group if it has one: `networkpolicies.networking.k8s.io`.
    pub(crate) resource: &'static str,
    /// Namespace; `None` for cluster-wide resources.
    pub(crate) namespace: Option<String>,
    /// Path and query.
    pub(crate) path: String,
}

impl Call {
    fn source(&self) -> String {
        format!("GET {}", self.path)
    }

    fn permission(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {} in namespace {namespace}", self.verb, self.resource),
            None => format!("{} {} in the cluster", self.verb, self.resource),
        }
    }
}
