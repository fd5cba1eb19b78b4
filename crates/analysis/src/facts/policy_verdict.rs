//! What the NetworkPolicies that were read say against being the reason.

use digpod_bundle::{Place, layout};
use digpod_netpol::{Protocol, Verdict};

use super::addresses::list as words;
use super::policies::{self, Way};
use super::{Facts, cite};
use crate::finding::Evidence;

/// What tells a pod that gets no answer from one where no policy applies.
#[derive(Debug)]
pub(crate) struct Difference {
    /// A sentence or two.
    pub(crate) words: String,
    /// What speaks against NetworkPolicies.
    pub(crate) against: Vec<Evidence>,
    /// What to do.
    pub(crate) step: &'static str,
    /// With which command.
    pub(crate) command: String,
}

/// The policies of a namespace, or what else there is if those that were read are not the reason.
pub(crate) fn what_differs(facts: &Facts<'_>, namespace: &str) -> Difference {
    match let_through(facts) {
        None => Difference {
            words: "What differs are the policies that select the pod by its namespace and labels."
                .to_owned(),
            against: Vec::new(),
            step: "Allow UDP and TCP port 53 to CoreDNS in the NetworkPolicies of the namespace",
            command: format!("kubectl -n {namespace} get networkpolicies -o yaml"),
        },
        Some((words, against)) => Difference {
            words: format!(
                "{words} What stops it is then of another kind: a policy of the network plugin's own, a \
                 service mesh, or one that the plugin enforces otherwise than it is written."
            ),
            against,
            step: "Look for policies of other kinds that select the pod, and allow UDP and TCP port 53 to \
                   CoreDNS there; if there are none, look at the network plugin's agent on the node",
            command: of_other_kinds(namespace),
        },
    }
}

/// Lists the policies of every kind that a namespace has.
pub(crate) fn of_other_kinds(namespace: &str) -> String {
    format!(
        "kubectl api-resources --namespaced --verbs=list -o name | grep -i polic | xargs -I {{}} kubectl get {{}} \
         -n {namespace} --ignore-not-found --show-kind"
    )
}

/// That they let the pod ask CoreDNS, and those that select one of the two ends; nothing where they stop
/// it, or where they or the pods were not seen.
fn let_through(facts: &Facts<'_>) -> Option<(String, Vec<Evidence>)> {
    let ways = policies::ways(facts).ok()?;
    let udp = |way: &&Way| way.protocol == Protocol::Udp;
    let udp: Vec<&Way> = ways.all.iter().filter(udp).collect();
    let passes = |way: &&Way| way.explanation.verdict.usually_allowed() == Some(true);
    if udp.is_empty() || !udp.iter().all(passes) {
        return None;
    }
    let depends = |way: &&Way| matches!(way.explanation.verdict, Verdict::Undetermined { .. });
    let depends = udp.iter().any(depends);
    let mut evidence: Vec<Evidence> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for it in udp.iter().flat_map(|way| way.isolating.iter().flatten()) {
        if !evidence.contains(it) {
            evidence.push(it.clone());
        }
    }
    for name in udp.iter().flat_map(|way| &way.names) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let most = if depends {
        "as most network plugins read them"
    } else {
        "as every network plugin should read them"
    };
    let words = match names.as_slice() {
        [] => "No NetworkPolicy that was read selects the pod or the CoreDNS pods.".to_owned(),
        [one] => format!(
            "NetworkPolicy {one} selects one of the two ends and lets the pod ask CoreDNS, {}.",
            most.replace("them", "it")
        ),
        all => format!(
            "NetworkPolicies {} select one of the two ends and let the pod ask CoreDNS, {most}.",
            words(all)
        ),
    };
    if evidence.is_empty() {
        let place = Place::whole(layout::WORKLOAD_NETWORK_POLICIES);
        evidence.push(cite(&place, "no NetworkPolicy selects the pod"));
    }
    Some((words, evidence))
}
