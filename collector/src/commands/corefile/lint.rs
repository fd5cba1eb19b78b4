//! `digpod corefile lint`: what CoreDNS would say, drawn under the line.

use std::fmt::Write as _;

use digpod_corefile::{Problem, Span};

use super::Read;
use crate::cli::{Color, CorefileInput};
use crate::draw::{Remark, Weight, draw};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output;

pub(super) fn run(input: &CorefileInput, color: Color) -> Result<Exit, Failure> {
    let read = Read::new(input)?;
    let colored = output::colored(color);
    let mut out = String::new();
    for problem in &read.corefile.problems {
        out.push_str(&remark(&read, problem, colored));
    }
    out.push_str(&variables(&read));
    let refusal = read.refusal();
    if let Some(said) = &refusal {
        let _ = writeln!(
            out,
            "CoreDNS {} refuses this configuration. It prints:\n  {}",
            read.version,
            plain(said)
        );
    } else {
        let remarks = match read.corefile.problems.len() {
            0 => String::new(),
            1 => ", with one remark".to_owned(),
            count => format!(", with {count} remarks"),
        };
        let _ = writeln!(
            out,
            "CoreDNS {} accepts this configuration{remarks}.",
            read.version
        );
    }
    output::print(&out)?;
    Ok(match refusal {
        Some(_) => Exit::Findings,
        None => Exit::Done,
    })
}

fn remark(read: &Read, problem: &Problem, colored: bool) -> String {
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
            title: problem.message.clone(),
            path: read.configuration.shown(source).to_owned(),
            text,
            span: start..end,
            label,
            help: problem.help().to_owned(),
        },
        colored,
    )
}

/// Variables of an environment that nobody told.
fn variables(read: &Read) -> String {
    let mut names: Vec<&str> = read
        .corefile
        .variables
        .iter()
        .filter(|variable| variable.value.is_none())
        .map(|variable| variable.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return String::new();
    }
    format!(
        "note: not known: {} of CoreDNS's environment; give it with --env NAME=VALUE\n\n",
        plain(&names.join(", "))
    )
}
