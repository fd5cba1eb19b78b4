//! One source of its own: it has its time, and what it did not say by then is said for it.

use std::future::Future;
use std::time::Duration;

use digpod_bundle::{Item, Status};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::{Api, CallError};
use crate::sink::{Call, Sink};

/// What one source may take: a slow one costs its own entries, not the run.
const LIMIT: Duration = Duration::from_secs(30);

/// Runs a source. Its entries that nobody has spoken for at the end of its time have timed out.
pub(super) async fn within<T: Default>(
    sink: &Sink,
    entries: &[&str],
    source: impl Future<Output = T>,
) -> T {
    if let Ok(value) = tokio::time::timeout(LIMIT, source).await {
        return value;
    }
    for entry in entries {
        if sink.with(|bundle| bundle.item(entry).is_none()) {
            sink.missing_because(
                entry,
                Status::TimedOut,
                format!("not read within {} s", LIMIT.as_secs()),
            );
        }
    }
    T::default()
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
    let item = Item {
        source: Some(format!("GET {}", call.path)),
        status: if empty { Status::Empty } else { Status::Ok },
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(entry, value, item)));
}

/// The items of a list of at most `pages` pages, those that `keep` wants; and whether there are more.
pub(super) async fn items<T: DeserializeOwned>(
    api: &Api,
    call: &Call,
    pages: usize,
    mut keep: impl FnMut(&T) -> bool,
) -> Result<(Vec<T>, bool), CallError> {
    let mut kept = Vec::new();
    let mut path = call.path.clone();
    for _ in 0..pages {
        let page = api.get::<Page<T>>(&path).await?;
        kept.extend(page.items.unwrap_or_default().into_iter().filter(&mut keep));
        match page.metadata.r#continue {
            Some(token) if !token.is_empty() => {
                path = format!("{}&continue={}", call.path, super::encode(&token));
            }
            _ => return Ok((kept, false)),
        }
    }
    Ok((kept, true))
}

/// A page of a list.
#[derive(serde::Deserialize)]
struct Page<T> {
    #[serde(default)]
    metadata: PageMetadata,
    items: Option<Vec<T>>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct PageMetadata {
    r#continue: Option<String>,
}
