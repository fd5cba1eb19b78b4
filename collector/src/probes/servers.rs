//! Whom to ask: the DNS Service, its pods, and every server that CoreDNS may forward to.

use std::net::{IpAddr, SocketAddr};

use digpod_corefile::{Corefile, Source};
use digpod_probe::{Keep, MAX_OWN_SERVERS, Page};

use super::questions::Asked;
use crate::gather::Found;

/// Whom to ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct Servers {
    pub(crate) service: Vec<SocketAddr>,
    pub(crate) pods: Vec<SocketAddr>,
    pub(crate) upstreams: Vec<SocketAddr>,
    /// The cloud platform's resolver, where nothing is known to forward to it.
    pub(crate) platform: Option<SocketAddr>,
    /// Where CoreDNS tells of itself.
    pub(crate) metrics: Vec<Page>,
    /// The cluster's domain.
    pub(crate) domain: String,
}

/// Upstreams and pods asked at most; more would only make the run longer.
const MAX_SERVERS: usize = 8;
/// CoreDNS pods whose metrics are fetched.
const MAX_METRICS: usize = 20;

/// Finds the servers: from the Service, its pods, and every `forward` of the effective Corefile.
pub(crate) fn servers(found: &Found, resolv_confs: &[String]) -> Servers {
    let address = |text: &str, port: u16| Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, port));
    let corefile = corefile(found);
    let service = found.service.as_ref().map(|service| &service.spec);
    let ips = service.map(|it| {
        if it.cluster_ips.is_empty() {
            it.cluster_ip.iter().cloned().collect()
        } else {
            it.cluster_ips.clone()
        }
    });
    // What CoreDNS says it asks, which shows also what stands in its node's resolv.conf.
    let mut upstreams = found.metrics.upstreams.clone();
    for (_, forward) in corefile.forwards() {
        for to in forward.to {
            if to.text.starts_with('/') {
                for conf in resolv_confs {
                    let conf = digpod_resolv::parse(conf);
                    upstreams.extend(
                        conf.used_nameservers()
                            .iter()
                            .filter_map(|it| address(&it.text, 53)),
                    );
                }
            } else {
                upstreams.extend(plain_address(&to.text));
            }
        }
    }
    let upstreams: Vec<SocketAddr> = upstreams.into_iter().take(MAX_SERVERS).collect();
    Servers {
        platform: platform(found).filter(|it| !upstreams.contains(it)),
        service: ips
            .unwrap_or_default()
            .iter()
            .filter_map(|ip| address(ip, 53))
            .collect(),
        pods: pod_addresses(found),
        metrics: metrics(found),
        upstreams,
        domain: cluster_domain(&corefile),
    }
}

/// The resolver that the platform offers to each machine of its networks, by what the nodes say of
/// their provider: Azure (168.63.129.16), AWS (169.254.169.253), Google Cloud (169.254.169.254).
/// Custom servers that cannot do what it does are a fault of their own.
fn platform(found: &Found) -> Option<SocketAddr> {
    const RESOLVERS: [(&str, [u8; 4]); 3] = [
        ("azure://", [168, 63, 129, 16]),
        ("aws://", [169, 254, 169, 253]),
        ("gce://", [169, 254, 169, 254]),
    ];
    let mut providers = found
        .nodes
        .iter()
        .filter_map(|it| it.spec.provider_id.as_deref());
    let provider = providers.next()?;
    let known = RESOLVERS
        .iter()
        .find(|(scheme, _)| provider.starts_with(scheme));
    known.map(|(_, address)| SocketAddr::from((*address, 53)))
}

/// The cluster's domain, from its Corefile.
pub(crate) fn domain(found: &Found) -> String {
    cluster_domain(&corefile(found))
}

/// Whether some `forward` takes its servers from a file, which only CoreDNS's node can show.
///
/// A run in a hurry goes by the servers that CoreDNS's metrics say it asks, where there are such: one
/// that it has not asked yet is still asked by the probes beside it.
pub(crate) fn needs_node_lists(found: &Found, asked: &Asked) -> bool {
    if asked.quick && !found.metrics.upstreams.is_empty() {
        return false;
    }
    let corefile = corefile(found);
    let mut all = corefile.forwards().into_iter().flat_map(|(_, it)| it.to);
    all.any(|to| to.text.starts_with('/'))
}

/// The metrics of each CoreDNS pod, where others may read them.
fn metrics(found: &Found) -> Vec<Page> {
    let Ok(port) = found.metrics.port else {
        return Vec::new();
    };
    let pages = found.dns_pods.iter().filter_map(|pod| {
        let ip: IpAddr = pod.status.pod_ip.as_deref()?.parse().ok()?;
        Some(Page {
            id: pod.metadata.name.clone(),
            address: SocketAddr::new(ip, port).to_string(),
            path: "/metrics".to_owned(),
            keep: Keep::CorednsMetrics,
        })
    });
    pages.take(MAX_METRICS).collect()
}

/// Each pod with the port to which the Service leads; OpenShift's is 5353.
fn pod_addresses(found: &Found) -> Vec<SocketAddr> {
    let addresses = found.dns_pods.iter().filter_map(|pod| {
        let ip = pod.status.pod_ip.as_deref()?.parse().ok()?;
        Some(SocketAddr::new(ip, found.dns_port(pod)))
    });
    addresses.take(MAX_SERVERS).collect()
}

/// An upstream that speaks plain DNS: `IP`, `IP:port`, `dns://IP`.
fn plain_address(text: &str) -> Option<SocketAddr> {
    let text = text.strip_prefix("dns://").unwrap_or(text);
    text.parse::<SocketAddr>().ok().or_else(|| {
        Some(SocketAddr::new(
            text.trim_matches(['[', ']']).parse().ok()?,
            53,
        ))
    })
}

fn corefile(found: &Found) -> Corefile {
    let main = Source::new("Corefile", found.corefile.clone().unwrap_or_default());
    let custom = found
        .custom
        .iter()
        .map(|(key, text)| Source::new(format!("custom/{key}"), text.clone()));
    digpod_corefile::parse(main, custom.collect())
}

fn cluster_domain(corefile: &Corefile) -> String {
    let directives = corefile
        .blocks
        .iter()
        .filter_map(|block| block.directive("kubernetes"));
    let zones = directives.flat_map(|directive| &directive.args);
    let zone = zones
        .map(|zone| zone.text.trim_end_matches('.'))
        .find(|zone| zone.rsplit('.').next() != Some("arpa"));
    zone.filter(|zone| !zone.is_empty())
        .unwrap_or("cluster.local")
        .to_owned()
}

impl Servers {
    /// Upstreams that may still come from so many lists of the nodes.
    pub(crate) fn to_come(&self, lists: usize) -> usize {
        let room = MAX_SERVERS.saturating_sub(self.upstreams.len());
        room.min(lists.saturating_mul(MAX_OWN_SERVERS as usize))
    }
}
