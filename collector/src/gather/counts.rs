//! How large the cluster is, told without reading it: a list of one object says how many follow
//! (`remainingItemCount`), and no more than the one is ever asked for.
//!
//! It takes lists of the whole cluster, which the role of `digpod rbac` does not grant: no rule
//! depends on the counts, so that to be refused here is no loss, but said in the manifest.

use digpod_bundle::{Item, Status, layout};
use serde_json::{Map, Value, json};

use crate::api::{Api, Bounds, CallError};
use crate::sink::{Call, Sink};

/// What is counted, and where.
const COUNTED: &[(&str, &str, &str)] = &[
    ("pods", "pods", "/api/v1/pods"),
    ("services", "services", "/api/v1/services"),
    ("namespaces", "namespaces", "/api/v1/namespaces"),
];

/// Counts; nodes too, unless their list was asked for.
pub(super) async fn counts(api: &Api, sink: &Sink, nodes_listed: bool, nodes: Option<Value>) {
    let nodes_too = (!nodes_listed).then_some(&("nodes", "nodes", "/api/v1/nodes"));
    let counted = COUNTED
        .iter()
        .chain(nodes_too)
        .map(|(name, resource, path)| async move {
            let call = Call {
                verb: "list",
                resource,
                namespace: None,
                path: (*path).to_owned(),
            };
            (*name, one(api, &call).await, call)
        });
    let mut counts = Map::new();
    let mut failure: Option<(Call, CallError)> = None;
    let mut refused = Vec::new();
    for (name, count, call) in futures::future::join_all(counted).await {
        match count {
            Ok(count) => drop(counts.insert(name.to_owned(), json!({"total": count}))),
            Err(error) if error.status == Status::Forbidden => refused.push(call.permission()),
            Err(error) => failure = failure.or(Some((call, error))),
        }
    }
    if let Some(nodes) = nodes {
        counts.insert("nodes".to_owned(), nodes);
    }
    let uncounted = (!refused.is_empty()).then(|| {
        format!(
            "not counted, since the user may not {}; no rule depends on it, and the role of `digpod rbac` leaves it out",
            refused.join(", ")
        )
    });
    match failure {
        Some((call, error)) if counts.is_empty() => sink.gap(layout::COUNTS, &call, &error),
        None if counts.is_empty() => sink.missing_because(
            layout::COUNTS,
            Status::NotApplicable,
            uncounted.unwrap_or_default(),
        ),
        failure => {
            let failed = failure.is_some();
            let reasons = failure.map(|(_, error)| error.reason);
            let reasons: Vec<String> = reasons.into_iter().chain(uncounted).collect();
            let item = Item {
                source: Some("GET of lists of one object".to_owned()),
                status: if failed {
                    Status::Truncated
                } else {
                    Status::Ok
                },
                reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
                ..Item::default()
            };
            sink.with(|bundle| drop(bundle.add_json(layout::COUNTS, &Value::Object(counts), item)));
        }
    }
}

async fn one(api: &Api, call: &Call) -> Result<u64, CallError> {
    let bounds = Bounds { page: 1, most: 1 };
    let end = api
        .each(&call.path, bounds, |_: serde::de::IgnoredAny| {})
        .await?;
    Ok(end.read + end.too_large + end.remaining)
}
