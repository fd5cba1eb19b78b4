//! Every resolv.conf of the bundle, and whose it is.

use digpod_bundle::{Bundle, EntryName, Kind, Place, layout};
use digpod_resolv::{Field, ResolvConf};

use super::probes::Probes;
use super::{Gap, Lack, Seen, missing};
use crate::small;

/// Whose resolv.conf it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Of {
    /// The failing pod's own.
    FailingPod,
    /// Of the probe pod that looks like the failing one.
    Workload,
    /// Of the probe pod in a namespace without policies.
    Control,
    /// Of a pod with `dnsPolicy: Default` on this node: what a new CoreDNS pod would get there.
    DefaultOn(String),
    /// Of a pod in the host network of this node: what the kubelet reads there.
    HostNetworkOn(String),
    /// The file that the kubelet of this node reads.
    Node(String),
}

/// One resolv.conf.
#[derive(Debug)]
pub(crate) struct ResolvFile {
    /// Whose.
    pub(crate) of: Of,
    /// What it says.
    pub(crate) conf: ResolvConf,
    /// The whole text.
    pub(crate) place: Place,
}

impl ResolvFile {
    /// Where a field of it stands.
    pub(crate) fn place_of(&self, field: &Field) -> Place {
        self.place.within(field.span.clone())
    }

    /// Addresses of its nameservers, in order.
    pub(crate) fn nameservers(&self) -> Vec<String> {
        let fields = self.conf.nameservers.iter();
        fields.map(|field| field.text.clone()).collect()
    }

    /// A sentence's words for whose file it is.
    pub(crate) fn whose(&self) -> String {
        match &self.of {
            Of::FailingPod => "the failing pod".to_owned(),
            Of::Workload => "the workload probe pod".to_owned(),
            Of::Control => "the control probe pod".to_owned(),
            Of::DefaultOn(node) => format!("a new pod with dnsPolicy Default on node {node}"),
            // A loose file that came without a node's name.
            Of::Node(node) if node.starts_with("unknown") => "a node".to_owned(),
            Of::HostNetworkOn(node) | Of::Node(node) => format!("node {node}"),
        }
    }
}

/// All of them.
#[derive(Debug)]
pub(crate) struct ResolvFiles {
    /// In the order of [`Of`].
    pub(crate) files: Vec<ResolvFile>,
}

impl ResolvFiles {
    pub(crate) fn read(bundle: &Bundle, probes: &Probes) -> Self {
        let mut files: Vec<ResolvFile> = Vec::new();
        for (name, bytes) in bundle.entries() {
            if let Some(of) = of_entry(name) {
                let text = String::from_utf8_lossy(bytes);
                let place = Place::text(name.as_str(), 0..text.len());
                files.push(ResolvFile {
                    of,
                    conf: digpod_resolv::parse(&text),
                    place,
                });
            }
        }
        for (vantage, output) in &probes.outputs {
            let Some(of) = of_vantage(vantage) else {
                continue;
            };
            if output.resolv_conf.is_empty() || files.iter().any(|file| file.of == of) {
                continue;
            }
            let place = Place::json(&layout::probe_records(vantage), "/resolvConf");
            let conf = digpod_resolv::parse(&output.resolv_conf);
            files.push(ResolvFile { of, conf, place });
        }
        small::sort_by(&mut files, |a, b| a.of.cmp(&b.of));
        Self { files }
    }

    /// The file that shows what the failing pod has: its own, or its sibling's.
    pub(crate) fn of_pod(&self, bundle: &Bundle) -> Seen<&ResolvFile> {
        let pod = |file: &&ResolvFile| matches!(file.of, Of::FailingPod | Of::Workload);
        self.files.iter().find(pod).ok_or_else(|| {
            let probe = layout::probe_resolv_conf("workload");
            let own = layout::WORKLOAD_RESOLV_CONF;
            let entry = if bundle.item(own).is_some() {
                own
            } else {
                &probe
            };
            missing::gap(bundle, entry)
        })
    }

    /// The file that shows the list of this node today.
    pub(crate) fn of_node(&self, node: Option<&str>) -> Option<&ResolvFile> {
        let node = node?;
        self.files.iter().find(|file| match &file.of {
            Of::DefaultOn(of) | Of::HostNetworkOn(of) | Of::Node(of) => of == node,
            Of::FailingPod | Of::Workload | Of::Control => false,
        })
    }

    /// Files that show the list of a node, best first for the nodes named.
    pub(crate) fn of_nodes(&self, bundle: &Bundle, best: &[String]) -> Seen<Vec<&ResolvFile>> {
        let mut found: Vec<(bool, &ResolvFile)> = self
            .files
            .iter()
            .filter_map(|file| match &file.of {
                Of::DefaultOn(node) | Of::HostNetworkOn(node) | Of::Node(node) => {
                    Some((!best.contains(node), file))
                }
                Of::FailingPod | Of::Workload | Of::Control => None,
            })
            .collect();
        small::sort_by(&mut found, |a, b| a.0.cmp(&b.0).then(a.1.of.cmp(&b.1.of)));
        if found.is_empty() {
            return Err(no_list(bundle, best));
        }
        Ok(found.into_iter().map(|(_, file)| file).collect())
    }
}

/// Why no node's list is known: the manifest may say so of the nodes named, or of any other.
fn no_list(bundle: &Bundle, best: &[String]) -> Gap {
    let node = best.first().map_or("*", String::as_str);
    let file = layout::node_resolv_conf(node);
    let wanted = [
        layout::probe_records(&format!("default-{node}")),
        file.clone(),
    ];
    let shows_a_list = |entry: &&str| {
        entry.starts_with("probes/default-")
            || (entry.starts_with("nodes/") && entry.ends_with("/resolv.conf"))
    };
    let items = bundle
        .manifest()
        .items
        .iter()
        .map(|item| item.entry.as_str());
    let named = wanted
        .iter()
        .map(String::as_str)
        .find(|entry| bundle.item(entry).is_some());
    let known = named.or_else(|| items.into_iter().find(shows_a_list));
    let gap = missing::gap(bundle, known.unwrap_or(&file));
    Gap {
        lacks: Lack::Entry,
        reason: format!(
            "the list of servers that the node gives CoreDNS {}",
            gap.reason
        ),
        ..gap
    }
}

fn of_entry(name: &EntryName) -> Option<Of> {
    match Kind::of(name) {
        Kind::WorkloadResolvConf => Some(Of::FailingPod),
        Kind::NodeResolvConf { node } => Some(Of::Node(node)),
        Kind::ProbeResolvConf { vantage } => of_vantage(&vantage),
        _ => None,
    }
}

fn of_vantage(vantage: &str) -> Option<Of> {
    match vantage {
        "workload" => Some(Of::Workload),
        "control" => Some(Of::Control),
        _ => {
            let node = |prefix| vantage.strip_prefix(prefix).map(str::to_owned);
            let default = node("default-").map(Of::DefaultOn);
            default.or_else(|| node("node-").map(Of::HostNetworkOn))
        }
    }
}
