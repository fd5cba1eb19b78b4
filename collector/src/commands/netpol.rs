//! `digpod netpol`: what policies say of a flow.

mod ends;
mod files;
mod groups;
mod services;
mod show;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use digpod_netpol::{Direction, Endpoint, Flow, PolicySet, Protocol, ServicePort, Verdict};

use crate::cli::{CanReach, Color, Netpol};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output;

use ends::To;
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
    let files = Files::load(&options.files, options.namespace.as_deref())?;
    let compiled = PolicySet::compile(
        files.policies.iter().map(|it| it.read.clone()),
        files.namespaces.iter().cloned(),
    );
    let set = files.plugins.iter().fold(compiled, PolicySet::with_plugin);
    let colored = output::colored(color);
    let to = ends::to(&options.to, &files)?;
    let question = Question {
        set: &set,
        files: &files,
        protocols: &protocols,
        port: options.port,
        colored,
    };
    let mut out = unsure(&files);
    let mut concerned = BTreeSet::new();
    let exit = if options.from == "all" {
        concerned.extend(0..set.policies().len());
        groups::show(&mut out, &question, &to)?
    } else {
        let from = ends::from(&options.from, &files)?;
        for (end, direction) in from
            .iter()
            .map(|it| (it, Direction::Egress))
            .chain(to.iter().map(|it| (&it.endpoint, Direction::Ingress)))
        {
            concerned.extend(set.isolating(end, direction));
        }
        pairs(&mut out, &question, &from, &to)?
    };
    out.push_str(&show::remarks(&set, &files, &concerned, colored));
    out.push_str(&files.footer());
    output::print(&out)?;
    // What was not read may change every verdict.
    Ok(if files.unread.is_empty() {
        exit
    } else {
        exit.and(Exit::Failed)
    })
}

/// What makes every verdict doubtful, said before them.
fn unsure(files: &Files) -> String {
    let mut out = String::new();
    for unread in &files.unread {
        let _ = writeln!(
            out,
            "warning: {}; it may deny what is said to be allowed here",
            plain(unread)
        );
    }
    for name in &files.homeless {
        let _ = writeln!(
            out,
            "warning: policy {} names no namespace and is taken for one of `default`; give its namespace with -n",
            plain(name)
        );
    }
    for (name, foreign) in &files.foreign {
        let _ = writeln!(
            out,
            "warning: {} {} is there and not evaluated: the verdicts are those of NetworkPolicies alone",
            foreign.kind,
            plain(name)
        );
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// What is asked of every pair.
struct Question<'a> {
    set: &'a PolicySet,
    files: &'a Files,
    protocols: &'a [Protocol],
    port: u16,
    colored: bool,
}

impl Question<'_> {
    /// Port that the pod itself listens on: the Service's target port where one is asked.
    fn pod_port(&self, to: &To, protocol: Protocol) -> Result<u16, Failure> {
        let Some(service) = to.service.and_then(|it| self.files.services.get(it)) else {
            return Ok(self.port);
        };
        let target = to
            .endpoint
            .pod()
            .and_then(|pod| service.target(self.port, protocol, pod));
        target.ok_or_else(|| {
            Failure::new(format!(
                "Service {} has no {protocol} port {} with a port of {} behind it",
                service.full_name(),
                self.port,
                ends::shown(&to.endpoint)
            ))
            .help("name another with --port and --protocol")
        })
    }
}

/// Each pair of ends.
fn pairs(
    out: &mut String,
    question: &Question<'_>,
    from: &[Endpoint],
    to: &[To],
) -> Result<Exit, Failure> {
    let mut exit = Exit::Done;
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
                to: &to.endpoint,
                protocol: *protocol,
                port: question.pod_port(to, *protocol)?,
            };
            let mut explanation = question.set.explain(&flow);
            let service = to.service.and_then(|it| question.files.services.get(it));
            if let Some(address) = service.and_then(services::Service::address) {
                let port = ServicePort {
                    address,
                    protocol: *protocol,
                    port: question.port,
                    backends: &[(to.endpoint.clone(), flow.port)],
                };
                // A rule for the pods is what nearly every plugin looks for; one for the Service's
                // address alone is worth a word.
                let denied = explanation.verdict.usually_allowed() == Some(false);
                if let [verdict] = question.set.service(from, &port).as_slice()
                    && denied
                {
                    explanation.verdict = *verdict;
                }
            }
            exit = exit.and(match explanation.verdict.usually_allowed() {
                Some(true) => Exit::Done,
                Some(false) => Exit::Findings,
                None => Exit::Failed,
            });
            let through = service.map(|it| (it, question.port));
            show::flow(out, question, &flow, &explanation, through);
        }
    }
    Ok(exit)
}

/// Whether a verdict says that the flow hangs on something open.
fn is_open(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Undetermined { .. })
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
