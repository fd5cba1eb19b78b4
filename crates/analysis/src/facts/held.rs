//! The servers that each CoreDNS pod took from its node's list when it started, as far as that can be
//! seen today: its sandbox's resolv.conf holds them all, its metrics name those that it has asked.

use std::collections::BTreeSet;

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Bundle, Place, layout};
use digpod_probe::upstreams_from_metrics;

use super::addresses::{canonical_socket, socket};
use super::dns_objects::DnsObjects;

/// What one pod holds.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// The pod.
    pub(crate) pod: String,
    /// Its node.
    pub(crate) node: Option<String>,
    /// Servers with the place that names each.
    pub(crate) servers: Vec<(String, Place)>,
    /// Whether these are all: false of metrics, which know nothing of a server not asked yet.
    pub(crate) whole: bool,
}

/// Of each pod of which something is known.
pub(crate) fn read(bundle: &Bundle, dns: &DnsObjects) -> Vec<Held> {
    let pods = dns.pods.as_ref().map(Vec::as_slice).unwrap_or_default();
    pods.iter().filter_map(|pod| held(bundle, pod)).collect()
}

fn held(bundle: &Bundle, pod: &Pod) -> Option<Held> {
    let name = &pod.metadata.name;
    let node = pod.spec.node_name.clone();
    let in_sandbox = node.as_deref().and_then(|node| sandbox(bundle, node, name));
    let whole = in_sandbox.is_some();
    let servers = in_sandbox.or_else(|| metrics(bundle, name))?;
    Some(Held {
        pod: name.clone(),
        node,
        servers,
        whole,
    })
}

fn sandbox(bundle: &Bundle, node: &str, pod: &str) -> Option<Vec<(String, Place)>> {
    let entry = layout::sandbox_resolv_conf(node, pod);
    let bytes = bundle.get(&entry).filter(|bytes| !bytes.is_empty())?;
    let text = String::from_utf8_lossy(bytes);
    let conf = digpod_resolv::parse(&text);
    let whole = Place::text(&entry, 0..text.len());
    let fields = conf.used_nameservers().iter();
    let servers = fields.map(|field| (socket(&field.text, 53), whole.within(field.span.clone())));
    Some(servers.collect())
}

fn metrics(bundle: &Bundle, pod: &str) -> Option<Vec<(String, Place)>> {
    let entry = layout::metrics(pod);
    let text = std::str::from_utf8(bundle.get(&entry)?).ok()?;
    let servers: BTreeSet<String> = upstreams_from_metrics(text)
        .iter()
        .map(|address| canonical_socket(&address.to_string()))
        .collect();
    let with_place = |server: String| {
        // The first series that names it.
        let at = text.find(&format!("to=\"{server}\"")).unwrap_or(0);
        let begin = text
            .get(..at)
            .and_then(|text| text.rfind('\n'))
            .map_or(0, |at| at + 1);
        let end = text
            .get(at..)
            .and_then(|rest| rest.find('\n'))
            .map_or(text.len(), |it| at + it);
        (server, Place::text(&entry, begin..end))
    };
    // One that has not forwarded anything yet names none.
    Some(servers.into_iter().map(with_place).collect())
}
