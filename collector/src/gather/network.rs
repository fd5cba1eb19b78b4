//! What carries packets: DaemonSets of kube-system, kube-proxy's settings, node-local DNS.

use digpod_bundle::k8s::{ConfigMap, Workload};
use digpod_bundle::{Item, Status, layout};
use serde::Serialize;

use super::dns::is_dns_image;
use super::source::{self, get, list};
use super::trail::Trail;
use super::{corefile_secrets, redact};
use crate::api::{Api, CallError};
use crate::sink::Sink;

/// DaemonSets of kube-system: a cluster has tens of them.
pub(super) async fn daemon_sets(api: &Api, sink: &Sink) -> Result<Vec<Workload>, CallError> {
    let call = list(
        "daemonsets.apps",
        Some("kube-system"),
        "/apis/apps/v1/namespaces/kube-system/daemonsets".to_owned(),
    );
    let mut sets = api.list::<Workload>(&call.path).await;
    for set in sets.iter_mut().flat_map(|it| &mut it.items) {
        let is_dns = is_node_local(set);
        redact::workload(set, "DaemonSet", is_dns);
    }
    sink.list(layout::DAEMON_SETS, &call, &sets);
    sets.map(|it| it.items)
}

/// NodeLocal DNSCache, told by its image or its name.
fn is_node_local(set: &Workload) -> bool {
    let mut images = set.spec.template.spec.containers.iter();
    matches!(
        set.metadata.name.as_str(),
        "node-local-dns" | "nodelocaldns"
    ) || images.any(|it| {
        let image = it.image.as_deref().unwrap_or_default();
        is_dns_image(image) && image.contains("node-cache")
    })
}

/// The node-local layer.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeLocal {
    /// What it is.
    pub(super) product: &'static str,
    /// DaemonSet, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) daemon_set: Option<String>,
    /// ConfigMap with its Corefile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) config_map: Option<String>,
    /// Addresses it listens on.
    pub(super) addresses: Vec<String>,
    /// How that is known.
    pub(super) because: String,
}

/// Finds the node-local layer and its addresses: from the arguments of its containers, and from
/// `bind` in its Corefile.
pub(super) async fn node_local(
    api: &Api,
    sink: &Sink,
    trail: &Trail,
    sets: &Result<Vec<Workload>, CallError>,
) {
    let entry = layout::DNS_NODE_LOCAL;
    let sets = match sets {
        Ok(sets) => sets,
        Err(error) => {
            let call = list(
                "daemonsets.apps",
                Some("kube-system"),
                "/apis/apps/v1/namespaces/kube-system/daemonsets".to_owned(),
            );
            return sink.gap(entry, &call, error);
        }
    };
    let Some(set) = sets.iter().find(|set| is_node_local(set)) else {
        return sink.missing_because(
            entry,
            Status::NotApplicable,
            "no DaemonSet of NodeLocal DNSCache, and no probe has another cache of its node in its \
             resolv.conf",
        );
    };
    let spec = &set.spec.template.spec;
    let volumes = spec.volumes.iter().filter_map(|it| it.config_map.as_ref());
    let mut names: Vec<String> = volumes.map(|it| it.name.clone()).collect();
    // The second one is kube-dns's, for stub domains.
    names.retain(|name| name != "kube-dns");
    let name = names.first().cloned();
    let name = name.unwrap_or_else(|| "node-local-dns".to_owned());
    let path = format!("/api/v1/namespaces/kube-system/configmaps/{name}");
    let map = api.get::<ConfigMap>(&path).await;
    let corefile = map.as_ref().ok().and_then(|map| {
        map.data
            .get("Corefile")
            .or_else(|| map.data.get("Corefile.base"))
    });
    let mut addresses = Vec::new();
    let args: Vec<&String> = spec.containers.iter().flat_map(|it| &it.args).collect();
    for (at, arg) in args.iter().enumerate() {
        let value = match arg.trim_start_matches('-').split_once('=') {
            Some(("localip", value)) => Some(value),
            None if arg.trim_start_matches('-') == "localip" => {
                args.get(at + 1).map(|it| it.as_str())
            }
            _ => None,
        };
        addresses.extend(
            value
                .into_iter()
                .flat_map(|it| it.split(','))
                .map(str::to_owned),
        );
    }
    let by_args = !addresses.is_empty();
    if let Some(text) = corefile {
        let parsed = corefile_secrets::parsed(text, &[]);
        let binds = parsed.blocks.iter().flat_map(|block| &block.directives);
        let binds = binds.filter(|it| it.name.text == "bind");
        addresses.extend(binds.flat_map(|it| &it.args).map(|it| it.text.clone()));
    }
    // Before the cache fills its templates in, they are words between underscores.
    addresses.retain(|it| it.parse::<std::net::IpAddr>().is_ok());
    addresses.sort();
    addresses.dedup();
    let because = if by_args {
        "-localip of its container"
    } else {
        "bind of its Corefile"
    };
    trail.choose("nodeLocal", set.metadata.name.clone(), because);
    let found = NodeLocal {
        product: "NodeLocal DNSCache",
        daemon_set: Some(set.metadata.name.clone()),
        config_map: map.is_ok().then_some(name),
        addresses,
        because: because.to_owned(),
    };
    let item = Item {
        source: Some(format!("GET {path}")),
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(entry, &found, item)));
}

/// What bears on DNS of kube-proxy's settings.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct KubeProxy {
    /// Lines of its settings, by the path of their key.
    settings: std::collections::BTreeMap<String, String>,
}

/// Keys that are kept; `kubeconfig` and certificates are not among them.
const PROXY_KEYS: &[&str] = &[
    "clusterCIDR",
    "conntrack.maxPerCore",
    "conntrack.min",
    "conntrack.tcpCloseWaitTimeout",
    "conntrack.tcpEstablishedTimeout",
    "conntrack.udpStreamTimeout",
    "conntrack.udpTimeout",
    "iptables.masqueradeAll",
    "iptables.minSyncPeriod",
    "iptables.syncPeriod",
    "ipvs.scheduler",
    "ipvs.strictARP",
    "ipvs.udpTimeout",
    "mode",
];

/// kube-proxy's ConfigMap, as kubeadm and its likes keep it.
pub(super) async fn kube_proxy(api: &Api, sink: &Sink) {
    let path = "/api/v1/namespaces/kube-system/configmaps/kube-proxy";
    let call = get("configmaps", Some("kube-system"), path.to_owned());
    match api.get::<ConfigMap>(path).await {
        Ok(map) => {
            let text = ["config.conf", "config", "kube-proxy-config"]
                .iter()
                .find_map(|key| map.data.get(*key));
            let settings = text.map_or("", String::as_str);
            let proxy = KubeProxy {
                settings: settings_of(settings),
            };
            source::add(
                sink,
                layout::KUBE_PROXY,
                &call,
                &proxy,
                proxy.settings.is_empty(),
            );
        }
        Err(error) if error.status == Status::NotFound => sink.missing_because(
            layout::KUBE_PROXY,
            Status::NotApplicable,
            "this cluster has no ConfigMap kube-proxy",
        ),
        Err(error) => sink.gap(layout::KUBE_PROXY, &call, &error),
    }
}

/// Reads two levels of block-style YAML, as KubeProxyConfiguration is written.
fn settings_of(text: &str) -> std::collections::BTreeMap<String, String> {
    let mut parent = "";
    let mut found = std::collections::BTreeMap::new();
    for line in text.lines() {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let nested = key.starts_with(' ');
        let (key, value) = (key.trim(), value.trim().trim_matches(['"', '\'']));
        let path = if nested {
            format!("{parent}.{key}")
        } else {
            parent = key;
            key.to_owned()
        };
        if PROXY_KEYS.contains(&path.as_str()) {
            found.insert(path, value.to_owned());
        }
    }
    found
}
