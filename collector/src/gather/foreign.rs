//! Policies of other kinds (Cilium, Calico, AdminNetworkPolicy and their likes): that they are
//! there, how many, and those of the two namespaces without what only they understand.

use digpod_bundle::k8s::ObjectMeta;
use digpod_bundle::{Status, layout};
use digpod_netpol::ForeignPolicy;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::groups::Groups;
use super::redact;
use super::source::{self, items, list};
use crate::api::{Api, CallError};
use crate::sink::{Call, Sink};

/// A resource: `resource.group` and whether it is in a namespace.
type Known = (&'static str, bool);

/// Resources of the kinds that `ForeignPolicy` knows.
const KNOWN: [Known; 17] = [
    ("adminnetworkpolicies.policy.networking.k8s.io", false),
    (
        "baselineadminnetworkpolicies.policy.networking.k8s.io",
        false,
    ),
    ("clusternetworkpolicies.policy.networking.k8s.io", false),
    ("ciliumnetworkpolicies.cilium.io", true),
    ("ciliumclusterwidenetworkpolicies.cilium.io", false),
    ("networkpolicies.crd.projectcalico.org", true),
    ("globalnetworkpolicies.crd.projectcalico.org", false),
    ("stagedglobalnetworkpolicies.crd.projectcalico.org", false),
    ("networkpolicies.projectcalico.org", true),
    ("globalnetworkpolicies.projectcalico.org", false),
    ("networkpolicies.crd.antrea.io", true),
    ("clusternetworkpolicies.crd.antrea.io", false),
    ("applicationnetworkpolicies.networking.k8s.aws", true),
    ("clusternetworkpolicies.networking.k8s.aws", false),
    ("fqdnnetworkpolicies.networking.gke.io", true),
    ("egressfirewalls.k8s.ovn.org", true),
    ("authorizationpolicies.security.istio.io", true),
];
/// Policies kept of each kind.
const LIMIT: usize = 100;
/// Fields that are kept of a policy: whom it selects, addresses, ports, names. What stands in rules
/// for higher layers (paths, headers) may be anything.
const FIELDS: &[&str] = &[
    "action",
    "applied_to",
    "appliedTo",
    "cidr",
    "destination",
    "dns",
    "dnsName",
    "egress",
    "egressDeny",
    "endPort",
    "endpointSelector",
    "except",
    "from",
    "fromCIDR",
    "fromCIDRSet",
    "fromEndpoints",
    "fromEntities",
    "ingress",
    "ingressDeny",
    "ipBlock",
    "key",
    "matchExpressions",
    "matchLabels",
    "matchName",
    "matchPattern",
    "matches",
    "name",
    "namespaceSelector",
    "namespaces",
    "nets",
    "nodeSelector",
    "notNets",
    "notPorts",
    "notSelector",
    "operator",
    "order",
    "pattern",
    "podSelector",
    "pods",
    "port",
    "portNumber",
    "portRange",
    "ports",
    "priority",
    "protocol",
    "rules",
    "selector",
    "source",
    "spec",
    "specs",
    "start",
    "end",
    "subject",
    "tier",
    "to",
    "toCIDR",
    "toCIDRSet",
    "toEndpoints",
    "toEntities",
    "toFQDNs",
    "toPorts",
    "toServices",
    "type",
    "types",
    "values",
];

/// What an entry says.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Foreign {
    /// Kinds that are served.
    kinds: Vec<Kind>,
    /// Policies, pruned.
    items: Vec<Policy>,
    /// What could not be read, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    resource: &'static str,
    api_version: String,
    count: usize,
    /// What it can change about a verdict.
    effect: &'static str,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Policy {
    api_version: String,
    kind: String,
    metadata: ObjectMeta,
    spec: Value,
    specs: Value,
}

/// A kind that is served.
struct Served {
    known: Known,
    api_version: String,
    kind: String,
    effect: &'static str,
}

/// Reads them for the whole cluster and the two namespaces.
pub(super) async fn policies(
    api: &Api,
    sink: &Sink,
    groups: &Result<Groups, CallError>,
    dns_namespace: &str,
    namespace: &str,
) {
    let entries = [
        (layout::FOREIGN_POLICIES, None),
        (layout::DNS_FOREIGN_POLICIES, Some(dns_namespace)),
        (layout::WORKLOAD_FOREIGN_POLICIES, Some(namespace)),
    ];
    let served = match groups {
        Ok(groups) => served(api, groups).await,
        Err(error) => {
            let call = super::source::get("apis", None, "/apis".to_owned());
            for (entry, _) in entries {
                sink.gap(entry, &call, error);
            }
            return;
        }
    };
    let reads = entries
        .iter()
        .map(|(entry, namespace)| one(api, sink, entry, &served, *namespace));
    futures::future::join_all(reads).await;
}

/// The resources of the groups that are there.
async fn served(api: &Api, groups: &Groups) -> Vec<Served> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Resources {
        resources: Vec<Resource>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Resource {
        name: String,
        kind: String,
    }
    let mut served = Vec::new();
    for group in &groups.groups {
        let of_group = |known: &&Known| {
            known
                .0
                .split_once('.')
                .is_some_and(|(_, name)| name == group.name)
        };
        if !KNOWN.iter().any(|known| of_group(&known)) {
            continue;
        }
        let api_version = &group.preferred_version.group_version;
        let Ok(found) = api.get::<Resources>(&format!("/apis/{api_version}")).await else {
            continue;
        };
        for known in KNOWN.iter().filter(of_group) {
            let plural = known.0.split('.').next().unwrap_or_default();
            let Some(resource) = found.resources.iter().find(|it| it.name == plural) else {
                continue;
            };
            if let Some(policy) = ForeignPolicy::recognize(api_version, &resource.kind) {
                served.push(Served {
                    known: *known,
                    api_version: api_version.clone(),
                    kind: resource.kind.clone(),
                    effect: policy.sentence(),
                });
            }
        }
    }
    served
}

async fn one(api: &Api, sink: &Sink, entry: &str, served: &[Served], namespace: Option<&str>) {
    // The entry of the cluster has policies without a namespace, and counts of all.
    let of_entry: Vec<&Served> = served
        .iter()
        .filter(|it| it.known.1 || namespace.is_none())
        .collect();
    if of_entry.is_empty() {
        return sink.missing_because(
            entry,
            Status::NotApplicable,
            "no policy kind but NetworkPolicy that digpod knows is served here",
        );
    }
    let mut all = Foreign::default();
    let mut source = None;
    let mut failure = None;
    for it in of_entry {
        let plural = it.known.0.split('.').next().unwrap_or_default();
        let place = namespace
            .map(|it| format!("namespaces/{it}/"))
            .unwrap_or_default();
        let whole = namespace.is_some() || !it.known.1;
        let limit = if whole { LIMIT } else { 1 };
        let path = format!("/apis/{}/{place}{plural}?limit={limit}", it.api_version);
        let call = list(it.known.0, namespace, path);
        match read(api, &call, it, whole).await {
            Ok((count, policies)) => {
                all.kinds.push(Kind {
                    resource: it.known.0,
                    api_version: it.api_version.clone(),
                    count,
                    effect: it.effect,
                });
                all.items.extend(policies);
                source = source.or(Some(call));
            }
            Err(error) => {
                all.unread.push(format!("{}: {}", call.path, error.reason));
                failure = failure.or(Some((call, error)));
            }
        }
    }
    match (source, failure) {
        (_, Some((call, error))) => sink.gap(entry, &call, &error),
        (Some(call), None) => {
            let empty = all.kinds.iter().all(|kind| kind.count == 0);
            source::add(sink, entry, &call, &all, empty);
        }
        (None, None) => {}
    }
}

/// How many there are, and those that are kept.
async fn read(
    api: &Api,
    call: &Call,
    kind: &Served,
    whole: bool,
) -> Result<(usize, Vec<Policy>), CallError> {
    if !whole {
        return Ok((super::counts::count(api, &call.path).await?, Vec::new()));
    }
    let (mut policies, _) = items::<Policy>(api, call, 1, |_| true).await?;
    for policy in &mut policies {
        policy.api_version.clone_from(&kind.api_version);
        policy.kind.clone_from(&kind.kind);
        redact::metadata(&mut policy.metadata);
        policy.metadata.managed_fields.clear();
        policy.spec = redact::allowed(&policy.spec, FIELDS);
        policy.specs = redact::allowed(&policy.specs, FIELDS);
    }
    Ok((policies.len(), policies))
}
