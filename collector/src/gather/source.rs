//! One source of its own: its calls, its time, and what of it could not be read.

use std::time::Duration;

use digpod_bundle::{Item, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{Api, Bounds, CallError, ListEnd, Listed};
use crate::sink::{Call, Sink};

/// What one source may take: a slow one costs its own entries, not the run.
pub(super) const LIMIT: Duration = Duration::from_secs(30);

/// The same server for one source: what it has not answered in time has timed out, and what came
/// until then is kept.
pub(super) fn timed(api: &Api) -> Api {
    api.for_at_most(LIMIT)
}

/// A call for one object.
pub(super) fn get(resource: &'static str, namespace: Option<&str>, path: String) -> Call {
    Call {
        verb: "get",
        resource,
        namespace: namespace.map(str::to_owned),
        path,
    }
}

/// A call for several.
pub(super) fn list(resource: &'static str, namespace: Option<&str>, path: String) -> Call {
    Call {
        verb: "list",
        resource,
        namespace: namespace.map(str::to_owned),
        path,
    }
}

/// Adds what was read; without a single object its status says so.
pub(super) fn add<T: Serialize>(sink: &Sink, entry: &str, call: &Call, value: &T, empty: bool) {
    add_partly(sink, entry, call, value, empty, &Unread::default());
}

/// Adds what was read, and says what of it was not.
pub(super) fn add_partly<T: Serialize>(
    sink: &Sink,
    entry: &str,
    call: &Call,
    value: &T,
    empty: bool,
    unread: &Unread,
) {
    let item = Item {
        source: Some(call.source()),
        status: match (unread.is_empty(), empty) {
            (false, _) => Status::Truncated,
            (true, true) => Status::Empty,
            (true, false) => Status::Ok,
        },
        reason: (!unread.is_empty()).then(|| unread.reasons.join("; ")),
        missing_permission: (!unread.permissions.is_empty()).then(|| unread.permissions.join(", ")),
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(entry, value, item)));
}

/// What one entry lacks, of several calls.
#[derive(Debug, Default)]
pub(super) struct Unread {
    reasons: Vec<String>,
    permissions: Vec<String>,
}

impl Unread {
    /// A call gave nothing.
    pub(super) fn failed(&mut self, call: &Call, error: &CallError) {
        self.reasons
            .push(format!("{} {}: {}", call.verb, call.resource, error.reason));
        if matches!(error.status, Status::Forbidden | Status::Unauthorized) {
            let permission = call.permission();
            if !self.permissions.contains(&permission) {
                self.permissions.push(permission);
            }
        }
    }

    /// A list was not read to its end.
    pub(super) fn cut(&mut self, call: &Call, end: &ListEnd) {
        let missing = end.missing();
        self.reasons
            .extend(missing.map(|it| format!("{} {}: {it}", call.verb, call.resource)));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }
}

/// Those objects of a list that `keep` wants; the others are never in memory together.
pub(super) async fn items<T: DeserializeOwned>(
    api: &Api,
    call: &Call,
    keep: impl Fn(&T) -> bool,
) -> Result<Listed<T>, CallError> {
    let mut items = Vec::new();
    let end = api
        .each(&call.path, Bounds::default(), |item: T| {
            if keep(&item) {
                items.push(item);
            }
        })
        .await?;
    Ok(Listed { items, end })
}
