//! DNS of the nodes that no object of the API tells of, as the probes' resolv.conf shows it: AKS
//! LocalDNS and GKE's Cloud DNS.

use digpod_bundle::{Item, Status, layout};

use super::Found;
use super::network::NodeLocal;
use crate::sink::Sink;

/// Probes whose resolv.conf is that of ordinary pods.
const VANTAGES: [&str; 2] = ["control", "workload"];
/// What stands behind the addresses (rule catalogue, appendix G).
const PRODUCTS: [(&str, &str); 4] = [
    ("169.254.20.10", "NodeLocal DNSCache"),
    ("169.254.10.10", "AKS LocalDNS"),
    ("169.254.10.11", "AKS LocalDNS"),
    ("169.254.169.254", CLOUD_DNS),
];
const CLOUD_DNS: &str = "GKE Cloud DNS";
/// What a cluster with Cloud DNS has none of.
const IN_THE_CLUSTER: [&str; 2] = [layout::DNS_SERVICE, layout::DNS_WORKLOAD];

/// Puts down what the probes saw, where nothing else told of it.
pub(crate) fn seen_by_probes(sink: &Sink, found: &Found) {
    let Some((product, address, vantage)) = VANTAGES.iter().find_map(|it| of(sink, it)) else {
        return;
    };
    let because = format!("nameserver {address} in the resolv.conf of probe {vantage}");
    let entry = layout::DNS_NODE_LOCAL;
    // What the DaemonSet tells is more.
    if sink.with(|bundle| bundle.get(entry).is_none()) {
        found.trail.choose("nodeLocal", product, because.clone());
        let node_local = NodeLocal {
            product,
            addresses: vec![address.clone()],
            because: because.clone(),
            ..NodeLocal::default()
        };
        let item = Item {
            source: Some(because.clone()),
            ..Item::default()
        };
        sink.with(|bundle| drop(bundle.add_json(entry, &node_local, item)));
    }
    if product == CLOUD_DNS && found.service.is_none() && found.dns_pods.is_empty() {
        found.trail.choose("server", product, because);
        let corefile = layout::config_map("coredns");
        let why = format!("pods ask {address}, {product}, which has no servers in the cluster");
        for entry in IN_THE_CLUSTER.into_iter().chain([corefile.as_str()]) {
            let item = sink.with(|bundle| bundle.item(entry).map(|it| it.status));
            if item == Some(Status::NotFound) {
                sink.missing_because(entry, Status::NotApplicable, why.clone());
            }
        }
    }
    found.trail.write(sink);
}

/// Product and address that the resolv.conf of a probe names.
fn of(sink: &Sink, vantage: &'static str) -> Option<(&'static str, String, &'static str)> {
    let entry = layout::probe_resolv_conf(vantage);
    let text = sink.with(|bundle| bundle.text(&entry).map(std::borrow::Cow::into_owned))?;
    let servers = digpod_probe::nameservers(&text);
    servers.iter().find_map(|server| {
        let known = PRODUCTS.iter().find(|(address, _)| address == server)?;
        Some((known.1, (*server).to_owned(), vantage))
    })
}
