//! DNS as the distributions ship it: found by what the cluster says of itself, and asked where its
//! pods ask (rule catalogue 0.1 and appendix G).

use std::collections::BTreeSet;

use digpod_bundle::{Bundle, Status};
use serde_json::{Value, json};

use crate::played::Cluster;
use crate::running::collect;

/// What a run must find.
struct Shipped {
    /// Folder of the scenario, and what the manifest calls the distribution.
    scenario: &'static str,
    named: &'static str,
    /// Namespace and name of the Service.
    service: &'static str,
    addresses: &'static [&'static str],
    /// DNS pods with the port on which they answer.
    pods: &'static [&'static str],
    /// ConfigMap with the Corefile.
    corefile: Option<&'static str>,
    /// Product and addresses of what is on the nodes.
    node_local: Option<(&'static str, &'static [&'static str])>,
    /// The one server in the resolv.conf of ordinary pods.
    own: &'static str,
    /// Servers that DNS asks.
    upstreams: &'static [&'static str],
}

const PODS: &[&str] = &["10.42.0.11:53", "10.42.1.12:53"];

const KUBEADM: Shipped = Shipped {
    scenario: "distributions/kubeadm",
    named: "kubeadm",
    service: "kube-system/kube-dns",
    addresses: &["10.96.0.10"],
    pods: PODS,
    corefile: Some("coredns"),
    node_local: None,
    own: "10.96.0.10",
    upstreams: &["10.1.0.4:53"],
};

const ALL: &[Shipped] = &[
    KUBEADM,
    Shipped {
        scenario: "distributions/k3s",
        named: "k3s",
        addresses: &["10.43.0.10"],
        pods: &["10.42.0.11:53"],
        own: "10.43.0.10",
        ..KUBEADM
    },
    Shipped {
        scenario: "distributions/rke2",
        named: "rke2",
        service: "kube-system/rke2-coredns-rke2-coredns",
        addresses: &["10.43.0.10"],
        corefile: Some("rke2-coredns-rke2-coredns"),
        own: "10.43.0.10",
        ..KUBEADM
    },
    Shipped {
        scenario: "distributions/eks",
        named: "eks",
        addresses: &["172.20.0.10"],
        own: "172.20.0.10",
        upstreams: &["10.10.0.2:53"],
        ..KUBEADM
    },
    Shipped {
        scenario: "distributions/gke",
        named: "gke",
        addresses: &["10.8.0.10"],
        corefile: None,
        own: "10.8.0.10",
        upstreams: &["10.1.0.4:53", "169.254.169.254:53"],
        ..KUBEADM
    },
    Shipped {
        scenario: "distributions/gke-cloud-dns",
        named: "gke",
        service: "",
        addresses: &[],
        pods: &[],
        corefile: None,
        node_local: Some(("GKE Cloud DNS", &["169.254.169.254"])),
        own: "169.254.169.254",
        upstreams: &[],
    },
    Shipped {
        scenario: "distributions/openshift",
        named: "openshift",
        service: "openshift-dns/dns-default",
        addresses: &["172.30.0.10"],
        pods: &["10.42.0.11:5353", "10.42.1.12:5353"],
        corefile: Some("dns-default"),
        own: "172.30.0.10",
        ..KUBEADM
    },
    Shipped {
        scenario: "distributions/aks-localdns",
        named: "aks",
        addresses: &["10.0.0.10"],
        pods: &["10.244.0.11:53", "10.244.1.8:53"],
        node_local: Some(("AKS LocalDNS", &["169.254.10.11"])),
        own: "169.254.10.11",
        upstreams: &["169.254.10.10:53"],
        ..KUBEADM
    },
    Shipped {
        scenario: "distributions/node-local-iptables",
        node_local: Some(("NodeLocal DNSCache", &["10.96.0.10", "169.254.20.10"])),
        ..KUBEADM
    },
    Shipped {
        scenario: "distributions/node-local-ipvs",
        node_local: Some(("NodeLocal DNSCache", &["169.254.20.10"])),
        own: "169.254.20.10",
        ..KUBEADM
    },
];

// Halves, so that they run side by side.
#[test]
fn dns_of_each_distribution_is_found_and_asked() {
    ALL.iter().step_by(2).for_each(found_and_asked);
}

#[test]
fn dns_of_each_other_distribution_is_found_and_asked() {
    ALL.iter().skip(1).step_by(2).for_each(found_and_asked);
}

fn found_and_asked(shipped: &Shipped) {
    let Some(cluster) = Cluster::start(shipped.scenario, &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let bundle = ended.whole_bundle();
    let seen = json!({
        "code": ended.code,
        "missing": missing(&bundle),
        "found": found(&bundle),
        // The pairs ask for AAAA, too, which this name has none of.
        "asked": asked(&bundle, |it| it["class"] == "cluster" && it["type"] == "A"),
        "upstreams": asked(&bundle, |it| {
            it["target"]["role"] == "upstream" && it["class"] == "public"
        }),
        "report": ended.report()["verdict"],
    });
    let (namespace, _) = shipped
        .service
        .split_once('/')
        .unwrap_or(("kube-system", ""));
    let port = shipped
        .pods
        .first()
        .map(|it| it.rsplit_once(':').unwrap().1);
    let service = shipped.addresses.iter().map(|it| format!("{it}:53"));
    let own = format!("{}:53", shipped.own);
    let pods = shipped.pods.iter().map(|it| (*it).to_owned());
    let servers: BTreeSet<String> = service.chain(pods).chain([own]).collect();
    let wanted = json!({
        "code": 0,
        "missing": [],
        "found": {
            "distribution": shipped.named,
            "service": (!shipped.service.is_empty()).then_some(shipped.service),
            "addresses": shipped.addresses,
            "pods": shipped.pods.len(),
            "podsIn": namespace,
            "port": port,
            "corefile": shipped.corefile,
            "nodeLocal": shipped.node_local.map(|(product, addresses)| json!([product, addresses])),
        },
        "asked": servers,
        "upstreams": shipped.upstreams,
        // One try a question cannot tell whether a name fails now and then.
        "report": "no-fault-seen",
    });
    assert_eq!(seen, wanted, "{}: {ended:#?}", shipped.scenario);
    cluster.nothing_is_left();
}

/// What the manifest says is missing and should be there.
fn missing(bundle: &Bundle) -> Vec<String> {
    let items = bundle.manifest().items.iter();
    let missing = items.filter(|item| {
        item.status == Status::Truncated
            || !(item.status.has_content() || item.status == Status::NotApplicable)
    });
    missing
        .map(|item| format!("{}: {:?} {:?}", item.entry, item.status, item.reason))
        .collect()
}

fn read(bundle: &Bundle, entry: &str) -> Value {
    let bytes = bundle.get(entry);
    bytes.map_or(Value::Null, |bytes| serde_json::from_slice(bytes).unwrap())
}

/// What was taken for what, from the objects that the bundle has.
fn found(bundle: &Bundle) -> Value {
    let chosen = &read(bundle, "dns/discovery.json")["chosen"];
    let service = read(bundle, "dns/service.json");
    let addresses = service["spec"]["clusterIPs"].as_array().cloned();
    let pods = read(bundle, "dns/pods.json");
    let local = read(bundle, "dns/node-local.json");
    // Whatever its name there, the bundle has it under one.
    let corefile = read(bundle, "dns/configmaps/coredns.json");
    assert_eq!(corefile.is_null(), corefile["data"]["Corefile"].is_null());
    assert_eq!(corefile["metadata"]["name"], chosen["corefile"]["value"]);
    assert_eq!(
        local["daemonSet"].is_string(),
        local["configMap"].is_string()
    );
    json!({
        "distribution": bundle.manifest().cluster.distribution,
        "service": chosen["service"]["value"],
        "addresses": addresses.unwrap_or_default(),
        "pods": pods["items"].as_array().map_or(0, Vec::len),
        "podsIn": chosen["pods"]["value"],
        "port": chosen["port"]["value"],
        "corefile": chosen["corefile"]["value"],
        "nodeLocal": local.is_object().then(|| json!([local["product"], local["addresses"]])),
    })
}

/// Servers that the control probe asked such questions, and those that did not know the answer.
fn asked(bundle: &Bundle, such: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let records = read(bundle, "probes/control/records.json");
    let records = records["records"].as_array().cloned().unwrap_or_default();
    let such = records.iter().filter(|it| such(it));
    such.map(|record| {
        let (server, outcome) = (&record["server"], &record["outcome"]);
        let server = server.as_str().unwrap().to_owned();
        match outcome.as_str() {
            Some("ok") => server,
            other => format!("{server} {other:?}"),
        }
    })
    .collect()
}
