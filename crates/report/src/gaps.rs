//! What could not be seen, put together where one cause kept many things away.

use std::collections::BTreeSet;

use crate::v1::Gap;
use crate::words;

/// From so many on, what has the same reason is told together.
const MANY: usize = 3;

/// One gap, or several of the same reason.
#[derive(Debug)]
pub enum Group<'a> {
    /// One.
    One(&'a Gap),
    /// At least three, with the first of them.
    Many(&'a Gap, Vec<&'a Gap>),
}

/// In the order of the report; a group stands where its first one stood.
pub fn groups(gaps: &[Gap]) -> Vec<Group<'_>> {
    let alike = |a: &Gap, b: &Gap| {
        (&a.status, &a.reason, permission(a)) == (&b.status, &b.reason, permission(b))
    };
    let mut groups: Vec<Vec<&Gap>> = Vec::new();
    for gap in gaps {
        let known = groups
            .iter_mut()
            .find(|group| group.first().is_some_and(|first| alike(first, gap)));
        match known {
            Some(group) => group.push(gap),
            None => groups.push(vec![gap]),
        }
    }
    let mut told = Vec::new();
    for group in groups {
        match group.first() {
            Some(first) if group.len() >= MANY => told.push(Group::Many(first, group)),
            _ => told.extend(group.into_iter().map(Group::One)),
        }
    }
    told
}

/// Why it is missing.
pub(crate) fn reason(gap: &Gap) -> &str {
    if gap.reason.is_empty() {
        &gap.status
    } else {
        &gap.reason
    }
}

/// The permission that would show it, where the reason does not name it already.
pub(crate) fn permission(gap: &Gap) -> Option<&str> {
    let permission = gap.missing_permission.as_deref();
    permission.filter(|it| !gap.reason.contains(it))
}

/// What cannot be excluded without them, each clause once.
pub fn means(gaps: &[&Gap]) -> String {
    let mut seen = BTreeSet::new();
    let all = gaps.iter().filter_map(|gap| gap.means.as_deref());
    // Beside clauses that say something this one says nothing.
    let once: Vec<&str> = all
        .filter(|it| *it != words::UNKNOWN && seen.insert(*it))
        .collect();
    once.join("; ")
}
