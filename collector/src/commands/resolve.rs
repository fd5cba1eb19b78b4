//! `digpod resolve`: the questions that a resolver asks for a name, and how it ends.

mod given;
mod remarks;

use std::fmt::Write as _;

use digpod_resolv::{
    Environment, Implementation, Origin, Plan, Settings, plan, read_as, simulate, worst_case_wait,
};

use super::input;
use crate::cli::{Color, Family, Resolve};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output;

use given::Given;
use remarks::Remarks;

pub(super) fn run(options: &Resolve, color: Color) -> Result<Exit, Failure> {
    let mut given = Given::parse(&options.given)?;
    let resolvers = resolvers(&options.libc)?;
    let (shown, bytes) = if options.resolv_conf.as_os_str() == "-" {
        ("standard input".to_owned(), input::standard_input()?)
    } else {
        let shown = options.resolv_conf.display().to_string();
        (shown, input::file(&options.resolv_conf)?)
    };
    if bytes.contains(&0) {
        return Err(
            Failure::new(format!("{shown} is no text: it has NUL bytes"))
                .help("name a resolv.conf with --resolv-conf"),
        );
    }
    let text = String::from_utf8_lossy(&bytes);
    let environment = Environment {
        hostname: options.hostname.as_deref(),
        ..Environment::default()
    };
    let mut out = String::new();
    let mut notes = String::new();
    let mut remarks = Remarks::on(&text);
    for resolver in resolvers {
        let settings = read_as(&text, resolver, &environment);
        remarks.add(&settings);
        let plan = plan(&settings, &options.name, family(options.family));
        if let Some(given) = &mut given {
            given.meets(&settings, &plan);
        }
        part(&mut out, &settings, &plan, options, given.as_ref());
        let newest = resolver.newest_known();
        if resolver > newest {
            let _ = writeln!(
                notes,
                "note: {resolver} is newer than what digpod knows: the rules of {newest} are applied\n"
            );
        }
    }
    if is_localhost(&options.name) {
        notes.push_str(
            "note: /etc/hosts comes before any server, and names localhost nearly everywhere\n\n",
        );
    }
    if let Some(given) = &given {
        given.warn_of_unused();
    }
    let remarked = remarks.draw(&shown, &text, output::colored(color));
    output::print(&format!("{remarked}{notes}{out}"))?;
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

fn family(family: Family) -> digpod_resolv::Family {
    match family {
        Family::Any => digpod_resolv::Family::Any,
        Family::Ipv4 => digpod_resolv::Family::V4,
        Family::Ipv6 => digpod_resolv::Family::V6,
    }
}

/// `localhost`, and names under it (RFC 6761).
fn is_localhost(name: &str) -> bool {
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    lower == "localhost" || lower.ends_with(".localhost")
}

fn part(
    out: &mut String,
    settings: &Settings,
    plan: &Plan,
    options: &Resolve,
    given: Option<&Given>,
) {
    let family = family(options.family);
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
        names(out, plan);
        longest_wait(out, settings, plan, family);
    }
    out.push('\n');
}

fn longest_wait(out: &mut String, settings: &Settings, plan: &Plan, family: digpod_resolv::Family) {
    let wait = worst_case_wait(settings, &plan.name, family);
    let _ = match (wait.for_ever, plan.unasked) {
        (true, Some(_)) => writeln!(out, "  Longest wait: for ever."),
        (true, None) => writeln!(out, "  Longest wait: for ever when no server replies."),
        // Without a question there is no wait.
        (false, Some(_)) => Ok(()),
        (false, None) => writeln!(
            out,
            "  Longest wait: {} when no server replies, {} when each reply comes at the last moment and only leads on.",
            seconds(wait.silent_ms),
            seconds(wait.longest_ms)
        ),
    };
}

/// Most characters of a name that are shown; no name that can be asked for is longer.
const LONGEST_NAME: usize = 255;
/// Widest column of names.
const WIDEST: usize = 100;

fn names(out: &mut String, plan: &Plan) {
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
        .unwrap_or_default()
        .min(WIDEST);
    for (number, candidate) in (1..).zip(&plan.candidates) {
        let why = match &candidate.origin {
            Origin::Rooted => "it ends with a dot: nothing is appended".to_owned(),
            Origin::AsIsFirst => "as it is: it has enough dots".to_owned(),
            Origin::Search { index, .. } => format!("search domain {}", index + 1),
            Origin::AsIsLast => "as it is".to_owned(),
        };
        let broken = match (candidate.fault(), candidate.broken) {
            (Some(fault), _) => format!("; not asked for: {fault}"),
            (None, Some(_)) => "; the question is mangled, nobody answers".to_owned(),
            (None, None) => String::new(),
        };
        let name = match candidate.name.char_indices().nth(LONGEST_NAME) {
            Some((end, _)) => format!("{}…", candidate.name.get(..end).unwrap_or_default()),
            None => candidate.name.clone(),
        };
        let _ = writeln!(
            out,
            "  {number}. {:<width$}  {}  {why}{broken}",
            plain(&name),
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
