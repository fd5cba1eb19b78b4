//! How large the cluster is: lists of one item say how many more there are.

use digpod_bundle::layout;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::source::{self, list};
use crate::api::{Api, CallError};
use crate::sink::Sink;

#[derive(Default, Serialize)]
struct Counts {
    namespaces: Option<usize>,
    pods: Option<usize>,
    services: Option<usize>,
    /// What could not be counted, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct One {
    metadata: digpod_bundle::k8s::ListMeta,
    items: Vec<IgnoredAny>,
}

/// Counts pods, Services and namespaces.
pub(super) async fn counts(api: &Api, sink: &Sink) {
    const PATHS: [(&str, &str); 3] = [
        ("namespaces", "/api/v1/namespaces?limit=1"),
        ("pods", "/api/v1/pods?limit=1"),
        ("services", "/api/v1/services?limit=1"),
    ];
    let found = futures::future::join_all(PATHS.map(|(_, path)| count(api, path))).await;
    let mut counts = Counts::default();
    let mut failure = None;
    for ((resource, path), found) in PATHS.into_iter().zip(found) {
        match (found, resource) {
            (Ok(n), "namespaces") => counts.namespaces = Some(n),
            (Ok(n), "pods") => counts.pods = Some(n),
            (Ok(n), _) => counts.services = Some(n),
            (Err(error), _) => {
                counts.unread.push(format!("{resource}: {}", error.reason));
                failure = failure.or(Some((list(resource, None, path.to_owned()), error)));
            }
        }
    }
    match failure {
        Some((call, error)) => sink.gap(layout::COUNTS, &call, &error),
        None => {
            let call = list("pods", None, PATHS[1].1.to_owned());
            source::add(sink, layout::COUNTS, &call, &counts, false);
        }
    }
}

/// How many there are in all, from a list of one.
pub(super) async fn count(api: &Api, path: &str) -> Result<usize, CallError> {
    let one: One = api.get(path).await?;
    let more = one.metadata.remaining_item_count.unwrap_or(0);
    Ok(one.items.len() + usize::try_from(more).unwrap_or(0))
}
