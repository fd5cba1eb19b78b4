//! The questions of an earlier run, put into the plan of this one.

use digpod_probe::{Plan, Question, Target};

/// Each question that was asked before of a server that is still asked is asked as often as then;
/// what is new since (another CoreDNS pod, another upstream) is asked, too.
///
/// Servers that are gone from the configuration are left out: an upstream that nobody asks any
/// more says nothing about names that fail now.
pub(super) fn repeat(plan: &mut Plan, before: &Plan) {
    let servers: Vec<Target> = plan.questions.iter().map(|it| it.target.clone()).collect();
    for old in &before.questions {
        match plan.questions.iter_mut().find(|new| same(new, old)) {
            Some(new) => {
                new.tries = old.tries;
                new.interval_ms = old.interval_ms;
            }
            None if servers.contains(&old.target) && !random(old) => {
                plan.questions.push(old.clone());
            }
            None => {}
        }
    }
    plan.budget_ms = plan.budget_ms.max(before.budget_ms);
}

fn same(a: &Question, b: &Question) -> bool {
    a.target == b.target
        && a.name == b.name
        && a.record_type == b.record_type
        && a.transport == b.transport
        && a.class == b.class
        && a.checking_disabled == b.checking_disabled
        && (a.pair, a.payload, a.search) == (b.pair, b.payload, b.search)
}

/// A name that nobody has is drawn anew each time.
fn random(question: &Question) -> bool {
    question.class == digpod_probe::NameClass::Nonexistent
}
