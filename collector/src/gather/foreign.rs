//! Policies of other kinds (Cilium, Calico, AdminNetworkPolicy and their likes): that they are
//! there, how many, and those of the two namespaces without what only they understand.

mod kinds;

use digpod_bundle::k8s::ObjectMeta;
use digpod_bundle::{Status, layout};
use digpod_netpol::ForeignPolicy;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::groups::Groups;
use super::redact;
use super::source::{self, Unread, get, list};
use crate::api::{Api, Bounds, CallError, ListEnd};
use crate::sink::{Call, Sink};
use kinds::{FIELDS, Known};

pub(crate) use kinds::KNOWN;

/// Policies kept of each kind.
const LIMIT: u64 = 100;

/// What an entry says.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Foreign {
    /// Kinds that are served.
    kinds: Vec<Kind>,
    /// Policies, pruned.
    items: Vec<Policy>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Kind {
    resource: &'static str,
    api_version: String,
    count: u64,
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

/// The kinds that are served, and what the server would not say of them.
#[derive(Default)]
struct Serving {
    served: Vec<Served>,
    failures: Vec<(Call, CallError)>,
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
    let serving = match groups {
        Ok(groups) => serving(api, groups).await,
        Err(error) => {
            let call = get("apis", None, "/apis".to_owned());
            for (entry, _) in entries {
                sink.gap(entry, &call, error);
            }
            return;
        }
    };
    let reads = entries
        .iter()
        .map(|(entry, namespace)| one(api, sink, entry, &serving, *namespace));
    futures::future::join_all(reads).await;
}

/// The resources of the groups that are there.
async fn serving(api: &Api, groups: &Groups) -> Serving {
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
    let mut serving = Serving::default();
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
        let call = get("apis", None, format!("/apis/{api_version}"));
        let found = match api.get::<Resources>(&call.path).await {
            Ok(found) => found,
            Err(mut error) => {
                // Which kinds it has is not known: it may hold the policy that blocks.
                error.reason = format!("resources of {api_version}: {}", error.reason);
                serving.failures.push((call, error));
                continue;
            }
        };
        for known in KNOWN.iter().filter(of_group) {
            let plural = known.0.split('.').next().unwrap_or_default();
            let Some(resource) = found.resources.iter().find(|it| it.name == plural) else {
                continue;
            };
            if let Some(policy) = ForeignPolicy::recognize(api_version, &resource.kind) {
                serving.served.push(Served {
                    known: *known,
                    api_version: api_version.clone(),
                    kind: resource.kind.clone(),
                    effect: policy.sentence(),
                });
            }
        }
    }
    serving
}

async fn one(api: &Api, sink: &Sink, entry: &str, serving: &Serving, namespace: Option<&str>) {
    let mut all = Foreign::default();
    let mut unread = Unread::default();
    let mut failure = None;
    for (call, error) in &serving.failures {
        unread.failed(call, error);
        failure = failure.or(Some((call.clone(), error.clone())));
    }
    let mut source = None;
    // The entry of the cluster has policies without a namespace, and counts of all.
    let of_entry = |it: &&Served| it.known.1 || namespace.is_none();
    for it in serving.served.iter().filter(of_entry) {
        let plural = it.known.0.split('.').next().unwrap_or_default();
        let place = namespace
            .map(|it| format!("namespaces/{it}/"))
            .unwrap_or_default();
        let path = format!("/apis/{}/{place}{plural}", it.api_version);
        let call = list(it.known.0, namespace, path);
        let whole = namespace.is_some() || !it.known.1;
        match read(api, &call, it, whole).await {
            Ok((end, policies)) => {
                all.kinds.push(Kind {
                    resource: it.known.0,
                    api_version: it.api_version.clone(),
                    count: end.read + end.too_large + end.unreadable + end.remaining,
                    effect: it.effect,
                });
                all.items.extend(policies);
                // Of those that are only counted, one is all that is wanted.
                if whole {
                    unread.cut(&call, &end);
                }
                source = source.or(Some(call));
            }
            Err(error) => {
                unread.failed(&call, &error);
                failure = failure.or(Some((call, error)));
            }
        }
    }
    match (source, failure) {
        (Some(call), _) => {
            let empty = all.kinds.iter().all(|kind| kind.count == 0);
            source::add_partly(sink, entry, &call, &all, empty, &unread);
        }
        (None, Some((call, error))) => sink.gap(entry, &call, &error),
        (None, None) => sink.missing_because(
            entry,
            Status::NotApplicable,
            "no policy kind but NetworkPolicy that digpod knows is served here",
        ),
    }
}

/// How many there are, and those that are kept.
async fn read(
    api: &Api,
    call: &Call,
    kind: &Served,
    whole: bool,
) -> Result<(ListEnd, Vec<Policy>), CallError> {
    let most = if whole { LIMIT } else { 1 };
    let bounds = Bounds { page: most, most };
    let mut policies = Vec::new();
    let end = api
        .each(&call.path, bounds, |mut policy: Policy| {
            policy.api_version.clone_from(&kind.api_version);
            policy.kind.clone_from(&kind.kind);
            redact::metadata(&mut policy.metadata);
            policy.metadata.managed_fields.clear();
            policy.spec = redact::allowed(&policy.spec, FIELDS);
            policy.specs = redact::allowed(&policy.specs, FIELDS);
            policies.push(policy);
        })
        .await?;
    if !whole {
        policies.clear();
    }
    Ok((end, policies))
}
