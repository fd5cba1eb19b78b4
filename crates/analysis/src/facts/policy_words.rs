//! What is said of policies that stop a pod from asking CoreDNS.

use digpod_bundle::Place;
use digpod_netpol::{Direction, Protocol};

use super::addresses::list as words;
use super::policies::{Cure, Way, Ways};
use super::{Facts, cite, layers};
use crate::finding::{Confidence, Evidence, Finding, Scope, Severity};
use crate::rule::Rule;
use crate::symptom::Symptom;

use digpod_probe::NameClass;

/// What is blocked, for a finding.
pub(crate) struct Blocked {
    pub(crate) rule: &'static Rule,
    pub(crate) direction: Direction,
    pub(crate) scope: Scope,
    pub(crate) severity: Severity,
}

/// The finding that a direction blocks UDP to every CoreDNS pod.
pub(crate) fn blocked(facts: &Facts<'_>, ways: &Ways, what: Blocked) -> Finding {
    let direction = what.direction;
    let all = ways.blocked(Protocol::Udp, direction);
    let names = policy_names(&all, direction);
    let tcp = ways.all_blocked(Protocol::Tcp, direction);
    let ports = if tcp { "port 53" } else { "UDP port 53" };
    let keeps = if names.len() == 1 { "keeps" } else { "keep" };
    let whom = match direction {
        Direction::Egress => ways.from.clone(),
        Direction::Ingress => format!("pods of namespace {}", ways.namespace),
    };
    let message = format!(
        "{} {keeps} {whom} from reaching CoreDNS on {ports}",
        words(&names)
    );
    let mut evidence = all
        .iter()
        .flat_map(|way| way.isolating(direction).iter().cloned());
    let place = Place::whole("workload/networkpolicies.json");
    let primary = evidence
        .next()
        .unwrap_or_else(|| cite(&place, "the policies"));
    let seen = seen(facts);
    let (confidence, against) = match &seen {
        Saw::Silent(_) => (Confidence::Proven, Vec::new()),
        Saw::Nothing => (Confidence::Likely, Vec::new()),
        Saw::Answers(evidence) => (Confidence::Possible, vec![evidence.clone()]),
    };
    let severity = if against.is_empty() {
        what.severity
    } else {
        Severity::Low
    };
    let finding =
        Finding::new(what.rule, confidence, what.scope, message, primary).severity(severity);
    let mut finding = evidence.fold(finding, |finding, it| {
        if finding.evidence.contains(&it) {
            finding
        } else {
            finding.because(it)
        }
    });
    if let Saw::Silent(evidence) = seen {
        finding = evidence.into_iter().fold(finding, Finding::because);
    }
    let finding = against.into_iter().fold(finding, Finding::contradicted);
    let finding = if severity > Severity::Low {
        finding
            .explaining([
                Symptom::All,
                Symptom::Timeout,
                Symptom::Internal,
                Symptom::External,
            ])
            .explaining([Symptom::Custom, Symptom::PodOnly])
            .explaining((direction == Direction::Egress).then_some(Symptom::Namespace))
    } else {
        finding
    };
    let finding = finding.explain(match (severity, direction) {
        (Severity::Low, _) => {
            "The probe in the pod's place got answers all the same: the network plugin does not enforce \
             NetworkPolicies, or another kind of policy allows it."
        }
        (_, Direction::Egress) => {
            "A policy that selects the pod for egress allows only what a rule names; no rule names CoreDNS. \
             The queries are dropped, not refused: each lookup waits for the resolver's whole time."
        }
        (_, Direction::Ingress) => {
            "A policy that selects the CoreDNS pods for ingress admits only whom a rule names. Every \
             namespace that it leaves out is without DNS."
        }
    });
    cure_step(finding, &all, direction)
}

/// Admits everybody: a rule for the failing pod alone would leave the others without DNS.
const OPEN: &str = "\
- from:
    - namespaceSelector: {}
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53";

/// Names of the policies that isolate that end.
pub(crate) fn policy_names(ways: &[&Way], direction: Direction) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for way in ways {
        if let Some(cure) = way.fix(direction)
            && !names.contains(&cure.policy)
        {
            names.push(cure.policy.clone());
        }
    }
    if names.is_empty() {
        return vec!["a NetworkPolicy".to_owned()];
    }
    names
        .into_iter()
        .map(|name| format!("NetworkPolicy {name}"))
        .collect()
}

/// The rule that lets it pass, ready to be pasted.
pub(crate) fn cure_step(finding: Finding, ways: &[&Way], direction: Direction) -> Finding {
    let mut cures: Vec<&Cure> = Vec::new();
    for cure in ways.iter().filter_map(|way| way.fix(direction)) {
        if !cures
            .iter()
            .any(|known| known.policy == cure.policy && known.yaml == cure.yaml)
        {
            cures.push(cure);
        }
    }
    cures.into_iter().take(2).fold(finding, |finding, cure| {
        let (namespace, name) = cure
            .policy
            .split_once('/')
            .unwrap_or(("default", &cure.policy));
        let text = match direction {
            Direction::Egress => format!(
                "In NetworkPolicy {}: {}:\n{}",
                cure.policy,
                cure.sentence,
                cure.yaml.trim_end(),
            ),
            // The port is that of the pods, where it is another than the Service's.
            Direction::Ingress => format!(
                "In NetworkPolicy {}: add this to spec.ingress, which admits every namespace:\n{OPEN}",
                cure.policy,
            ),
        };
        finding.fix(
            text,
            Some(format!("kubectl -n {namespace} edit networkpolicy {name}")),
        )
    })
}

/// What the probe in the pod's place got through the Service.
enum Saw {
    /// No answer.
    Silent(Option<Evidence>),
    /// Answers.
    Answers(Evidence),
    /// Nobody asked, or it is neither.
    Nothing,
}

fn seen(facts: &Facts<'_>) -> Saw {
    let classes = [NameClass::Cluster, NameClass::Public, NameClass::Custom];
    let reading = layers::through_service(facts, "workload", &classes);
    match reading.cite() {
        evidence if reading.is_silent() => Saw::Silent(evidence),
        Some(evidence) if reading.answered * 2 > reading.tries => Saw::Answers(evidence),
        _ => Saw::Nothing,
    }
}
