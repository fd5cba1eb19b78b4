//! What the kubelet gives a pod as `/etc/resolv.conf` (`pkg/kubelet/network/dns`), and what it
//! says about it in events.

mod host;

use std::collections::BTreeMap;
use std::net::IpAddr;

/// `dnsPolicy` of a pod.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DnsPolicy {
    /// The cluster's DNS, but the node's for pods on the host network. The API's default.
    #[default]
    ClusterFirst,
    /// The cluster's DNS, on the host network too.
    ClusterFirstWithHostNet,
    /// The node's file.
    Default,
    /// Only what `dnsConfig` says.
    None,
}

impl DnsPolicy {
    /// From the word in the API; an absent one is `ClusterFirst`, and so is an unknown one.
    pub fn from_api(word: Option<&str>) -> Self {
        match word {
            Some("ClusterFirstWithHostNet") => Self::ClusterFirstWithHostNet,
            Some("Default") => Self::Default,
            Some("None") => Self::None,
            _ => Self::ClusterFirst,
        }
    }
}

/// Limits of the search list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SearchLimits {
    /// Domains.
    pub domains: usize,
    /// Characters of all, with the blanks between them.
    pub characters: usize,
}

impl SearchLimits {
    /// Kubelets up to 1.25.
    pub const OLD: Self = Self {
        domains: 6,
        characters: 256,
    };
    /// Kubelets from 1.26 on (`ExpandedDNSConfig`; general from 1.28 on).
    pub const EXPANDED: Self = Self {
        domains: 32,
        characters: 2048,
    };

    /// Those of Kubernetes 1.`minor`.
    pub fn of_kubelet(minor: u16) -> Self {
        if minor >= 26 {
            Self::EXPANDED
        } else {
            Self::OLD
        }
    }
}

/// Servers that a pod can have.
const MAX_SERVERS: usize = 3;
/// Characters of a domain (`DNS1123SubdomainMaxLength`).
const MAX_DOMAIN: usize = 253;

/// `dnsConfig` of a pod.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DnsConfig {
    /// Servers, added to those of the policy.
    pub nameservers: Vec<String>,
    /// Domains, added to those of the policy.
    pub searches: Vec<String>,
    /// Options by name; they replace those of the policy.
    pub options: Vec<(String, Option<String>)>,
}

/// The pod, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pod {
    /// Its name, for events.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its UID, for events.
    pub uid: String,
    /// `dnsPolicy`.
    pub dns_policy: DnsPolicy,
    /// `hostNetwork`.
    pub host_network: bool,
    /// `dnsConfig`.
    pub dns_config: Option<DnsConfig>,
}

/// The kubelet's settings and the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kubelet {
    /// `clusterDNS`.
    pub cluster_dns: Vec<IpAddr>,
    /// `clusterDomain`.
    pub cluster_domain: String,
    /// Content of the file that `resolvConf` names; `None` if that setting is the empty string.
    pub host_resolv_conf: Option<String>,
    /// The node's addresses; they choose the loopback address where `resolvConf` is empty.
    pub node_ips: Vec<IpAddr>,
    /// Limits of the search list.
    pub limits: SearchLimits,
}

/// A pod's resolver settings, as the kubelet hands them to the container runtime.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PodDns {
    /// Servers.
    pub servers: Vec<String>,
    /// The search list.
    pub searches: Vec<String>,
    /// Options. The kubelet keeps no order of them; here they stand in the order of their sources.
    pub options: Vec<String>,
    /// Events that the kubelet writes, in order.
    pub events: Vec<Event>,
}

/// An event, always a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whom it is about.
    pub about: About,
    /// `DNSConfigForming` or `MissingClusterDNS`.
    pub reason: &'static str,
    /// The message.
    pub message: String,
}

/// Whom an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The node.
    Node,
    /// The pod.
    Pod,
}

/// The kubelet cannot set the pod's DNS up, so the pod does not start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PodDnsError {
    /// The node's file has a `nameserver` line without an address.
    #[error("the node's resolv.conf has {lines} nameserver line(s) without an address")]
    EmptyNameserver {
        /// How many.
        lines: usize,
    },
}

impl PodDnsError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::EmptyNameserver { .. } => {
                "write an address after nameserver in the file that the kubelet's resolvConf names, or remove the line"
            }
        }
    }
}

impl PodDns {
    /// The file, as containerd and CRI-O write it. Where nothing is set at all they copy the
    /// node's `/etc/resolv.conf` instead; `None` says so.
    pub fn file(&self) -> Option<String> {
        if self.servers.is_empty() && self.searches.is_empty() && self.options.is_empty() {
            return None;
        }
        let mut file = String::new();
        let mut line = |keyword: &str, words: &str| {
            file.extend([keyword, " ", words, "\n"]);
        };
        if !self.searches.is_empty() {
            line("search", &self.searches.join(" "));
        }
        for server in &self.servers {
            line("nameserver", server);
        }
        if !self.options.is_empty() {
            line("options", &self.options.join(" "));
        }
        Some(file)
    }
}

/// What the kubelet sets for a pod (`GetPodDNS`).
///
/// ```
/// use digpod_resolv::kubelet::{Kubelet, Pod, SearchLimits, pod_dns};
///
/// let kubelet = Kubelet {
///     cluster_dns: vec!["10.0.0.10".parse().unwrap()],
///     cluster_domain: "cluster.local".into(),
///     host_resolv_conf: Some("nameserver 192.0.2.1\nsearch corp.example\n".into()),
///     node_ips: Vec::new(),
///     limits: SearchLimits::EXPANDED,
/// };
/// let pod = Pod { namespace: "shop".into(), ..Pod::default() };
/// assert_eq!(
///     pod_dns(&kubelet, &pod)?.file().unwrap(),
///     "search shop.svc.cluster.local svc.cluster.local cluster.local corp.example\n\
///      nameserver 10.0.0.10\n\
///      options ndots:5\n"
/// );
/// # Ok::<(), digpod_resolv::kubelet::PodDnsError>(())
/// ```
pub fn pod_dns(kubelet: &Kubelet, pod: &Pod) -> Result<PodDns, PodDnsError> {
    let host = match &kubelet.host_resolv_conf {
        Some(text) => host::host_settings(text)?,
        None => PodDns::default(),
    };
    let is_cluster = match pod.dns_policy {
        DnsPolicy::ClusterFirst => !pod.host_network,
        DnsPolicy::ClusterFirstWithHostNet => true,
        DnsPolicy::Default | DnsPolicy::None => false,
    };
    let mut dns = if pod.dns_policy == DnsPolicy::None {
        PodDns::default()
    } else if is_cluster && !kubelet.cluster_dns.is_empty() {
        PodDns {
            servers: kubelet
                .cluster_dns
                .iter()
                .map(ToString::to_string)
                .collect(),
            searches: cluster_searches(kubelet, pod, host.searches),
            options: vec!["ndots:5".to_owned()],
            events: Vec::new(),
        }
    } else {
        let events = if is_cluster { missing(pod) } else { Vec::new() };
        PodDns {
            events,
            ..as_the_node(kubelet, host)
        }
    };
    if let Some(config) = &pod.dns_config {
        merge(&mut dns, config);
    }
    limit_servers(&mut dns);
    limit_searches(&mut dns, kubelet.limits);
    Ok(dns)
}

fn cluster_searches(kubelet: &Kubelet, pod: &Pod, host: Vec<String>) -> Vec<String> {
    let domain = &kubelet.cluster_domain;
    if domain.is_empty() {
        return host;
    }
    let mut searches = vec![
        format!("{}.svc.{domain}", pod.namespace),
        format!("svc.{domain}"),
        domain.clone(),
    ];
    searches.extend(host);
    without_duplicates(searches)
}

fn as_the_node(kubelet: &Kubelet, host: PodDns) -> PodDns {
    if kubelet.host_resolv_conf.is_some() {
        return host;
    }
    let mut servers: Vec<String> = kubelet
        .node_ips
        .iter()
        .map(|ip| if ip.is_ipv6() { "::1" } else { "127.0.0.1" }.to_owned())
        .collect();
    if servers.is_empty() {
        servers.push("127.0.0.1".to_owned());
    }
    PodDns {
        servers,
        searches: vec![".".to_owned()],
        ..PodDns::default()
    }
}

fn missing(pod: &Pod) -> Vec<Event> {
    let node = "kubelet does not have ClusterDNS IP configured and cannot create Pod using \
                \"ClusterFirst\" policy. Falling back to \"Default\" policy.";
    let Pod {
        name,
        namespace,
        uid,
        ..
    } = pod;
    vec![
        Event {
            about: About::Node,
            reason: "MissingClusterDNS",
            message: node.to_owned(),
        },
        Event {
            about: About::Pod,
            reason: "MissingClusterDNS",
            message: format!("pod: \"{name}_{namespace}({uid})\". {node}"),
        },
    ]
}

fn merge(dns: &mut PodDns, config: &DnsConfig) {
    dns.servers.extend(config.nameservers.iter().cloned());
    dns.servers = without_duplicates(std::mem::take(&mut dns.servers));
    dns.searches.extend(config.searches.iter().cloned());
    dns.searches = without_duplicates(std::mem::take(&mut dns.searches));
    let mut options: Vec<(String, String)> = Vec::new();
    let mut places = BTreeMap::new();
    let existing = dns
        .options
        .iter()
        .map(|option| match option.split_once(':') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => (option.clone(), String::new()),
        });
    let own = config.options.iter().map(|(name, value)| {
        let value = value.clone().unwrap_or_default();
        (name.clone(), value)
    });
    for (name, value) in existing.chain(own) {
        let at = *places.entry(name.clone()).or_insert(options.len());
        match options.get_mut(at) {
            Some(option) => option.1 = value,
            None => options.push((name, value)),
        }
    }
    dns.options = options
        .into_iter()
        .map(|(name, value)| {
            if value.is_empty() {
                name
            } else {
                format!("{name}:{value}")
            }
        })
        .collect();
}

fn without_duplicates(words: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    words
        .into_iter()
        .filter(|word| seen.insert(word.clone()))
        .collect()
}

fn limit_servers(dns: &mut PodDns) {
    if dns.servers.len() <= MAX_SERVERS {
        return;
    }
    dns.servers.truncate(MAX_SERVERS);
    dns.events.push(Event {
        about: About::Pod,
        reason: "DNSConfigForming",
        message: format!(
            "Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: {}",
            dns.servers.join(" ")
        ),
    });
}

fn limit_searches(dns: &mut PodDns, limits: SearchLimits) {
    let before = dns.searches.len();
    dns.searches.truncate(limits.domains);
    dns.searches.retain(|domain| domain.len() <= MAX_DOMAIN);
    while dns.searches.join(" ").len() > limits.characters {
        dns.searches.pop();
    }
    if dns.searches.len() < before {
        dns.events.push(Event {
            about: About::Pod,
            reason: "DNSConfigForming",
            message: format!(
                "Search Line limits were exceeded, some search paths have been omitted, the applied search line is: {}",
                dns.searches.join(" ")
            ),
        });
    }
}
