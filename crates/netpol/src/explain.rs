//! Why a verdict is what it is: who isolates, which rules almost match, what would mend it.

use crate::decide::{Ends, Prepared};
use crate::endpoint::{Direction, Endpoint, Flow};
use crate::fix::{Fix, rule_for};
use crate::miss::{Miss, misses};
use crate::set::PolicySet;
use crate::verdict::{Pass, Verdict};

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The verdict.
    pub verdict: Verdict,
    /// What the sender's policies say.
    pub egress: Side,
    /// What the receiver's policies say.
    pub ingress: Side,
}

/// What the policies of one end say, as most plugins read them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// Which end.
    pub direction: Direction,
    /// Why it passes; none: it is blocked, or the flow was not evaluated.
    pub pass: Option<Pass>,
    /// Policies that isolate the pod: one of their rules must match.
    pub isolating: Vec<Isolating>,
    /// Where it is blocked: rules that fail in exactly one test, in the order of policies and rules.
    pub misses: Vec<Miss>,
    /// Where it is blocked: a new rule that lets the flow pass.
    pub fix: Option<Fix>,
}

/// A policy that isolates a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Isolating {
    /// Number of the policy, in [`PolicySet::policies`].
    pub policy: usize,
    /// JSON pointer into the policy: what makes it select the pod.
    pub pointer: &'static str,
    /// What it does, in a sentence.
    pub sentence: String,
}

impl PolicySet {
    /// The verdict on a flow with its reasons. Slower than [`PolicySet::verdict`]: for showing.
    pub fn explain(&self, flow: &Flow<'_>) -> Explanation {
        let from = self.prepare(flow.from);
        let to = self.prepare(flow.to);
        let verdict = self.between(&from, &to, flow.protocol, flow.port);
        let ends = Ends {
            from: &from,
            to: &to,
            protocol: flow.protocol,
            port: flow.port,
        };
        Explanation {
            verdict,
            egress: self.explain_side(Direction::Egress, verdict, ends),
            ingress: self.explain_side(Direction::Ingress, verdict, ends),
        }
    }

    fn explain_side(&self, direction: Direction, verdict: Verdict, ends: Ends<'_>) -> Side {
        let (subject, other) = match direction {
            Direction::Egress => (ends.from, ends.to),
            Direction::Ingress => (ends.to, ends.from),
        };
        let Some(usual) = verdict.usual() else {
            return Side {
                direction,
                pass: None,
                isolating: Vec::new(),
                misses: Vec::new(),
                fix: None,
            };
        };
        let pass = usual.pass(direction);
        let exempt = matches!(pass, Some(Pass::NotAPod | Pass::HostNetwork));
        let numbers: Vec<usize> = if exempt {
            Vec::new()
        } else {
            self.selecting(subject, direction).collect()
        };
        let isolating = numbers
            .iter()
            .filter_map(|number| self.isolating_by(*number, direction, subject.endpoint))
            .collect();
        let misses = if pass.is_none() {
            misses(self, &numbers, direction, other, ends)
        } else {
            Vec::new()
        };
        let fix = if pass.is_none() {
            // Where a rule is nearly right, the policy is plainly about such flows.
            let about = misses.first().map(|miss| miss.rule.policy);
            about
                .or(numbers.first().copied())
                .and_then(|policy| self.new_rule(policy, direction, other, ends))
        } else {
            None
        };
        Side {
            direction,
            pass,
            isolating,
            misses,
            fix,
        }
    }

    fn isolating_by(
        &self,
        number: usize,
        direction: Direction,
        subject: &Endpoint,
    ) -> Option<Isolating> {
        let policy = self.policies.get(number)?;
        let rules = self.compiled.get(number)?.rules(direction).len();
        let name = policy.full_name();
        let pointer = match &policy.spec.pod_selector {
            Some(_) => "/spec/podSelector",
            None => "/spec",
        };
        let what = match rules {
            0 => format!("has no {direction} rule: it allows nothing"),
            1 => format!("has 1 {direction} rule"),
            rules => format!("has {rules} {direction} rules"),
        };
        Some(Isolating {
            policy: number,
            pointer,
            sentence: format!("{name} selects {subject} and {what}"),
        })
    }

    fn new_rule(
        &self,
        policy: usize,
        direction: Direction,
        other: &Prepared<'_>,
        ends: Ends<'_>,
    ) -> Option<Fix> {
        let namespace = self.compiled.get(policy)?.namespace;
        let rule = rule_for(self, namespace, direction, other, ends);
        let name = self.policies.get(policy)?.full_name();
        Some(Fix {
            policy,
            direction,
            rule: None,
            sentence: format!("add this to spec.{direction} of {name}"),
            change: rule,
        })
    }
}
