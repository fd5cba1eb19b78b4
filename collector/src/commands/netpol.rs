//! `digpod netpol`: what policies say of a flow.

mod ends;
mod files;
mod groups;
mod show;

use std::fmt::Write as _;

use digpod_netpol::{Endpoint, Flow, PolicySet, Protocol};

use crate::cli::{CanReach, Color, Netpol};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

use files::Files;

/// Pairs of pods that are evaluated; of more, groups say more.
const MOST_PAIRS: usize = 64;

pub(super) fn run(command: &Netpol, color: Color) -> Result<Exit, Failure> {
    match command {
        Netpol::CanReach(options) => can_reach(options, color),
    }
}

fn can_reach(options: &CanReach, color: Color) -> Result<Exit, Failure> {
    let protocols = protocols(&options.protocol)?;
    let files = Files::load(&options.files)?;
    let compiled = PolicySet::compile(
        files.policies.iter().map(|it| it.read.clone()),
        files.namespaces.iter().cloned(),
    );
    let set = files.plugins.iter().fold(compiled, PolicySet::with_plugin);
    let colored = output::colored(color);
    let to = ends::read(&options.to, &files, "TO")?;
    let mut out = String::new();
    let denied = if options.from == "all" {
        groups::show(&mut out, &set, &files, &to, &protocols, options.port)?
    } else {
        let from = ends::read(&options.from, &files, "FROM")?;
        pairs(
            &mut out,
            &Question {
                set: &set,
                files: &files,
                protocols: &protocols,
                port: options.port,
                colored,
            },
            &from,
            &to,
        )
    };
    out.push_str(&show::remarks(&set, &files, colored));
    out.push_str(&files.footer());
    output::print(&out)?;
    Ok(if denied { Exit::Findings } else { Exit::Done })
}

/// What is asked of every pair.
struct Question<'a> {
    set: &'a PolicySet,
    files: &'a Files,
    protocols: &'a [Protocol],
    port: u16,
    colored: bool,
}

/// Each pair of ends; whether one is denied.
fn pairs(out: &mut String, question: &Question<'_>, from: &[Endpoint], to: &[Endpoint]) -> bool {
    let mut denied = false;
    let pairs = from
        .iter()
        .flat_map(|from| to.iter().map(move |to| (from, to)));
    for (shown, (from, to)) in pairs.enumerate() {
        if shown == MOST_PAIRS {
            let _ = writeln!(
                out,
                "Only the first {MOST_PAIRS} pairs are shown; name one pod, or ask for `all`.\n"
            );
            break;
        }
        for protocol in question.protocols {
            let flow = Flow {
                from,
                to,
                protocol: *protocol,
                port: question.port,
            };
            let explanation = question.set.explain(&flow);
            denied |= explanation.verdict.usually_allowed() == Some(false);
            show::flow(
                out,
                question.set,
                question.files,
                &flow,
                &explanation,
                question.colored,
            );
        }
    }
    denied
}

fn protocols(named: &[String]) -> Result<Vec<Protocol>, Failure> {
    if named.is_empty() {
        return Ok(vec![Protocol::Udp, Protocol::Tcp]);
    }
    let read = |name: &String| {
        Protocol::from_api(&name.to_ascii_uppercase()).ok_or_else(|| {
            Failure::usage(format!(
                "--protocol {name:?} is no protocol of NetworkPolicies"
            ))
            .help("give UDP, TCP or SCTP")
        })
    };
    named.iter().map(read).collect()
}
