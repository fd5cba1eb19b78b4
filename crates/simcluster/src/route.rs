//! The routing table: what an address means from which vantage.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use digpod_probe::Route;
use serde_json::Value;

use crate::cluster::Cluster;
use crate::dns::metrics_port;
use crate::json::{list, number, text, truth};
use crate::scenario::{Action, Destination, FromSettings};

/// From where packets come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Vantage {
    pub(crate) namespace: String,
    pub(crate) node: String,
    pub(crate) host_network: bool,
    /// `namespace/name`.
    pub(crate) pod: String,
}

impl Vantage {
    /// The vantage of a pod.
    pub(crate) fn of(pod: &Value) -> Self {
        let namespace = text(pod, "metadata.namespace");
        Self {
            pod: format!("{namespace}/{}", text(pod, "metadata.name")),
            namespace: namespace.to_owned(),
            node: text(pod, "spec.nodeName").to_owned(),
            host_network: truth(pod, "spec.hostNetwork"),
        }
    }

    fn fits(&self, from: &FromSettings) -> bool {
        from.namespace
            .as_ref()
            .is_none_or(|namespace| *namespace == self.namespace)
            && from.node.as_ref().is_none_or(|node| *node == self.node)
            && from
                .host_network
                .is_none_or(|host| host == self.host_network)
    }
}

/// An address where nobody listens: the kernel says so.
const CLOSED: Route = Route::To(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 1));

/// Where a packet to `to` goes.
pub(crate) fn route(cluster: &Cluster, from: &Vantage, to: SocketAddr) -> Route {
    for rule in &cluster.settings.routes {
        let hit = match rule.to {
            Destination::Ip(ip) => ip == to.ip(),
            Destination::Socket(socket) => socket == to,
        };
        if hit && from.fits(&rule.from) {
            return match rule.action {
                Action::Drop => Route::Drop,
                Action::Unreachable => Route::Unreachable,
                Action::Refuse => CLOSED,
                Action::To(other) => plain(cluster, from, to, other),
            };
        }
    }
    plain(cluster, from, to, to)
}

/// What an address means by the objects and servers alone.
fn plain(cluster: &Cluster, from: &Vantage, asked: SocketAddr, to: SocketAddr) -> Route {
    // A pod's or node's own loopback: nobody listens there.
    if to.ip().is_loopback() {
        return CLOSED;
    }
    let ip = to.ip().to_string();
    let services = cluster.store.all("", "services");
    if let Some(service) = services
        .iter()
        .find(|service| text(service, "spec.clusterIP") == ip)
    {
        return match endpoint(cluster, service, to.port()) {
            Endpoint::At(address) => direct(cluster, from, asked, address),
            // kube-proxy rejects with an ICMP message that reads as "port unreachable".
            Endpoint::Nobody => CLOSED,
            Endpoint::NoPort => Route::Drop,
        };
    }
    direct(cluster, from, asked, to)
}

/// Where `to` is, for who asked `asked`.
fn direct(cluster: &Cluster, from: &Vantage, asked: SocketAddr, to: SocketAddr) -> Route {
    if cluster.servers.all().contains_key(&to.ip()) {
        let pages = cluster.servers.pages_at(to.ip());
        let port = match pages {
            Some(_) => cluster.settings.coredns.port,
            None => 53,
        };
        return match pages {
            _ if to.port() == port => cluster
                .servers
                .at(cluster, &from.pod, asked, to.ip())
                .map_or(CLOSED, Route::To),
            Some(pages) if metrics_port(cluster) == Some(to.port()) => Route::To(pages),
            _ => CLOSED,
        };
    }
    let ip = to.ip().to_string();
    let pods = cluster.store.all("", "pods");
    let nodes = cluster.store.all("", "nodes");
    let pod = pods.iter().any(|pod| text(pod, "status.podIP") == ip);
    let node = nodes.iter().any(|node| {
        list(node, "status.addresses")
            .iter()
            .any(|address| text(address, "address") == ip)
    });
    if pod || node { CLOSED } else { Route::Drop }
}

enum Endpoint {
    At(SocketAddr),
    Nobody,
    NoPort,
}

/// A ready endpoint of a Service's port, drawn as kube-proxy draws: anew for each source port.
fn endpoint(cluster: &Cluster, service: &Value, port: u16) -> Endpoint {
    let Some(port) = list(service, "spec.ports")
        .iter()
        .find(|p| number(p, "port") == i64::from(port))
    else {
        return Endpoint::NoPort;
    };
    let (namespace, name) = (
        text(service, "metadata.namespace"),
        text(service, "metadata.name"),
    );
    let mut ready = Vec::new();
    for slice in cluster.store.all("discovery.k8s.io", "endpointslices") {
        let labels = slice.pointer("/metadata/labels/kubernetes.io~1service-name");
        if text(&slice, "metadata.namespace") != namespace
            || labels.and_then(Value::as_str) != Some(name)
        {
            continue;
        }
        let target = list(&slice, "ports")
            .iter()
            .find(|p| text(p, "name") == text(port, "name"));
        let Some(target) = target.and_then(|p| u16::try_from(number(p, "port")).ok()) else {
            continue;
        };
        for endpoint in list(&slice, "endpoints")
            .iter()
            .filter(|e| truth(e, "conditions.ready"))
        {
            let addresses = list(endpoint, "addresses").iter().filter_map(Value::as_str);
            ready.extend(
                addresses
                    .filter_map(|a| a.parse().ok())
                    .map(|ip| SocketAddr::new(ip, target)),
            );
        }
    }
    match ready.get(cluster.balance.below(ready.len())) {
        Some(address) => Endpoint::At(*address),
        None => Endpoint::Nobody,
    }
}
