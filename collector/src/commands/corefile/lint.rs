//! `digpod corefile lint`: what CoreDNS would say, drawn under the line.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use digpod_corefile::{Problem, Span};

use super::{Read, visible};
use crate::cli::{Color, CorefileInput};
use crate::draw::{Remark, Weight, draw};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output;

/// Most problems that are drawn.
const MOST: usize = 20;

pub(super) fn run(input: &CorefileInput, color: Color) -> Result<Exit, Failure> {
    let read = Read::new(input)?;
    let colored = output::colored(color);
    let mut out = String::new();
    let mut helped: BTreeSet<&str> = BTreeSet::new();
    let (drawn, more) = read
        .corefile
        .problems
        .split_at(read.corefile.problems.len().min(MOST));
    for problem in drawn {
        // The same advice twice is noise.
        let help = Some(problem.help()).filter(|help| helped.insert(help));
        out.push_str(&remark(&read, problem, help.unwrap_or_default(), colored));
    }
    out.push_str(&not_drawn(more));
    let mut notes = unread(&read);
    let unknown = variables(&read);
    if !unknown.is_empty() {
        let _ = writeln!(
            notes,
            "note: not known: {} of CoreDNS's environment; give it with --env NAME=VALUE",
            plain(&unknown.join(", "))
        );
    }
    notes.push_str(&read.notes());
    if !notes.is_empty() {
        notes.push('\n');
    }
    out.push_str(&notes);
    let refusal = read.refusal();
    if let Some(said) = &refusal {
        let _ = writeln!(
            out,
            "{} refuses this configuration. It prints:\n  {}",
            read.reader(),
            plain(said)
        );
    } else {
        let as_far = if unknown.is_empty() {
            ""
        } else {
            ", as far as the variables are known"
        };
        let remarks = match read.corefile.problems.len() {
            0 => String::new(),
            1 => ", with one remark".to_owned(),
            count => format!(", with {count} remarks"),
        };
        let _ = writeln!(
            out,
            "{} accepts this configuration{as_far}{remarks}.",
            read.reader()
        );
    }
    output::print(&out)?;
    Ok(match refusal {
        Some(_) => Exit::Findings,
        None => Exit::Done,
    })
}

fn remark(read: &Read, problem: &Problem, help: &str, colored: bool) -> String {
    let Span { source, start, end } = problem.place();
    let weight = if problem.refused {
        Weight::Error
    } else {
        Weight::Warning
    };
    // Where the mistake is drawn elsewhere, the place that CoreDNS names would confuse.
    let named = read.place(problem.span);
    let label = if problem.refused && named != read.place(problem.place()) {
        format!("CoreDNS names {named}")
    } else {
        String::new()
    };
    let text = read
        .corefile
        .sources()
        .get(source)
        .map_or("", |source| source.text.as_str());
    draw(
        &Remark {
            weight,
            title: visible(&problem.message),
            path: read.configuration.shown(source).to_owned(),
            text,
            span: start..end,
            label,
            help: help.to_owned(),
        },
        colored,
    )
}

/// The number of problems beyond those that are drawn.
fn not_drawn(more: &[Problem]) -> String {
    if more.is_empty() {
        return String::new();
    }
    let errors = more.iter().filter(|problem| problem.refused).count();
    let count = |number: usize, what: &str| match number {
        0 => None,
        1 => Some(format!("1 more {what}")),
        _ => Some(format!("{number} more {what}s")),
    };
    let counts = [
        count(errors, "error"),
        count(more.len() - errors, "warning"),
    ];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    format!(
        "{} not drawn: mend those above first\n\n",
        counts.join(" and ")
    )
}

/// Files and keys that CoreDNS never reads.
fn unread(read: &Read) -> String {
    // What a custom ConfigMap has is for the cluster's CoreDNS, not for the cache on the node.
    if read.configuration.node_cache {
        return String::new();
    }
    let mut patterns: Vec<&str> = read
        .corefile
        .imports
        .iter()
        .filter(|import| !import.snippet)
        .map(|import| import.pattern.text.as_str())
        .collect();
    patterns.sort_unstable();
    patterns.dedup();
    let why = match patterns.as_slice() {
        [] => "the Corefile imports no files".to_owned(),
        _ => format!("the Corefile imports {}", patterns.join(", ")),
    };
    let lines = read.unread().into_iter().map(|index| {
        let shown = read.configuration.shown(index);
        format!(
            "warning: nothing imports {}: it has no effect ({})\n",
            plain(shown),
            plain(&why)
        )
    });
    lines.collect()
}

/// Variables of an environment that nobody told.
fn variables(read: &Read) -> Vec<&str> {
    let mut names: Vec<&str> = read
        .corefile
        .variables
        .iter()
        .filter(|variable| variable.value.is_none())
        .map(|variable| variable.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
