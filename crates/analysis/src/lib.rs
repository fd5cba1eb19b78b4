//! Facts, rules, findings and the ranking of causes.
//!
//! **Invariant:** pure. No clock, file, environment or socket; [`analyse`] cannot fail on a
//! readable bundle. What could not be seen is a [`Gap`] and never reads as healthy. The same
//! bundle gives the same analysis, whatever the order of its entries.
#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod diagnosis;
mod facts;
mod finding;
mod gaps;
pub mod matrix;
mod rule;
mod rules;
mod small;
pub mod summary;
mod symptom;

use digpod_bundle::Bundle;

pub use diagnosis::{Cause, Diagnosis, Verdict};
pub use facts::{Facts, Gap, Lack, Seen};
pub use finding::{Confidence, Evidence, Finding, Findings, FixStep, Scope, Severity};
pub use rule::Rule;
pub use rules::RULES;
pub use symptom::Symptom;

/// Everything one run of the engine says of a bundle.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Findings in the order of the registry, then scope, then place.
    pub findings: Vec<Finding>,
    /// Causes in rank order.
    pub diagnosis: Diagnosis,
    /// The probe matrix.
    pub matrix: Vec<matrix::Row>,
    /// The same at a glance, and what was asked beside it.
    pub summary: summary::Summary,
    /// What could not be seen: refused or missing items, and rules that could not look.
    pub gaps: Vec<NotSeen>,
}

/// Something that could not be seen, and who would have looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotSeen {
    /// What is missing.
    pub gap: Gap,
    /// Ids of the rules that could not look because of it, sorted.
    pub rules: Vec<&'static str>,
}

/// Runs every rule over a bundle and ranks the causes.
pub fn analyse(bundle: &Bundle) -> Analysis {
    analyse_with(bundle, RULES)
}

/// Runs only these rules; for fixtures.
pub fn analyse_with(bundle: &Bundle, rules: &[&'static Rule]) -> Analysis {
    let facts = Facts::new(bundle);
    let mut findings = Findings::default();
    let mut not_evaluated = Vec::new();
    for rule in rules {
        if let Err(gap) = (rule.check)(&facts, &mut findings) {
            not_evaluated.push((rule.id, gap));
        }
    }
    let mut findings = findings.into_vec();
    // A rule finds in the order of what it reads; rules stay in the order of the registry.
    let position = |finding: &Finding| rules.iter().position(|rule| rule.id == finding.rule.id);
    small::sort_by(&mut findings, |a, b| {
        (position(a), &a.scope, primary(a)).cmp(&(position(b), &b.scope, primary(b)))
    });
    let gaps = gaps::gather(bundle, &not_evaluated);
    let diagnosis = diagnosis::diagnose(&facts, &findings, &gaps);
    Analysis {
        findings,
        diagnosis,
        summary: summary::summary(&facts),
        matrix: facts.probes.rows,
        gaps,
    }
}

fn primary(finding: &Finding) -> Option<&digpod_bundle::Place> {
    finding.evidence.first().map(|evidence| &evidence.place)
}
