//! What each vantage asks.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use digpod_corefile::{Corefile, Source};
use digpod_probe::{
    Keep, MAX_OWN_SERVERS, NameClass, Page, Plan, Question, ServerRole, Target, Transport,
};

use super::repeat::repeat;
use crate::gather::Found;

/// What the user wants to know.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Failing names.
    pub(crate) names: Vec<String>,
    /// A public name.
    pub(crate) public_name: String,
    /// A label that nobody has.
    pub(crate) random_label: String,
    /// One try a question.
    pub(crate) quick: bool,
    /// Plans of an earlier run, by vantage, to be repeated.
    pub(crate) like: Arc<BTreeMap<String, Plan>>,
}

/// Whom to ask.
#[derive(Clone, Debug, Default)]
pub(crate) struct Servers {
    pub(crate) service: Vec<SocketAddr>,
    pub(crate) pods: Vec<SocketAddr>,
    pub(crate) upstreams: Vec<SocketAddr>,
    /// Where CoreDNS tells of itself.
    pub(crate) metrics: Vec<Page>,
    /// The cluster's domain.
    pub(crate) domain: String,
}

const TIMEOUT_MS: u32 = 2_000;
const BUDGET_MS: u32 = 15_000;
const QUICK_BUDGET_MS: u32 = 6_000;
const RATE: u32 = 40;
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
    Servers {
        service: ips
            .unwrap_or_default()
            .iter()
            .filter_map(|ip| address(ip, 53))
            .collect(),
        pods: pod_addresses(found),
        metrics: metrics(found),
        upstreams: upstreams.into_iter().take(MAX_SERVERS).collect(),
        domain: cluster_domain(&corefile),
    }
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

impl Asked {
    /// Tries that one upstream gets from one probe.
    pub(crate) fn tries_of_an_upstream(&self) -> u32 {
        let one = Servers {
            upstreams: vec![SocketAddr::new(std::net::Ipv4Addr::UNSPECIFIED.into(), 53)],
            ..Servers::default()
        };
        let mut questions = Vec::new();
        self.upstreams(&mut questions, &one);
        questions.iter().map(|it| it.tries).sum()
    }

    /// Beside CoreDNS: each server of the list it would get today.
    pub(crate) fn beside_coredns(&self, vantage: &str) -> Plan {
        let mut questions = Vec::new();
        for name in &self.names {
            questions.push(self.question(
                Target::OwnEach,
                name,
                "A",
                Transport::Udp,
                NameClass::Custom,
                3,
            ));
        }
        questions.push(self.question(
            Target::OwnEach,
            &self.public_name,
            "A",
            Transport::Udp,
            NameClass::Public,
            2,
        ));
        self.plan(vantage, questions)
    }

    /// Nothing: a probe that only reads files.
    pub(crate) fn nothing(&self, vantage: &str) -> Plan {
        self.plan(vantage, Vec::new())
    }

    /// From a pod: the Service, each CoreDNS pod, each upstream, and what its resolv.conf names
    /// beside these: a cache of its node, a server of the pod's own.
    pub(crate) fn in_pod(&self, vantage: &str, servers: &Servers) -> Plan {
        let mut questions = Vec::new();
        for service in &servers.service {
            let target = server(*service, ServerRole::Service);
            self.all_names(&mut questions, &target, servers, 10, 5);
            for name in &self.names {
                questions.push(self.question(
                    target.clone(),
                    name,
                    "AAAA",
                    Transport::Udp,
                    NameClass::Custom,
                    3,
                ));
                questions.push(self.question(
                    target.clone(),
                    name,
                    "A",
                    Transport::Tcp,
                    NameClass::Custom,
                    2,
                ));
            }
        }
        for pod in &servers.pods {
            self.all_names(
                &mut questions,
                &server(*pod, ServerRole::CorednsPod),
                servers,
                3,
                2,
            );
        }
        self.upstreams(&mut questions, servers);
        self.all_names(&mut questions, &Target::OwnEach, servers, 3, 2);
        self.plan(vantage, questions)
    }

    /// From the node: its own list in order, as its programs ask, and each upstream.
    pub(crate) fn on_node(&self, vantage: &str, servers: &Servers) -> Plan {
        let mut questions = Vec::new();
        for name in &self.names {
            questions.push(self.question(
                Target::OwnWalk,
                name,
                "A",
                Transport::Udp,
                NameClass::Custom,
                10,
            ));
        }
        questions.push(self.question(
            Target::OwnWalk,
            &self.public_name,
            "A",
            Transport::Udp,
            NameClass::Public,
            5,
        ));
        self.upstreams(&mut questions, servers);
        for pod in &servers.pods {
            let name = format!("kubernetes.default.svc.{}", servers.domain);
            let target = server(*pod, ServerRole::CorednsPod);
            questions.push(self.question(
                target,
                &name,
                "A",
                Transport::Udp,
                NameClass::Cluster,
                2,
            ));
        }
        self.plan(vantage, questions)
    }

    fn all_names(
        &self,
        questions: &mut Vec<Question>,
        target: &Target,
        servers: &Servers,
        custom: u32,
        other: u32,
    ) {
        let udp = Transport::Udp;
        for name in &self.names {
            questions.push(self.question(
                target.clone(),
                name,
                "A",
                udp,
                NameClass::Custom,
                custom,
            ));
        }
        let cluster = format!("kubernetes.default.svc.{}", servers.domain);
        questions.push(self.question(
            target.clone(),
            &cluster,
            "A",
            udp,
            NameClass::Cluster,
            other,
        ));
        questions.push(self.question(
            target.clone(),
            &self.public_name,
            "A",
            udp,
            NameClass::Public,
            other,
        ));
        let nobody = format!("{}.{}", self.random_label, self.public_name);
        questions.push(self.question(target.clone(), &nobody, "A", udp, NameClass::Nonexistent, 1));
    }

    fn upstreams(&self, questions: &mut Vec<Question>, servers: &Servers) {
        for upstream in &servers.upstreams {
            let target = server(*upstream, ServerRole::Upstream);
            for name in &self.names {
                questions.push(self.question(
                    target.clone(),
                    name,
                    "A",
                    Transport::Udp,
                    NameClass::Custom,
                    3,
                ));
                questions.push(self.question(
                    target.clone(),
                    name,
                    "A",
                    Transport::Tcp,
                    NameClass::Custom,
                    1,
                ));
            }
            questions.push(self.question(
                target,
                &self.public_name,
                "A",
                Transport::Udp,
                NameClass::Public,
                2,
            ));
        }
    }

    fn question(
        &self,
        target: Target,
        name: &str,
        record_type: &str,
        transport: Transport,
        class: NameClass,
        tries: u32,
    ) -> Question {
        Question {
            target,
            name: fully_qualified(name),
            record_type: record_type.to_owned(),
            transport,
            class,
            tries: if self.quick { 1 } else { tries },
            interval_ms: 500,
        }
    }

    fn plan(&self, vantage: &str, questions: Vec<Question>) -> Plan {
        let mut plan = Plan {
            format: 1,
            vantage: vantage.to_owned(),
            questions,
            timeout_ms: TIMEOUT_MS,
            budget_ms: if self.quick {
                QUICK_BUDGET_MS
            } else {
                BUDGET_MS
            },
            rate_per_server: RATE,
            ..Plan::default()
        };
        // One try each was asked for, whatever it was then.
        if let Some(before) = self.like.get(vantage).filter(|_| !self.quick) {
            repeat(&mut plan, before);
        }
        plan
    }
}

fn server(address: SocketAddr, role: ServerRole) -> Target {
    Target::Server {
        address: address.to_string(),
        role,
    }
}

fn fully_qualified(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.'))
}
