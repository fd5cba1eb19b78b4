//! The servers that each `forward` asks, file TOs expanded.

use digpod_bundle::{Bundle, Place};
use digpod_corefile::{Forward, Policy, ServerBlock, Word};

use super::addresses::{self, socket};
use super::corefile::CorefileFact;
use super::dns_objects::DnsObjects;
use super::held::Held;
use super::resolv_confs::{Of, ResolvFile, ResolvFiles};
use super::{Gap, Lack, Seen, names};

/// The kubelet gives a pod this many nameservers of its node at most.
const MAX_NAMESERVERS: usize = 3;

/// One server that a `forward` asks.
#[derive(Clone, Debug)]
pub(crate) struct Upstream {
    /// Its address.
    pub(crate) address: String,
    /// `address:port` in the form of probe records.
    pub(crate) socket: String,
    /// Where it is named.
    pub(crate) place: Place,
}

/// What one `forward` asks, and how it chooses.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamList {
    /// Zones it serves, as the Corefile writes them: `.`, `corp.internal`.
    pub(crate) zones: String,
    /// The directive's name in the Corefile.
    pub(crate) forward: Place,
    /// How it chooses.
    pub(crate) policy: Policy,
    /// Where the policy is written; `None` where it is the default.
    pub(crate) policy_place: Option<Place>,
    /// The servers, distinct, in order.
    pub(crate) servers: Vec<Upstream>,
    /// For servers read from a file: whose file stands for the one CoreDNS has, as a clause that
    /// begins with a comma.
    pub(crate) inferred: Option<String>,
    /// Why the servers of a file TO are not known.
    pub(crate) unknown: Option<Gap>,
    /// Longest life of an answer in the cache of its server block.
    pub(crate) cache: Option<CacheCaps>,
}

/// Caps of the `cache` plugin, in seconds.
#[derive(Clone, Debug)]
pub(crate) struct CacheCaps {
    /// For answers.
    pub(crate) positive: u32,
    /// For NXDOMAIN and NODATA.
    pub(crate) negative: u32,
    /// The directive.
    pub(crate) place: Place,
}

/// The servers of these lists, each once, whatever zones it serves.
pub(crate) fn each_once<'a>(
    lists: impl IntoIterator<Item = &'a UpstreamList>,
) -> Vec<&'a Upstream> {
    let mut servers: Vec<&Upstream> = Vec::new();
    for server in lists.into_iter().flat_map(|list| &list.servers) {
        if !servers.iter().any(|it| it.socket == server.socket) {
            servers.push(server);
        }
    }
    servers
}

impl UpstreamList {
    /// Addresses in order.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.servers
            .iter()
            .map(|server| server.address.clone())
            .collect()
    }

    /// Whether the next server is a matter of chance, or of turns.
    pub(crate) fn draws(&self) -> bool {
        matches!(self.policy, Policy::Random | Policy::RoundRobin)
    }

    /// `CoreDNS draws at random from`, as its policy is.
    pub(crate) fn chooses(&self) -> &'static str {
        match self.policy {
            Policy::RoundRobin => "takes turns between",
            Policy::Sequential => "asks in order",
            Policy::Random | Policy::Unknown => "draws at random from",
        }
    }
}

/// The lists of every `forward` of the effective Corefile, in its order.
pub(crate) fn read(
    bundle: &Bundle,
    corefile: &Seen<CorefileFact>,
    files: &ResolvFiles,
    dns: &DnsObjects,
    held: &[Held],
) -> Seen<Vec<UpstreamList>> {
    let corefile = corefile.as_ref().map_err(Clone::clone)?;
    let nodes: Vec<String> = dns.nodes().into_keys().collect();
    let known = Known {
        bundle,
        corefile,
        files,
        nodes: &nodes,
        held: &from_the_node(corefile, held, files),
    };
    let forwards = corefile.parsed.forwards().into_iter();
    Ok(forwards
        .map(|(block, forward)| list(&known, block, &forward))
        .collect())
}

/// What the servers of a list are found out from.
struct Known<'a> {
    bundle: &'a Bundle,
    corefile: &'a CorefileFact,
    files: &'a ResolvFiles,
    /// Nodes that run CoreDNS.
    nodes: &'a [String],
    /// Servers that CoreDNS took from a file: those that it holds and no `forward` names.
    held: &'a [(String, Place)],
}

/// Servers that the pods hold and that stand in no `forward`: they come from the node's list. Those that
/// the list of a pod's own node has today are that pod's alone: lists of other nodes may lack them.
fn from_the_node(
    corefile: &CorefileFact,
    held: &[Held],
    files: &ResolvFiles,
) -> Vec<(String, Place)> {
    let named = named_in_corefile(corefile);
    let mut found: Vec<(String, Place)> = Vec::new();
    for it in held {
        let own = files.of_node(it.node.as_deref());
        let own = own.map(ResolvFile::nameservers).unwrap_or_default();
        for (server, place) in &it.servers {
            let known = found.iter().any(|(known, _)| known == server);
            if !known && !named.contains(server) && !own.iter().any(|it| socket(it, 53) == *server)
            {
                found.push((server.clone(), place.clone()));
            }
        }
    }
    found
}

/// Servers that a `forward` names by their address.
pub(crate) fn named_in_corefile(corefile: &CorefileFact) -> Vec<String> {
    let forwards = corefile.parsed.forwards().into_iter();
    let words = forwards.flat_map(|(_, forward)| forward.to);
    words
        .filter_map(|to| address_of(&to.text).map(|(address, port)| socket(address, port)))
        .collect()
}

/// The list that a CoreDNS would have that takes it from this file; its policy is not known.
pub(crate) fn of_file(file: &ResolvFile) -> UpstreamList {
    let mut list = UpstreamList {
        zones: ".".to_owned(),
        forward: file.place.clone(),
        policy: Policy::Unknown,
        policy_place: None,
        servers: Vec::new(),
        inferred: Some(String::new()),
        unknown: None,
        cache: None,
    };
    for field in file.conf.nameservers.iter().take(MAX_NAMESERVERS) {
        list.add(&field.text, 53, file.place_of(field));
    }
    list
}

/// The list that serves a name: of the longest zone that matches it. `None` where no `forward` takes
/// it, or the cluster answers it itself.
pub(crate) fn serving<'a>(
    corefile: &CorefileFact,
    lists: &'a [UpstreamList],
    name: &str,
) -> Option<&'a UpstreamList> {
    let (block, forward) = corefile.parsed.forward_for(name)?;
    if is_of_cluster(block, name) {
        return None;
    }
    let place = corefile.place(&forward.directive.name.span);
    lists.iter().find(|list| list.forward == place)
}

/// Whether the `kubernetes` plugin of the block answers a name itself. Reverse zones fall through.
fn is_of_cluster(block: &ServerBlock, name: &str) -> bool {
    let name = format!(".{}", names::qualify(name));
    let zones = block
        .directives_named("kubernetes")
        .flat_map(|directive| &directive.args);
    zones
        .map(|zone| names::qualify(&zone.text))
        .any(|zone| zone != "." && !zone.ends_with("arpa.") && name.ends_with(&format!(".{zone}")))
}

fn list(known: &Known<'_>, block: &ServerBlock, forward: &Forward<'_>) -> UpstreamList {
    let corefile = known.corefile;
    let mut list = UpstreamList {
        zones: zones(block),
        forward: corefile.place(&forward.directive.name.span),
        policy: forward.policy,
        policy_place: forward
            .policy_word
            .as_ref()
            .map(|word| corefile.place(&word.span)),
        servers: Vec::new(),
        inferred: None,
        unknown: None,
        cache: cache_caps(corefile, block),
    };
    for to in &forward.to {
        if to.text.starts_with('/') {
            expand(&mut list, known, to);
        } else if let Some((address, port)) = address_of(&to.text) {
            list.add(address, port, corefile.place(&to.span));
        }
    }
    list
}

impl UpstreamList {
    fn add(&mut self, address: &str, port: u16, place: Place) {
        let socket = socket(address, port);
        if !self.servers.iter().any(|server| server.socket == socket) {
            self.servers.push(Upstream {
                address: address.to_owned(),
                socket,
                place,
            });
        }
    }
}

/// Puts the servers of a file TO into the list: CoreDNS read it inside its container when it
/// started, so that what is at hand is the best stand-in for it.
fn expand(list: &mut UpstreamList, known: &Known<'_>, to: &Word) {
    if to.text != "/etc/resolv.conf" {
        list.unknown = Some(Gap {
            lacks: Lack::Entry,
            entry: list.forward.entry.clone(),
            reason: format!("{} is a file inside the CoreDNS container", to.text),
        });
        return;
    }
    match known.files.of_nodes(known.bundle, known.nodes) {
        Ok(found) => {
            if let Some(file) = found.first() {
                list.read(file, known.nodes);
            }
        }
        Err(gap) if known.held.is_empty() => return list.unknown = Some(gap),
        // Its metrics name the servers that it has asked; of a list of three, all, within minutes.
        Err(_) => list.inferred = Some(", as CoreDNS itself has asked".to_owned()),
    }
    for (server, place) in known.held {
        if let Some((address, port)) = server.rsplit_once(':')
            && let Ok(port) = port.parse()
        {
            list.add(address.trim_matches(['[', ']']), port, place.clone());
        }
    }
}

impl UpstreamList {
    /// Takes the servers of the file that stands for CoreDNS's own.
    fn read(&mut self, file: &ResolvFile, nodes: &[String]) {
        let same_node = match &file.of {
            Of::DefaultOn(node) | Of::HostNetworkOn(node) | Of::Node(node) => nodes.contains(node),
            Of::FailingPod | Of::Workload | Of::Control => false,
        };
        let which = if same_node {
            "where CoreDNS runs"
        } else {
            "which is not known to run CoreDNS"
        };
        self.inferred = Some(format!(
            ", inferred from the resolv.conf of {}, {which}",
            file.whose()
        ));
        for field in file.conf.nameservers.iter().take(MAX_NAMESERVERS) {
            self.add(&field.text, 53, file.place_of(field));
        }
    }
}

/// The zones of a block as people write them.
pub(crate) fn zones(block: &ServerBlock) -> String {
    let plain = |zone: &str| match zone {
        "." => ".".to_owned(),
        zone => names::plain(zone).to_owned(),
    };
    block.zones().map(plain).collect::<Vec<_>>().join(" ")
}

/// Address and port of a TO; `None` for what is no address (`tls://` keeps its port).
fn address_of(to: &str) -> Option<(&str, u16)> {
    let (scheme, rest) = to.split_once("://").unwrap_or(("dns", to));
    let default = match scheme {
        "tls" => 853,
        "https" => 443,
        _ => 53,
    };
    let rest = rest.split('%').next().unwrap_or(rest);
    if addresses::parse(rest).is_some() {
        return Some((rest.trim_matches(['[', ']']), default));
    }
    let (address, port) = rest.rsplit_once(':')?;
    addresses::parse(address)?;
    Some((address.trim_matches(['[', ']']), port.parse().ok()?))
}

/// Caps of the `cache` plugin as it is written: `cache [TTL] [ZONES…] { success|denial CAP [TTL] }`.
fn cache_caps(corefile: &CorefileFact, block: &ServerBlock) -> Option<CacheCaps> {
    let cache = block.directive("cache")?;
    let number = |word: Option<&Word>| word.and_then(|word| word.text.parse::<u32>().ok());
    let ttl = number(cache.args.first());
    let of = |name: &str| {
        let property = cache
            .properties
            .iter()
            .find(|property| property.name.text == name)?;
        number(property.args.get(1))
    };
    Some(CacheCaps {
        positive: of("success").or(ttl).unwrap_or(3600),
        negative: of("denial").or(ttl).unwrap_or(1800),
        place: corefile.place(&cache.name.span),
    })
}
