//! What tells the failing pod from one that resolves (`--working-pod`), as far as it bears on DNS.

use std::collections::{BTreeMap, BTreeSet};

use digpod_bundle::k8s::{LabelSelector, NetworkPolicyList, Pod, PodSpec};
use digpod_bundle::{Bundle, Place, layout};
use serde::Deserialize;

use super::{Seen, cite, missing};
use crate::finding::Evidence;

/// One thing in which the two differ.
#[derive(Debug)]
pub(crate) struct Difference {
    /// `node`, `dnsPolicy`, `label tier`.
    pub(crate) what: String,
    /// What it is for the failing pod and for the other.
    pub(crate) values: [String; 2],
    /// What it is for the failing pod.
    pub(crate) failing: Evidence,
    /// What it is for the one that resolves.
    pub(crate) working: Evidence,
}

impl Difference {
    /// Its first word or two.
    pub(crate) fn name(&self) -> &str {
        self.what.split(',').next().unwrap_or_default()
    }

    /// `node n1 | n2`.
    pub(crate) fn words(&self) -> String {
        let [failing, working] = &self.values;
        format!("{} {failing} | {working}", self.name())
    }
}

/// `workload/process.json` and `working/process.json`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Process {
    resolver: Option<String>,
    version: Option<String>,
}

/// Every difference, or `None` where no such pod was named.
pub(crate) fn differences(bundle: &Bundle) -> Seen<Option<Vec<Difference>>> {
    if bundle.manifest().symptom.working_pod.is_none() {
        return Ok(None);
    }
    let failing: Pod = missing::read(bundle, layout::WORKLOAD_POD)?;
    let working: Pod = missing::read(bundle, layout::WORKING_POD)?;
    let mut found = Vec::new();
    let mut compare = |what: &str, pointer: &str, a: String, b: String| {
        if a != b {
            found.push(of_pods(what, pointer, &a, &b));
        }
    };
    let namespace = |pod: &Pod| pod.metadata.namespace.clone().unwrap_or_default();
    let (a, b) = (&failing.spec, &working.spec);
    compare(
        "namespace",
        "/metadata/namespace",
        namespace(&failing),
        namespace(&working),
    );
    compare("node", "/spec/nodeName", node(a), node(b));
    compare("network", "/spec/hostNetwork", network(a), network(b));
    compare("dnsPolicy", "/spec/dnsPolicy", policy(a), policy(b));
    compare("dnsConfig", "/spec/dnsConfig", config(a), config(b));
    found.extend(labels(bundle, &failing, &working));
    found.extend(resolv_confs(bundle));
    found.extend(resolvers(bundle));
    Ok(Some(found))
}

fn of_pods(what: &str, pointer: &str, failing: &str, working: &str) -> Difference {
    let at =
        |entry: &str, value: &str| cite(&Place::json(entry, pointer), format!("{what} {value}"));
    Difference {
        what: what.to_owned(),
        values: [failing.to_owned(), working.to_owned()],
        failing: at(layout::WORKLOAD_POD, failing),
        working: at(layout::WORKING_POD, working),
    }
}

fn node(spec: &PodSpec) -> String {
    spec.node_name.clone().unwrap_or_else(|| "none".to_owned())
}

fn network(spec: &PodSpec) -> String {
    let whose = if spec.host_network {
        "the node's"
    } else {
        "its own"
    };
    whose.to_owned()
}

fn policy(spec: &PodSpec) -> String {
    spec.dns_policy
        .clone()
        .unwrap_or_else(|| "ClusterFirst".to_owned())
}

fn config(spec: &PodSpec) -> String {
    let Some(config) = &spec.dns_config else {
        return "none".to_owned();
    };
    let servers = config
        .nameservers
        .iter()
        .map(|it| format!("nameserver {it}"));
    let searches = config.searches.iter().map(|it| format!("search {it}"));
    let options = config.options.iter().map(|it| match &it.value {
        Some(value) => format!("{}:{value}", it.name),
        None => it.name.clone(),
    });
    let all: Vec<String> = servers.chain(searches).chain(options).collect();
    all.join(", ")
}

/// Labels by which policies of the failing pod's namespace tell pods apart; in another namespace
/// its policies do not hold anyway.
fn labels(bundle: &Bundle, failing: &Pod, working: &Pod) -> Vec<Difference> {
    if failing.metadata.namespace != working.metadata.namespace {
        return Vec::new();
    }
    let policies = missing::read::<NetworkPolicyList>(bundle, layout::WORKLOAD_NETWORK_POLICIES);
    let policies = policies.unwrap_or_default().items;
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for policy in &policies {
        for key in selected(&policy.spec.pod_selector) {
            keys.entry(key)
                .or_default()
                .insert(policy.metadata.name.clone());
        }
    }
    let value = |pod: &Pod, key: &str| {
        let value = pod.metadata.labels.get(key);
        value.cloned().unwrap_or_else(|| "not set".to_owned())
    };
    let differing = keys.into_iter().filter_map(|(key, policies)| {
        let (a, b) = (value(failing, &key), value(working, &key));
        let policies: Vec<String> = policies.into_iter().collect();
        let what = format!(
            "label {key}, by which policy {} selects,",
            policies.join(", ")
        );
        (a != b).then(|| of_pods(&what, "/metadata/labels", &a, &b))
    });
    differing.collect()
}

fn selected(selector: &LabelSelector) -> impl Iterator<Item = String> {
    let expressions = selector.match_expressions.iter().map(|it| it.key.clone());
    let labels = selector.match_labels.keys().cloned();
    labels.chain(expressions).collect::<Vec<_>>().into_iter()
}

/// The pods' own files, or those of the probes beside them.
fn resolv_confs(bundle: &Bundle) -> Option<Difference> {
    let probe = layout::probe_resolv_conf;
    let own = [layout::WORKLOAD_RESOLV_CONF, layout::WORKING_RESOLV_CONF].map(str::to_owned);
    let pairs = [own, [probe("workload"), probe("working")]];
    let pair = pairs
        .into_iter()
        .find(|pair| pair.iter().all(|it| bundle.get(it).is_some()))?;
    let [failing, working] = pair.map(|entry| {
        let text = bundle.text(&entry).unwrap_or_default().into_owned();
        // Whatever the order of lines and comments.
        let conf = digpod_resolv::parse(&text);
        let fields = conf.nameservers.iter().map(|it| it.text.clone());
        let servers: Vec<String> = fields.collect();
        let options: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("options "))
            .flat_map(str::split_whitespace)
            .collect();
        let options: Vec<&str> = options.into_iter().collect();
        let words = format!(
            "nameserver {}; options {}",
            servers.join(" "),
            options.join(" ")
        );
        (
            cite(&Place::text(&entry, 0..text.len()), words.clone()),
            words,
        )
    });
    (failing.1 != working.1).then(|| Difference {
        what: "resolv.conf".to_owned(),
        values: [failing.1, working.1],
        failing: failing.0,
        working: working.0,
    })
}

fn resolvers(bundle: &Bundle) -> Option<Difference> {
    let of = |entry: &str| {
        let process = missing::read::<Process>(bundle, entry).ok()?;
        let name = process.resolver?;
        let words = match process.version {
            Some(version) => format!("{name} {version}"),
            None => name,
        };
        Some((
            cite(
                &Place::json(entry, "/resolver"),
                format!("resolver {words}"),
            ),
            words,
        ))
    };
    let (failing, working) = (of(layout::WORKLOAD_PROCESS)?, of(layout::WORKING_PROCESS)?);
    (failing.1 != working.1).then(|| Difference {
        what: "resolver".to_owned(),
        values: [failing.1, working.1],
        failing: failing.0,
        working: working.0,
    })
}
