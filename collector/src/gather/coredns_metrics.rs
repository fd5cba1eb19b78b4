//! CoreDNS's own metrics: which upstreams it really asks, and what they answer.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Item, Status, layout};
use digpod_probe::upstreams_from_metrics;
use futures::StreamExt as _;

use super::config::{Config, metrics_port};
use super::dns::is_kube_dns;
use super::source::get;
use crate::api::Api;
use crate::sink::Sink;

/// Pods whose metrics are read.
const PODS: usize = 20;
/// Read at once.
const AT_ONCE: usize = 4;
/// Most bytes kept of one pod's; CoreDNS has some hundred kB.
const MAX_BYTES: usize = 1 << 20;
/// Pods whose metrics are read before the probes begin, and how long these wait for them.
const FIRST: usize = 2;
const LOOK: Duration = Duration::from_secs(5);
/// Where plugin `prometheus` serves them; it has no option for it.
const PATH: &str = "/metrics";

/// Where the metrics of the DNS pods are, or why nobody can read them.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    /// The port, or the reason.
    pub(crate) port: Result<u16, String>,
    /// Upstreams that were asked, as far as metrics were read before the probes.
    pub(crate) upstreams: BTreeSet<SocketAddr>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            port: Err("no Corefile says where the metrics are".to_owned()),
            upstreams: BTreeSet::new(),
        }
    }
}

impl Metrics {
    /// From the Corefile; without one, from a container's port of that name.
    pub(super) fn of(config: &Config, pods: &[Pod]) -> Self {
        let named = pods
            .iter()
            .flat_map(|pod| &pod.spec.containers)
            .flat_map(|container| &container.ports)
            .find(|port| port.name.as_deref() == Some("metrics"))
            .and_then(|port| u16::try_from(port.container_port).ok());
        let port = match metrics_port(config) {
            _ if pods.iter().any(is_kube_dns) => Err(
                "this cluster's DNS is kube-dns, whose metrics do not name the servers it asks"
                    .to_owned(),
            ),
            Ok(port) => Ok(port),
            Err(_) if config.corefile.is_none() && named.is_some() => named.ok_or_else(String::new),
            Err(why) => Err(why.to_owned()),
        };
        Self {
            port,
            upstreams: BTreeSet::new(),
        }
    }

    /// Reads those of the first pods, to know what CoreDNS really asks: behind /etc/resolv.conf of
    /// a node, which nobody can read through the API, this is the one place that names it.
    pub(super) async fn look(&mut self, api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
        let first = pods.get(..FIRST.min(pods.len())).unwrap_or_default();
        by_proxy(&api.for_at_most(LOOK), sink, namespace, first, self).await;
        for pod in first {
            let entry = layout::metrics(&pod.metadata.name);
            let text = sink.with(|bundle| {
                let text = bundle.get(&entry)?;
                Some(String::from_utf8_lossy(text).into_owned())
            });
            self.upstreams
                .extend(upstreams_from_metrics(&text.unwrap_or_default()));
        }
    }
}

/// Reads those that nobody has read yet through the API server's pod proxy.
pub(crate) async fn by_proxy(
    api: &Api,
    sink: &Sink,
    namespace: &str,
    pods: &[Pod],
    metrics: &Metrics,
) {
    let missing = pods
        .iter()
        .map(|pod| pod.metadata.name.as_str())
        .filter(|pod| sink.with(|bundle| bundle.item(&layout::metrics(pod)).is_none()))
        .collect::<Vec<_>>();
    let left_out = missing.get(PODS..).unwrap_or_default();
    for pod in left_out {
        let why = format!("the metrics of {PODS} pods are read, no more");
        sink.missing_because(&layout::metrics(pod), Status::NotApplicable, why);
    }
    let missing = missing.into_iter().take(PODS);
    match &metrics.port {
        Ok(port) => {
            futures::stream::iter(missing)
                .for_each_concurrent(AT_ONCE, |pod| one(api, sink, namespace, pod, *port))
                .await;
        }
        Err(why) => {
            for pod in missing {
                let entry = layout::metrics(pod);
                sink.missing_because(&entry, Status::NotApplicable, why.clone());
            }
        }
    }
}

async fn one(api: &Api, sink: &Sink, namespace: &str, pod: &str, port: u16) {
    let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}:{port}/proxy{PATH}");
    let call = get("pods/proxy", Some(namespace), path);
    let entry = layout::metrics(pod);
    match api.get_text(&call.path).await {
        Ok(text) => add(sink, pod, &text, &call.source()),
        Err(error) => sink.gap(&entry, &call, &error),
    }
}

/// Adds a pod's metrics, those that bear on DNS.
pub(super) fn add(sink: &Sink, pod: &str, text: &str, source: &str) {
    let (kept, cut) = pruned(text);
    let status = match (kept.is_empty(), cut) {
        (true, _) => Status::Empty,
        (_, true) => Status::Truncated,
        _ => Status::Ok,
    };
    let item = Item {
        source: Some(source.to_owned()),
        status,
        reason: cut.then(|| format!("only the first {} MiB were kept", MAX_BYTES >> 20)),
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_with(&layout::metrics(pod), kept, item)));
}

/// Lines that bear on DNS, and whether there were more.
fn pruned(text: &str) -> (String, bool) {
    let mut kept = String::new();
    for line in text.lines().filter(|line| bears_on_dns(line)) {
        if kept.len() + line.len() >= MAX_BYTES {
            return (kept, true);
        }
        kept.push_str(line);
        kept.push('\n');
    }
    (kept, false)
}

fn bears_on_dns(line: &str) -> bool {
    const GO: [&str; 4] = [
        "go_goroutines",
        "go_info",
        "go_memstats_alloc_bytes ",
        "go_memstats_sys_bytes ",
    ];
    line.starts_with("coredns_")
        || line.starts_with("process_")
        || GO.iter().any(|series| line.starts_with(series))
}

#[cfg(test)]
mod tests {
    use super::pruned;

    #[test]
    fn series_of_others_are_not_kept() {
        let text = "# HELP coredns_build_info x\ncoredns_build_info{version=\"1.12.1\"} 1\nhttp_secret{a=\"b\"} 1\ngo_memstats_alloc_bytes_total 1\nprocess_open_fds 12\n";
        let kept = "coredns_build_info{version=\"1.12.1\"} 1\nprocess_open_fds 12\n";
        assert_eq!(pruned(text), (kept.to_owned(), false));
    }
}
