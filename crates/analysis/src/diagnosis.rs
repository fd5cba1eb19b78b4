//! The diagnosis: causes in rank order.

mod headline;
mod observe;
mod precedence;
mod unexplained;

use std::collections::BTreeSet;

use crate::facts::Facts;
use crate::finding::{Confidence, Evidence, Finding, FixStep, Scope, Severity};
use crate::small;
use crate::symptom::Symptom;
use crate::{NotSeen, gaps};
use observe::Observed;

/// What the bundle as a whole says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One cause stands out.
    Cause,
    /// Something is wrong, and no one cause stands out.
    Undetermined,
    /// Nothing above info was found, no probe saw a failure, there was something to look at, and
    /// nothing that a rule needs was asked for in vain.
    Healthy,
}

/// A cause: a finding that is no consequence of another one.
#[derive(Clone, Debug)]
pub struct Cause {
    /// Index of the root finding in the analysis' findings.
    pub root: usize,
    /// Findings nested under it: its consequences and its own support.
    pub explains_findings: Vec<usize>,
    /// Observed symptoms that it explains.
    pub explains: Vec<Symptom>,
    /// What speaks against it.
    pub contradicted_by: Vec<Evidence>,
    /// How sure.
    pub confidence: Confidence,
    /// Score by rule-catalogue 1.5; integers only.
    pub score: i32,
}

/// Causes in rank order.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// What the bundle as a whole says.
    pub verdict: Verdict,
    /// The verdict in one sentence.
    pub headline: String,
    /// Symptoms that a probe or a log showed, in order; what was only told is not among them.
    pub symptoms: Vec<Symptom>,
    /// The causes.
    pub causes: Vec<Cause>,
    /// Names in question that fail and that none of the causes explains, with what became of them.
    pub unexplained: Vec<String>,
    /// What would decide between the first two causes, or prove the first.
    pub decide: Option<FixStep>,
}

/// A cause with a lower score is no answer.
const ENOUGH: i32 = 6;

/// Ranks findings.
pub(crate) fn diagnose(facts: &Facts<'_>, findings: &[Finding], gaps: &[NotSeen]) -> Diagnosis {
    let observed = observe::observe(facts);
    let mut causes = causes(facts, findings, &observed);
    let unexplained = unexplained::unexplained(facts, findings, &causes);
    for cause in &mut causes {
        let of_one = |at: &usize| match findings.get(*at).map(|finding| &finding.scope) {
            Some(Scope::Name(name)) => unexplained.iter().any(|it| it.name == *name),
            _ => false,
        };
        cause.explains_findings.retain(|at| !of_one(at));
    }
    let verdict = verdict(facts, &causes, &observed, gaps);
    let headline = headline::headline(verdict, facts, findings, &causes, &observed, gaps);
    Diagnosis {
        verdict,
        headline,
        symptoms: observe::seen(&observed).collect(),
        decide: decide(verdict, findings, &causes),
        unexplained: unexplained.into_iter().map(|it| it.words).collect(),
        causes,
    }
}

fn causes(facts: &Facts<'_>, findings: &[Finding], observed: &Observed) -> Vec<Cause> {
    let above_info = |at: &usize| {
        findings
            .get(*at)
            .is_some_and(|it| it.severity > Severity::Info)
    };
    let able: Vec<usize> = (0..findings.len()).filter(above_info).collect();
    let is_nested = |at: usize| {
        able.iter()
            .any(|other| parent(findings, *other, at) && !parent(findings, at, *other))
    };
    let mut ranked: Vec<(Cause, &Finding)> = able
        .iter()
        .filter(|at| !is_nested(**at))
        .filter_map(|root| Some((*root, findings.get(*root)?)))
        .map(|(root, finding)| (cause(facts, root, finding, observed), finding))
        .collect();
    small::sort_by(&mut ranked, |(a, of_a), (b, of_b)| {
        let other = |finding: &Finding| !precedence::is_configuration(finding.rule.id);
        b.score
            .cmp(&a.score)
            .then(b.confidence.cmp(&a.confidence))
            .then(other(of_a).cmp(&other(of_b)))
            .then(width(&of_a.scope).cmp(&width(&of_b.scope)))
            .then(a.root.cmp(&b.root))
    });
    // What explains less than it leaves unexplained is no cause beside a better one.
    let best = ranked.first().map_or(0, |(cause, _)| cause.score);
    ranked.retain(|(cause, _)| cause.score > 0 || cause.score == best);
    // A consequence of two causes stands under the better one.
    let mut taken = BTreeSet::new();
    let mut causes: Vec<Cause> = ranked.into_iter().map(|(cause, _)| cause).collect();
    for cause in &mut causes {
        cause.explains_findings = below(findings, &able, cause.root)
            .into_iter()
            .filter(|at| taken.insert(*at))
            .collect();
    }
    causes
}

fn cause(facts: &Facts<'_>, root: usize, finding: &Finding, observed: &Observed) -> Cause {
    let explains: BTreeSet<Symptom> = finding
        .explains
        .iter()
        .filter(|it| observed.contains_key(it))
        .filter(|it| observe::is_shown(facts, &finding.scope, **it))
        .copied()
        .collect();
    Cause {
        root,
        explains_findings: Vec::new(),
        score: score(facts, finding, &explains, observed),
        explains: explains.into_iter().collect(),
        contradicted_by: finding.contradicted_by.clone(),
        confidence: finding.confidence,
    }
}

/// Whether one finding stands above another: as its cause, or as the first of the same rule.
fn parent(findings: &[Finding], above: usize, below: usize) -> bool {
    match (findings.get(above), findings.get(below)) {
        (Some(a), Some(b)) if a.rule.id == b.rule.id => above < below,
        (Some(a), Some(b)) => precedence::leads_to(a, b),
        _ => false,
    }
}

/// Everything nested under a finding, however deep, in order. What is wrong with another name is not:
/// it stands for itself among the findings.
fn below(findings: &[Finding], able: &[usize], root: usize) -> Vec<usize> {
    let of_other = |at: usize| match (findings.get(root), findings.get(at)) {
        (Some(a), Some(b)) => precedence::of_other_names(a, b),
        _ => false,
    };
    let mut found = BTreeSet::new();
    let mut next = vec![root];
    while let Some(above) = next.pop() {
        for at in able {
            let nested = *at != root && parent(findings, above, *at) && !of_other(*at);
            if nested && found.insert(*at) {
                next.push(*at);
            }
        }
    }
    found.into_iter().collect()
}

fn score(
    facts: &Facts<'_>,
    finding: &Finding,
    explains: &BTreeSet<Symptom>,
    observed: &Observed,
) -> i32 {
    let weight = |wanted: bool| -> i32 {
        let chosen = observed
            .iter()
            .filter(|(symptom, _)| explains.contains(symptom) == wanted);
        chosen.map(|(_, weight)| weight).sum()
    };
    let direct = match finding.confidence {
        Confidence::Proven => 6,
        Confidence::Likely => 3,
        Confidence::Possible => 1,
    };
    2 * weight(true) - weight(false) / 3 - 2 * contradiction(finding)
        + direct
        + specific(facts, finding)
}

/// What speaks against a finding. Against a fault that was itself observed a contrary observation
/// weighs no more than hearsay.
fn contradiction(finding: &Finding) -> i32 {
    let weigh = |evidence: &Evidence| match evidence.place.entry.split('/').next() {
        _ if finding.confidence == Confidence::Proven => 1,
        Some("probes") => 3,
        _ if evidence.place.entry.starts_with("dns/logs/") => 2,
        _ => 1,
    };
    finding.contradicted_by.iter().map(weigh).max().unwrap_or(0)
}

/// 2 if the primary evidence names an object and a field of it, 1 more if the scope is the one
/// that was complained about.
fn specific(facts: &Facts<'_>, finding: &Finding) -> i32 {
    let symptom = &facts.bundle().manifest().symptom;
    let named = finding
        .evidence
        .first()
        .is_some_and(|it| match &it.place.at {
            digpod_bundle::At::Whole => false,
            digpod_bundle::At::Text { .. } => true,
            digpod_bundle::At::Json { pointer, .. } => !pointer.is_empty(),
        });
    let narrow = match &finding.scope {
        Scope::Cluster => symptom.names.is_empty() && symptom.pod.is_none(),
        Scope::Name(name) => facts.failing.iter().any(|failing| failing.name == *name),
        Scope::Pod(_) | Scope::Namespace(_) => symptom.namespace.is_some(),
        Scope::Node(_) => false,
    };
    2 * i32::from(named) + i32::from(narrow)
}

fn width(scope: &Scope) -> u8 {
    match scope {
        Scope::Name(_) => 0,
        Scope::Pod(_) => 1,
        Scope::Namespace(_) => 2,
        Scope::Node(_) => 3,
        Scope::Cluster => 4,
    }
}

fn verdict(facts: &Facts<'_>, causes: &[Cause], observed: &Observed, gaps: &[NotSeen]) -> Verdict {
    let seen_failing =
        observe::seen(observed).next().is_some() || !observe::failed_at_once(facts).is_empty();
    // Who complains of a name is not told "healthy" before somebody asked for it; and without a
    // Corefile and without an answer nobody has looked at DNS.
    let asked = !facts.probes.rows.is_empty();
    let something = asked || (facts.corefile().is_ok() && facts.failing.is_empty());
    let looked = something && !gaps::blinded(facts.bundle(), gaps);
    match causes {
        [] if seen_failing || !looked => Verdict::Undetermined,
        [] => Verdict::Healthy,
        [first, ..] if first.score < ENOUGH => Verdict::Undetermined,
        [first, second, ..] if is_close(first, second) => Verdict::Undetermined,
        _ => Verdict::Cause,
    }
}

/// Within 10 %, and as sure as the first: a suspicion never ties with what was seen.
fn is_close(first: &Cause, second: &Cause) -> bool {
    second.score * 10 >= first.score * 9 && second.confidence >= first.confidence
}

fn decide(verdict: Verdict, findings: &[Finding], causes: &[Cause]) -> Option<FixStep> {
    let of = |at: usize| findings.get(causes.get(at)?.root)?.decide.clone();
    let proven = causes
        .first()
        .is_some_and(|cause| cause.confidence == Confidence::Proven);
    match verdict {
        Verdict::Healthy => None,
        Verdict::Cause if proven => None,
        Verdict::Cause | Verdict::Undetermined => of(0).or_else(|| of(1)),
    }
}
