//! The bundle while it fills: whoever gathers adds to it, and what is in it at any moment is valid.

use std::sync::{Arc, Mutex, PoisonError};

use digpod_bundle::k8s::ListMeta;
use digpod_bundle::{Bundle, Item, Manifest, Redaction, Status, log_pieces};
use serde::Serialize;

use crate::api::{CallError, ListEnd, Listed};

/// Reason of what is yet to come, until the run knows why it did not.
pub(crate) const PENDING: &str = "the run ended before it came";

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

    /// Takes the bundle out, at the end: it may be too large to have twice.
    pub(crate) fn take(&self) -> Bundle {
        self.with(|bundle| std::mem::replace(bundle, Bundle::new(Manifest::default())))
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

    /// Adds a list, or what was read of it, or the reason why it is missing.
    pub(crate) fn list<T: Serialize>(
        &self,
        entry: &str,
        call: &Call,
        list: &Result<Listed<T>, CallError>,
    ) {
        match list {
            Ok(list) => self.items(entry, call, &list.items, &list.end),
            Err(error) => self.gap(entry, call, error),
        }
    }

    /// Adds those objects of a list that are kept.
    pub(crate) fn items<T: Serialize>(&self, entry: &str, call: &Call, items: &[T], end: &ListEnd) {
        let reason = end.missing();
        let item = Item {
            source: Some(call.source()),
            status: if reason.is_some() {
                Status::Truncated
            } else {
                Status::Ok
            },
            reason,
            ..Item::default()
        };
        let metadata = ListMeta {
            resource_version: end.resource_version.clone(),
            remaining_item_count: i64::try_from(end.remaining).ok().filter(|it| *it > 0),
        };
        let list = List { metadata, items };
        self.with(|bundle| drop(bundle.add_json(entry, &list, item)));
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

    /// Adds a container's log in pieces, each under its name.
    pub(crate) fn log(&self, name: impl Fn(u32) -> String, log: &[u8], item: &Item) {
        self.with(|bundle| {
            for (number, piece) in (0..).zip(log_pieces(log)) {
                drop(bundle.add_with(&name(number), piece, item.clone()));
            }
        });
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
    pub(crate) fn missing(&self, mut item: Item) {
        // A server's or an admission webhook's words may hold anything.
        if let Some(reason) = &mut item.reason {
            crate::gather::scrub(reason);
        }
        self.with(|bundle| drop(bundle.add_gap(item)));
    }

    /// Records something that is yet to come. It stays where the run ends before: what nobody
    /// speaks of reads as if there were none.
    pub(crate) fn pending(&self, entry: &str) {
        self.missing_because(entry, Status::TimedOut, PENDING);
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

/// A list as the API writes it, and as the shapes of the bundle read it.
#[derive(Serialize)]
struct List<'a, T> {
    metadata: ListMeta,
    #[serde(skip_serializing_if = "<[T]>::is_empty")]
    items: &'a [T],
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
    /// As the manifest names where an entry came from.
    pub(crate) fn source(&self) -> String {
        format!("GET {}", self.path)
    }

    /// The permission that the call needs, as manifest and screen name it.
    pub(crate) fn permission(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {} in namespace {namespace}", self.verb, self.resource),
            None => format!("{} {} in the cluster", self.verb, self.resource),
        }
    }
}
