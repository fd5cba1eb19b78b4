//! A verdict for people: what, why, the nearest miss drawn in the policy, what to do.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use digpod_netpol::{
    Assumption, Assumptions, Direction, Explanation, Fix, Flow, Pass, PolicySet, Side, Verdict,
};

use super::files::Files;
use super::services::Service;
use super::{Question, ends};
use crate::draw::{Remark, Weight, draw};
use crate::error::plain;

/// Nearest misses that are drawn.
const MOST_MISSES: usize = 3;
/// Remarks on policies that are drawn.
const MOST_REMARKS: usize = 20;

/// What is wrong with the policies that are concerned; of the others, how much.
pub(super) fn remarks(
    set: &PolicySet,
    files: &Files,
    concerned: &BTreeSet<usize>,
    colored: bool,
) -> String {
    let mut out = String::new();
    let mut others = 0;
    let name = |policy: usize| {
        let policy = set.policies().get(policy);
        policy.map_or_else(String::new, digpod_netpol::NetworkPolicy::full_name)
    };
    let mut drawn = 0;
    for (policy, problem) in set.problems() {
        // What the API server refuses is not in the cluster; that always matters.
        if drawn >= MOST_REMARKS || (!concerned.contains(&policy) && !problem.refused) {
            others += 1;
            continue;
        }
        drawn += 1;
        let weight = if problem.refused {
            Weight::Error
        } else {
            Weight::Warning
        };
        out.push_str(&remark(
            files,
            policy,
            &problem.pointer,
            weight,
            format!("{}: {}", name(policy), problem.message),
            problem.effect.to_owned(),
            colored,
        ));
    }
    for trap in set.traps() {
        if drawn >= MOST_REMARKS || !concerned.contains(&trap.policy) {
            others += 1;
            continue;
        }
        drawn += 1;
        out.push_str(&remark(
            files,
            trap.policy,
            &trap.pointer,
            Weight::Warning,
            format!("{}: {}", name(trap.policy), trap.sentence),
            String::new(),
            colored,
        ));
    }
    if others > 0 {
        let _ = writeln!(
            out,
            "{others} more on policies that do not select these ends; ask from `all` to see them.\n"
        );
    }
    if out.is_empty() {
        return out;
    }
    format!("Noticed in the policies:\n\n{out}")
}

fn remark(
    files: &Files,
    policy: usize,
    pointer: &str,
    weight: Weight,
    title: String,
    help: String,
    colored: bool,
) -> String {
    match files.at(policy, pointer) {
        Some(at) => draw(
            &Remark {
                weight,
                title,
                path: at.path.to_owned(),
                text: at.text,
                span: at.span,
                label: String::new(),
                help,
            },
            colored,
        ),
        None => format!("{} ({pointer})\n\n", plain(&title)),
    }
}

/// One flow, and the Service and its port that it goes through.
pub(super) fn flow(
    out: &mut String,
    question: &Question<'_>,
    flow: &Flow<'_>,
    explanation: &Explanation,
    through: Option<(&Service, u16)>,
) {
    let Question {
        set,
        files,
        colored,
        ..
    } = *question;
    let behind = match through.and_then(|(service, port)| Some((service, service.address()?, port)))
    {
        Some((service, address, port)) => format!(
            " (behind Service {} {})",
            service.full_name(),
            std::net::SocketAddr::new(address, port)
        ),
        None => String::new(),
    };
    let _ = writeln!(
        out,
        "{} -> {}{}, {} {}: {}",
        plain(&ends::shown(flow.from)),
        plain(&ends::shown(flow.to)),
        plain(&behind),
        flow.protocol,
        flow.port,
        verdict(&explanation.verdict)
    );
    for side in [&explanation.egress, &explanation.ingress] {
        show_side(out, set, files, side, &explanation.verdict, colored);
    }
    out.push('\n');
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Allowed(_) => "allowed".to_owned(),
        Verdict::Denied(_) => "denied".to_owned(),
        Verdict::Undetermined {
            depends_on, usual, ..
        } => {
            let usual = if usual.is_allowed() {
                "allowed"
            } else {
                "denied"
            };
            format!(
                "not certain; most network plugins: {usual}\n  {}",
                sentences(*depends_on)
            )
        }
        Verdict::NotEvaluated(why) => {
            let end = match why.end {
                Direction::Egress => "the sender",
                Direction::Ingress => "the receiver",
            };
            let what = if why.finished {
                "has ended"
            } else {
                "has no address yet"
            };
            format!("not evaluated: {end} {what}")
        }
    }
}

fn sentences(assumptions: Assumptions) -> String {
    let sentences: Vec<&str> = assumptions.iter().map(Assumption::sentence).collect();
    sentences.join("\n  ")
}

fn show_side(
    out: &mut String,
    set: &PolicySet,
    files: &Files,
    side: &Side,
    verdict: &Verdict,
    colored: bool,
) {
    if matches!(verdict, Verdict::NotEvaluated(_)) {
        return;
    }
    let why = match side.pass {
        Some(Pass::NotAPod) => "open: that end is no pod".to_owned(),
        Some(Pass::HostNetwork) => "open: the pod is in its node's network".to_owned(),
        Some(Pass::Itself) => "open: a pod always reaches itself".to_owned(),
        Some(Pass::OwnNode) => "open: a pod and its own node".to_owned(),
        Some(Pass::NotIsolated) => "open: no policy selects the pod".to_owned(),
        Some(Pass::Rule(rule)) => {
            let name = set
                .policies()
                .get(rule.policy)
                .map(digpod_netpol::NetworkPolicy::full_name)
                .unwrap_or_default();
            let place = files
                .at(rule.policy, &rule.pointer())
                .map(|at| format!(" ({}:{})", at.path, line(at.text, at.span.start)))
                .unwrap_or_default();
            format!("allowed by {name}, rule {}{place}", rule.rule + 1)
        }
        None => "blocked".to_owned(),
    };
    let _ = writeln!(out, "  {}: {}", side.direction, plain(&why));
    if side.pass.is_some() {
        return;
    }
    for isolating in &side.isolating {
        let _ = writeln!(out, "    {}", plain(&isolating.sentence));
    }
    if side.misses.len() > 1 {
        let _ = writeln!(out, "    Any one of these is enough:");
    }
    for miss in side.misses.iter().take(MOST_MISSES) {
        out.push('\n');
        out.push_str(&remark(
            files,
            miss.rule.policy,
            &miss.pointer,
            Weight::Error,
            format!("nearly: {}", miss.sentence),
            String::new(),
            colored,
        ));
        show_fix(out, &miss.fix);
    }
    if side.misses.is_empty()
        && let Some(fix) = &side.fix
    {
        show_fix(out, fix);
    }
}

fn show_fix(out: &mut String, fix: &Fix) {
    let _ = writeln!(out, "  Fix: {}:", plain(&fix.sentence));
    for line in fix.yaml().lines() {
        let _ = writeln!(out, "    {}", plain(line));
    }
}

fn line(text: &str, at: usize) -> usize {
    1 + text.get(..at).unwrap_or("").matches('\n').count()
}
