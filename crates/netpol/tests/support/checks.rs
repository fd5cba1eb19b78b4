//! What holds for every set of policies and every flow.

use digpod_netpol::{
    Change, Direction, EgressRule, Endpoint, Explanation, Fix, Flow, IngressRule, NetworkPolicy,
    Peer, PolicyPort, PolicySet, Target, Verdict,
};
use serde_json::Value;

use crate::reference::brute::{self, Case};
use crate::support::{answer, compile, endpoint, protocol, read, verdict};

/// Panics where something does not hold for the case.
pub(crate) fn check(case: &Case) {
    let set = compile(case);
    assert_eq!(answer(&set, case), brute::answer(case), "{case:#?}");
    order_is_irrelevant(case);
    other_labels_are_irrelevant(&set, case);
    explanation_is_right(&set, case);
    for (number, problem) in set.problems() {
        resolves(case, number, &problem.pointer);
    }
    for trap in set.traps() {
        resolves(case, trap.policy, &trap.pointer);
    }
}

/// Groups say of every pod what its own verdicts say.
pub(crate) fn check_reach(cases: &[Case]) {
    let set = compile(&cases[0]);
    let pods: Vec<Endpoint> = cases
        .iter()
        .flat_map(|case| [endpoint(&case.from), endpoint(&case.to)])
        .collect();
    let receivers: Vec<Endpoint> = cases.iter().map(|case| endpoint(&case.to)).collect();
    let targets: Vec<Target<'_>> = receivers
        .iter()
        .zip(cases)
        .map(|(to, case)| Target {
            to,
            protocol: protocol(case),
            port: case.port,
        })
        .collect();
    let reach = set.reach(&pods, &targets);
    let mut expected: Vec<(String, String)> = Vec::new();
    for from in &pods {
        let Some(pod) = from.pod() else { continue };
        if pod.finished || pod.ips.is_empty() {
            continue;
        }
        let verdicts: Vec<Verdict> = targets
            .iter()
            .map(|target| {
                set.verdict(&Flow {
                    from,
                    to: target.to,
                    protocol: target.protocol,
                    port: target.port,
                })
            })
            .collect();
        expected.push((pod.namespace.clone(), format!("{verdicts:?}")));
    }
    let mut found: Vec<(String, String)> = Vec::new();
    for group in &reach.groups {
        for _ in 0..group.pods {
            found.push((group.namespace.to_owned(), format!("{:?}", group.verdicts)));
        }
    }
    expected.sort();
    found.sort();
    assert_eq!(found, expected, "{cases:#?}");
    let skipped = reach.finished + reach.without_address + reach.not_pods;
    assert_eq!(usize::try_from(skipped), Ok(pods.len() - found.len()));
}

/// A further rule never takes away what was allowed.
pub(crate) fn check_addition(case: &Case, rule: &Value) {
    let before = verdict(&compile(case), case);
    let policies: Vec<NetworkPolicy> = case.policies.iter().map(read).collect();
    for (number, policy) in policies.iter().enumerate() {
        let types = policy.spec.policy_types.as_deref().unwrap_or_default();
        let mut policy = policy.clone();
        if types.iter().any(|it| it == "Egress") {
            let rules = policy.spec.egress.get_or_insert_default();
            rules.push(read::<EgressRule>(rule));
        }
        if types.iter().any(|it| it == "Ingress") {
            let rules = policy.spec.ingress.get_or_insert_default();
            rules.push(read::<IngressRule>(rule));
        }
        let after = verdict(&recompile(case, &policies, number, policy), case);
        if before.usually_allowed() == Some(true) {
            assert_eq!(after.usually_allowed(), Some(true), "{rule:#}: {case:#?}");
        }
    }
}

fn recompile(
    case: &Case,
    policies: &[NetworkPolicy],
    number: usize,
    policy: NetworkPolicy,
) -> PolicySet {
    let mut policies = policies.to_vec();
    policies[number] = policy;
    PolicySet::compile(policies, case.namespaces.iter().map(read))
}

fn order_is_irrelevant(case: &Case) {
    let mut reversed = case.clone();
    reversed.policies.reverse();
    assert_eq!(
        answer(&compile(&reversed), &reversed),
        brute::answer(case),
        "{case:#?}"
    );
}

/// A pod without the labels that no policy asks for is treated alike.
fn other_labels_are_irrelevant(set: &PolicySet, case: &Case) {
    let (mut from, mut to) = (endpoint(&case.from), endpoint(&case.to));
    for end in [&mut from, &mut to] {
        if let Endpoint::Pod(pod) = end {
            let keys = set.selected_label_keys(&pod.namespace);
            pod.labels.retain(|key, _| keys.contains(key.as_str()));
        }
    }
    let stripped = set.verdict(&Flow {
        from: &from,
        to: &to,
        protocol: protocol(case),
        port: case.port,
    });
    assert_eq!(stripped, verdict(set, case), "{case:#?}");
}

fn explanation_is_right(set: &PolicySet, case: &Case) {
    let (from, to) = (endpoint(&case.from), endpoint(&case.to));
    let flow = Flow {
        from: &from,
        to: &to,
        protocol: protocol(case),
        port: case.port,
    };
    let explanation: Explanation = set.explain(&flow);
    assert_eq!(explanation.verdict, set.verdict(&flow));
    let Some(usual) = explanation.verdict.usual() else {
        return;
    };
    for side in [&explanation.egress, &explanation.ingress] {
        assert_eq!(side.pass, usual.pass(side.direction));
        for isolating in &side.isolating {
            resolves(case, isolating.policy, isolating.pointer);
        }
        if side.pass.is_some() {
            assert!(side.misses.is_empty() && side.fix.is_none());
            continue;
        }
        assert!(!side.isolating.is_empty());
        let fix = side.fix.as_ref().expect("a new rule always helps");
        mends(set, case, &flow, fix);
        for miss in &side.misses {
            resolves(case, miss.rule.policy, &miss.rule.pointer());
            resolves(case, miss.rule.policy, &miss.pointer);
            assert!(!miss.sentence.is_empty());
            mends(set, case, &flow, &miss.fix);
        }
    }
}

/// The direction passes once the policy is changed so, and the YAML says the same change.
fn mends(set: &PolicySet, case: &Case, flow: &Flow<'_>, fix: &Fix) {
    let mut policy = set.policies()[fix.policy].clone();
    fix.apply(&mut policy);
    let changed = recompile(case, set.policies(), fix.policy, policy);
    let usual = changed.verdict(flow).usual().expect("both take part");
    assert!(usual.pass(fix.direction).is_some(), "{fix:#?}\n{case:#?}");

    let text = fix.yaml();
    let change = match (&fix.change, fix.direction) {
        (Change::Port(_), _) => Change::Port(item::<PolicyPort>(&text)),
        (Change::Peer(_), _) => Change::Peer(item::<Peer>(&text)),
        (Change::Rule { .. }, Direction::Egress) => {
            let rule: EgressRule = item(&text);
            Change::Rule {
                peers: rule.to.unwrap_or_default(),
                ports: rule.ports.unwrap_or_default(),
            }
        }
        (Change::Rule { .. }, Direction::Ingress) => {
            let rule: IngressRule = item(&text);
            Change::Rule {
                peers: rule.from.unwrap_or_default(),
                ports: rule.ports.unwrap_or_default(),
            }
        }
    };
    assert_eq!(change, fix.change, "{text}");
}

fn item<T: serde::de::DeserializeOwned>(yaml: &str) -> T {
    let mut list: Vec<T> =
        serde_saphyr::from_str(yaml).unwrap_or_else(|error| panic!("{error}: {yaml}"));
    list.pop().expect("one item")
}

fn resolves(case: &Case, policy: usize, pointer: &str) {
    let policy = &case.policies[policy];
    assert!(policy.pointer(pointer).is_some(), "{pointer}: {policy:#}");
}
