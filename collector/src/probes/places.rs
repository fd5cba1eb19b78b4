//! The vantages: a place to ask from, and what is asked there.

use digpod_bundle::k8s::{Node, Pod};
use digpod_probe::{File, FileKind, Plan};

use super::labels::Choice;
use super::mounts::{self, Mount};
use super::pod::{Place, images};
use super::questions::Asked;
use super::servers::{self, Servers};
use crate::gather::Found;

/// A place to ask from and what is asked there.
pub(super) struct Vantage {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) plan: Plan,
    /// What makes it differ from what it stands for.
    pub(super) note: Option<String>,
    /// How it came to run otherwise than from the probe's image.
    pub(super) sent: Option<String>,
    /// Files that its node does not have.
    pub(super) lacking: Vec<Mount>,
}

/// Counters of the node's network, which a pod on it reads without a mount.
const CONNTRACK: &[(&str, &str)] = &[
    (
        "conntrack/nf_conntrack_count",
        "/proc/sys/net/netfilter/nf_conntrack_count",
    ),
    (
        "conntrack/nf_conntrack_max",
        "/proc/sys/net/netfilter/nf_conntrack_max",
    ),
    ("conntrack/stat", "/proc/net/stat/nf_conntrack"),
];

impl Vantage {
    fn new(id: String, place: Place, plan: Plan) -> Self {
        Self {
            id,
            place,
            plan,
            note: None,
            sent: None,
            lacking: Vec::new(),
        }
    }

    pub(super) fn beside_coredns(
        node: &str,
        namespace: &str,
        asked: &Asked,
        found: &Found,
    ) -> Self {
        let id = format!("default-{node}");
        let place = Place {
            namespace: namespace.to_owned(),
            node: Some(node.to_owned()),
            dns_policy: Some("Default".to_owned()),
            ..Place::default()
        };
        let plan = asked.beside_coredns(&id, &servers::domain(found));
        Self::new(id, place, plan)
    }

    /// Beside a pod: `workload` beside the failing one, `working` beside one that resolves.
    pub(super) fn sibling(
        id: &str,
        pod: Option<&Pod>,
        namespace: &str,
        asked: &Asked,
        servers: &Servers,
        choice: Choice,
    ) -> Self {
        let place = Place::like(pod, namespace, choice.labels);
        let plan = asked.like_the_pod(id, servers);
        Self {
            note: choice.approximate,
            ..Self::new(id.to_owned(), place, plan)
        }
    }

    pub(super) fn control(
        found: &Found,
        namespace: &str,
        asked: &Asked,
        servers: &Servers,
    ) -> Self {
        let node = found
            .workload
            .as_ref()
            .and_then(|pod| pod.spec.node_name.clone());
        let place = Place {
            namespace: namespace.to_owned(),
            node,
            images: images(found.workload.as_ref()),
            ..Place::default()
        };
        let mut plan = asked.in_pod("control", servers);
        plan.pages.clone_from(&servers.metrics);
        Self::new("control".to_owned(), place, plan)
    }

    pub(super) fn node(node: &str, namespace: &str, asked: &Asked, servers: &Servers) -> Self {
        let id = format!("node-{node}");
        let place = Place {
            namespace: namespace.to_owned(),
            node: Some(node.to_owned()),
            host_network: true,
            dns_policy: Some("Default".to_owned()),
            ..Place::default()
        };
        let mut plan = asked.on_node(&id, servers);
        plan.files = CONNTRACK
            .iter()
            .map(|(id, path)| File {
                id: (*id).to_owned(),
                path: (*path).to_owned(),
                kind: FileKind::Text,
            })
            .collect();
        Self::new(id, place, plan)
    }

    /// A pod that asks nothing and reads the node's files.
    pub(super) fn files(node: &str, namespace: &str, asked: &Asked, found: &Found) -> Self {
        let object: Option<&Node> = found.nodes.iter().find(|it| it.metadata.name == node);
        let (mounts, root) = mounts::mounts(node, object, &found.dns_pods);
        let id = format!("files-{node}");
        let place = Place {
            namespace: namespace.to_owned(),
            node: Some(node.to_owned()),
            mounts,
            root,
            ..Place::default()
        };
        let plan = asked.nothing(&id);
        let mut vantage = Self::new(id, place, plan);
        vantage.plan_files();
        vantage
    }

    /// Its node has none of these.
    pub(super) fn goes_without(&mut self, volumes: &[String]) {
        let mounts = std::mem::take(&mut self.place.mounts);
        let (lacking, kept): (Vec<_>, Vec<_>) = mounts
            .into_iter()
            .partition(|mount| volumes.contains(&mount.volume));
        self.lacking.extend(lacking);
        self.place.mounts = kept;
        self.plan_files();
    }

    fn plan_files(&mut self) {
        let files = self.place.mounts.iter().flat_map(|mount| &mount.files);
        self.plan.files = files.cloned().collect();
    }

    /// The node whose files it reads.
    pub(super) fn node_of_files(&self) -> Option<&str> {
        self.id.strip_prefix("files-")
    }
}
