//! Nodes, and what they tell of the distribution.

use digpod_bundle::k8s::{Node, NodeList};
use digpod_bundle::{Item, Status, layout};
use serde::Deserialize;

use super::{encode, redact};
use crate::api::Api;
use crate::sink::{Call, Sink};

/// Nodes a page.
const PAGE: usize = 500;
/// Pages read; 5,000 nodes are as many as Kubernetes supports.
const MAX_PAGES: usize = 10;

/// A page of the list.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    metadata: PageMetadata,
    items: Option<Vec<Node>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PageMetadata {
    r#continue: Option<String>,
}

/// Reads all nodes; gives them and the distribution.
pub(super) async fn nodes(
    api: &Api,
    sink: &Sink,
    version: Option<&str>,
) -> (Vec<Node>, Option<String>) {
    let mut call = Call {
        verb: "list",
        resource: "nodes",
        namespace: None,
        path: format!("/api/v1/nodes?limit={PAGE}"),
    };
    let mut all = NodeList::default();
    let mut cut = None;
    for page in 1.. {
        let token = match api.get::<Page>(&call.path).await {
            Ok(page) => {
                all.items.extend(page.items.unwrap_or_default());
                page.metadata.r#continue.unwrap_or_default()
            }
            Err(error) if page == 1 => {
                sink.gap(layout::NODES, &call, &error);
                return (Vec::new(), distribution(&[], version));
            }
            // The token of a page lives for minutes only; what was read is kept.
            Err(error) => {
                cut = Some(error.reason);
                break;
            }
        };
        if token.is_empty() {
            break;
        }
        if page == MAX_PAGES {
            cut = Some(format!("only the first {} were read", PAGE * MAX_PAGES));
            break;
        }
        call.path = format!("/api/v1/nodes?limit={PAGE}&continue={}", encode(&token));
    }
    for node in &mut all.items {
        redact::metadata(&mut node.metadata);
        node.metadata.managed_fields.clear();
    }
    let item = Item {
        source: Some(format!("GET /api/v1/nodes?limit={PAGE}")),
        status: if cut.is_some() {
            Status::Truncated
        } else {
            Status::Ok
        },
        reason: cut,
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(layout::NODES, &all, item)));
    let distribution = distribution(&all.items, version);
    (all.items, distribution)
}

/// What tells distributions apart (rule catalogue, appendix G).
fn distribution(nodes: &[Node], version: Option<&str>) -> Option<String> {
    const LABELS: &[(&str, &str)] = &[
        ("kubernetes.azure.com/cluster", "aks"),
        ("kubernetes.azure.com/agentpool", "aks"),
        ("eks.amazonaws.com/nodegroup", "eks"),
        ("cloud.google.com/gke-nodepool", "gke"),
        ("node.openshift.io/os_id", "openshift"),
    ];
    const VERSIONS: &[(&str, &str)] = &[
        ("-eks-", "eks"),
        ("-gke.", "gke"),
        ("+k3s", "k3s"),
        ("+rke2", "rke2"),
    ];
    let has = |label: &str| {
        nodes
            .iter()
            .any(|node| node.metadata.labels.contains_key(label))
    };
    let by_label = LABELS.iter().find(|(label, _)| has(label));
    let by_version = || {
        VERSIONS
            .iter()
            .find(|(part, _)| version.is_some_and(|it| it.contains(part)))
    };
    by_label
        .or_else(by_version)
        .map(|(_, name)| (*name).to_owned())
}
