//! `-A`: the failing pod is looked for in all namespaces.

use digpod_bundle::k8s::{Pod, PodList};

use crate::api::Api;
use crate::cli::Collect;
use crate::error::Failure;
use crate::gather::{encode, unreachable};
use crate::progress::Progress;

/// Pods looked at: enough to find a running one, whatever the size of the cluster.
const MOST: usize = 50;

/// Finds the pod, and puts it with its namespace where `-n` and `--pod` would have.
pub(super) async fn find(
    api: &Api,
    options: &mut Collect,
    progress: &Progress,
) -> Result<(), Failure> {
    let (query, what) = match (&options.pod, &options.selector) {
        (Some(name), _) => (
            format!("fieldSelector={}", encode(&format!("metadata.name={name}"))),
            format!("pod is called {name}"),
        ),
        (None, Some(selector)) => (
            format!("labelSelector={}", encode(selector)),
            format!("pod has the labels {selector}"),
        ),
        (None, None) => {
            return Err(Failure::usage("-A looks for a pod, but none is named")
                .help("add --pod or -l, or name the namespace with -n"));
        }
    };
    let path = format!("/api/v1/pods?{query}&limit={MOST}");
    let list = api.get::<PodList>(&path).await.map_err(|error| {
        if error.is_unreachable() || error.code == 401 {
            return unreachable(&error);
        }
        Failure::new(format!(
            "pods cannot be looked for in all namespaces: {}",
            error.reason
        ))
        .help("name the namespace with -n")
    })?;
    let mut pods = list.items;
    pods.sort_by_key(|pod| (!running(pod), place(pod)));
    let Some(first) = pods.first() else {
        return Err(Failure::new(format!("no {what} in any namespace"))
            .help("`kubectl get pods -A --show-labels` shows them"));
    };
    if let Some(second) = pods.get(1) {
        if options.pod.is_some() {
            let places: Vec<String> = pods.iter().map(place).collect();
            return Err(
                Failure::usage(format!("there are several: {}", places.join(", "))).help(format!(
                    "name the namespace with -n, like -n {}",
                    namespace(second)
                )),
            );
        }
        progress.note(&format!(
            "{}{} pods have these labels; {} is taken",
            if pods.len() == MOST { "at least " } else { "" },
            pods.len(),
            place(first)
        ));
    }
    options.namespace = Some(namespace(first));
    options.pod = Some(first.metadata.name.clone());
    options.selector = None;
    Ok(())
}

fn running(pod: &Pod) -> bool {
    pod.status.phase.as_deref() == Some("Running")
}

fn namespace(pod: &Pod) -> String {
    pod.metadata.namespace.clone().unwrap_or_default()
}

fn place(pod: &Pod) -> String {
    format!("{}/{}", namespace(pod), pod.metadata.name)
}
