//! The DNS workload: Service, pods, owner.

use std::collections::BTreeMap;

use digpod_bundle::k8s::{Pod, PodList, Service, Workload};
use digpod_bundle::{Bundle, Place, layout};

use super::{Cited, Seen, missing};

/// The objects behind cluster DNS.
#[derive(Debug)]
pub(crate) struct DnsObjects {
    /// The pods behind the DNS Service, in the list's order.
    pub(crate) pods: Seen<Vec<Cited<Pod>>>,
    /// The DNS Service.
    pub(crate) service: Seen<Cited<Service>>,
    /// The Deployment or DaemonSet that owns the pods.
    pub(crate) workload: Seen<Cited<Workload>>,
    /// The failing pod.
    pub(crate) failing_pod: Seen<Cited<Pod>>,
}

/// Link-local addresses of node-local DNS: NodeLocal DNSCache, AKS LocalDNS, GKE Cloud DNS.
const NODE_LOCAL: [(&str, &str); 4] = [
    ("169.254.20.10", "NodeLocal DNSCache"),
    ("169.254.10.10", "AKS LocalDNS"),
    ("169.254.10.11", "AKS LocalDNS"),
    ("169.254.169.254", "GKE Cloud DNS"),
];

impl DnsObjects {
    pub(crate) fn read(bundle: &Bundle) -> Self {
        let whole = |entry: &str| Place::json(entry, "");
        Self {
            pods: missing::read_list::<PodList>(bundle, layout::DNS_PODS).map(|list| {
                list.items
                    .into_iter()
                    .enumerate()
                    .map(|(at, pod)| {
                        Cited::new(pod, Place::json(layout::DNS_PODS, format!("/items/{at}")))
                    })
                    .collect()
            }),
            service: missing::read(bundle, layout::DNS_SERVICE)
                .map(|service| Cited::new(service, whole(layout::DNS_SERVICE))),
            workload: missing::read(bundle, layout::DNS_WORKLOAD)
                .map(|workload| Cited::new(workload, whole(layout::DNS_WORKLOAD))),
            failing_pod: missing::read(bundle, layout::WORKLOAD_POD)
                .map(|pod| Cited::new(pod, whole(layout::WORKLOAD_POD))),
        }
    }

    /// Addresses of the DNS Service.
    pub(crate) fn service_addresses(&self) -> Seen<Vec<Cited<String>>> {
        let service = self.service.as_ref().map_err(Clone::clone)?;
        let spec = &service.spec;
        let mut found: Vec<Cited<String>> = spec
            .cluster_ips
            .iter()
            .enumerate()
            .map(|(at, ip)| (ip, format!("/spec/clusterIPs/{at}")))
            .map(|(ip, pointer)| Cited::new(ip.clone(), Place::json(layout::DNS_SERVICE, pointer)))
            .collect();
        if let Some(ip) = &spec.cluster_ip
            && !found.iter().any(|known| known.value == *ip)
        {
            let place = Place::json(layout::DNS_SERVICE, "/spec/clusterIP");
            found.push(Cited::new(ip.clone(), place));
        }
        found.retain(|ip| ip.value != "None" && !ip.value.is_empty());
        Ok(found)
    }

    /// Nodes on which DNS pods run, with the pods' names, sorted.
    pub(crate) fn nodes(&self) -> BTreeMap<String, Vec<String>> {
        let mut nodes: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for pod in self.pods.as_ref().map(Vec::as_slice).unwrap_or_default() {
            if let Some(node) = &pod.spec.node_name {
                let pods = nodes.entry(node.clone()).or_default();
                pods.push(pod.metadata.name.clone());
            }
        }
        nodes
    }
}

/// What a node-local DNS address belongs to.
pub(crate) fn node_local(address: &str) -> Option<&'static str> {
    let known = NODE_LOCAL.iter().find(|(known, _)| *known == address);
    known.map(|(_, product)| *product)
}

/// Whether a pod is ready and not on its way out.
pub(crate) fn is_ready(pod: &Pod) -> bool {
    let ready = |condition: &&digpod_bundle::k8s::Condition| condition.type_ == "Ready";
    pod.metadata.deletion_timestamp.is_none()
        && pod
            .status
            .conditions
            .iter()
            .find(ready)
            .is_some_and(|condition| condition.status == "True")
}

/// `coredns-a on n1 is not ready: Running, waiting: CrashLoopBackOff, 7 restarts`.
pub(crate) fn why_not_ready(pod: &Pod) -> String {
    let mut words = vec![
        pod.status
            .phase
            .clone()
            .unwrap_or_else(|| "no phase".to_owned()),
    ];
    for status in &pod.status.container_statuses {
        if let Some(waiting) = &status.state.waiting {
            words.push(format!(
                "waiting: {}",
                waiting.reason.as_deref().unwrap_or("no reason")
            ));
        }
        if let Some(ended) = &status.state.terminated {
            words.push(format!("ended with exit code {}", ended.exit_code));
        }
        if status.restart_count > 0 {
            words.push(format!("{} restarts", status.restart_count));
        }
    }
    let node = pod.spec.node_name.as_deref().unwrap_or("no node");
    format!(
        "{} on {node} is not ready: {}",
        pod.metadata.name,
        words.join(", ")
    )
}
