//! `digpod resolve`: the questions that a resolver asks for a name, and how it ends.

mod given;

use std::fmt::Write as _;

use digpod_resolv::{
    Environment, Implementation, Observation, Origin, Settings, plan, read_as, simulate,
    worst_case_wait,
};

use super::input;
use crate::cli::{Color, Family, Resolve};
use crate::draw::{Remark, Weight, draw};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output;

use given::Given;

pub(super) fn run(options: &Resolve, color: Color) -> Result<Exit, Failure> {
    let given = Given::parse(&options.given)?;
    let resolvers = resolvers(&options.libc)?;
    let (shown, bytes) = if options.resolv_conf.as_os_str() == "-" {
        ("standard input".to_owned(), input::standard_input()?)
    } else {
        let shown = options.resolv_conf.display().to_string();
        (shown, input::file(&options.resolv_conf)?)
    };
    let text = String::from_utf8_lossy(&bytes);
    let environment = Environment {
        hostname: options.hostname.as_deref(),
        ..Environment::default()
    };
    let mut out = String::new();
    let mut remarks: Vec<(Observation, Vec<String>)> = Vec::new();
    for resolver in resolvers {
        let settings = read_as(&text, resolver, &environment);
        for seen in &settings.observations {
            match remarks.iter_mut().find(|(it, _)| it == seen) {
                Some((_, who)) => who.push(resolver.to_string()),
                None => remarks.push((seen.clone(), vec![resolver.to_string()])),
            }
        }
        part(&mut out, &settings, options, given.as_ref());
    }
    let colored = output::colored(color);
    let mut remarked = String::new();
    for (seen, who) in &remarks {
        let title = format!("{}: {seen}", who.join(", "));
        match &seen.span {
            Some(span) => remarked.push_str(&draw(
                &Remark {
                    weight: Weight::Warning,
                    title,
                    path: shown.clone(),
                    text: &text,
                    span: span.clone(),
                    label: String::new(),
                    help: String::new(),
                },
                colored,
            )),
            None => {
                let _ = writeln!(remarked, "note: {}\n", plain(&title));
            }
        }
    }
    output::print(&format!("{remarked}{out}"))?;
    Ok(Exit::Done)
}

fn resolvers(named: &[String]) -> Result<Vec<Implementation>, Failure> {
    if named.is_empty() {
        return Ok(vec![
            Implementation::GLIBC,
            Implementation::MUSL,
            Implementation::GO,
        ]);
    }
    let read = |text: &String| {
        text.parse()
            .map_err(|error: digpod_resolv::UnknownImplementation| {
                Failure::usage(error.to_string()).help(error.help())
            })
    };
    named.iter().map(read).collect()
}

fn part(out: &mut String, settings: &Settings, options: &Resolve, given: Option<&Given>) {
    let family = match options.family {
        Family::Any => digpod_resolv::Family::Any,
        Family::Ipv4 => digpod_resolv::Family::V4,
        Family::Ipv6 => digpod_resolv::Family::V6,
    };
    let servers: Vec<String> = settings.servers.iter().map(ToString::to_string).collect();
    let musl = matches!(settings.implementation, Implementation::Musl(_));
    let order = match (servers.len(), musl) {
        (0 | 1, _) => "",
        (_, true) => ", all at once, the first reply counts",
        (_, false) if settings.rotate.value => ", in turn (rotate)",
        (_, false) => ", one after the other",
    };
    let _ = writeln!(
        out,
        "{}: asks {}{order}; ndots {}, timeout {}, attempts {}",
        settings.implementation,
        servers.join(", "),
        settings.ndots.value,
        seconds(settings.timeout_ms.value),
        settings.attempts.value,
    );
    if let Some(given) = given {
        let replay = simulate(settings, &options.name, family, |question| {
            given.reply(question)
        });
        for line in replay.lines() {
            let _ = writeln!(out, "  {}", plain(&line));
        }
    } else {
        names(out, settings, &options.name, family);
        let wait = worst_case_wait(settings, &options.name, family);
        let _ = writeln!(
            out,
            "  Longest wait: {} when no server replies, {} when replies are late or useless.",
            seconds(wait.silent_ms),
            seconds(wait.longest_ms)
        );
    }
    out.push('\n');
}

fn names(out: &mut String, settings: &Settings, name: &str, family: digpod_resolv::Family) {
    let plan = plan(settings, name, family);
    if let Some(unasked) = plan.unasked {
        let _ = writeln!(out, "  {}", plain(&unasked.to_string()));
        return;
    }
    let types: Vec<String> = plan.types.iter().map(ToString::to_string).collect();
    let width = plan
        .candidates
        .iter()
        .map(|candidate| candidate.name.chars().count())
        .max()
        .unwrap_or_default();
    for (number, candidate) in (1..).zip(&plan.candidates) {
        let why = match &candidate.origin {
            Origin::Rooted => "it ends with a dot: nothing is appended".to_owned(),
            Origin::AsIsFirst => "as it is: it has enough dots".to_owned(),
            Origin::Search { index, .. } => format!("search domain {}", index + 1),
            Origin::AsIsLast => "as it is".to_owned(),
        };
        let broken = match candidate.broken {
            Some(_) => " (no valid name)",
            None => "",
        };
        let _ = writeln!(
            out,
            "  {number}. {:<width$}  {}  {why}{broken}",
            plain(&candidate.name),
            types.join("+"),
        );
    }
}

fn seconds(milliseconds: u64) -> String {
    let (whole, rest) = (milliseconds / 1000, milliseconds % 1000);
    if rest == 0 {
        format!("{whole} s")
    } else {
        format!("{whole}.{} s", format!("{rest:03}").trim_end_matches('0'))
    }
}
