//! Answers that the user gives: `[SERVER/]NAME[/TYPE]=ANSWER`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::IpAddr;

use digpod_resolv::{Plan, Question, RecordType, Reply, Settings};

use crate::error::{Failure, plain};

/// What servers answer. Of several answers to a question one with a server counts before one
/// without, then one with a name before `*`, then one with a type, then the later one.
#[derive(Debug)]
pub(super) struct Given {
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Answer {
    /// As it was typed.
    text: String,
    met: Met,
    server: Option<IpAddr>,
    /// Lower case with a dot at its end; `None` for any name.
    name: Option<String>,
    record_type: Option<RecordType>,
    reply: Kind,
}

/// Which of its parts some resolver asks for.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the parts are met each for itself"
)]
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    server: bool,
    name: bool,
    record_type: bool,
    /// All of it, by one resolver.
    whole: bool,
}

#[derive(Debug)]
enum Kind {
    Addresses(Vec<IpAddr>),
    Other(Reply),
}

/// What may stand to the right.
const ANSWERS: &str = "ADDRESS[,ADDRESS…], NXDOMAIN, NODATA, SERVFAIL, REFUSED, timeout or closed";

impl Given {
    /// Reads what was typed; `None` if it is nothing.
    pub(super) fn parse(typed: &[String]) -> Result<Option<Self>, Failure> {
        let answers: Vec<Answer> = typed
            .iter()
            .map(|text| answer(text))
            .collect::<Result<_, _>>()?;
        Ok((!answers.is_empty()).then_some(Self { answers }))
    }

    /// Notes what a resolver may ask for, whether or not its walk gets so far.
    pub(super) fn meets(&mut self, settings: &Settings, plan: &Plan) {
        let names: BTreeSet<String> = plan
            .candidates
            .iter()
            .map(|candidate| candidate.name.to_ascii_lowercase())
            .collect();
        for answer in &mut self.answers {
            let server = answer
                .server
                .is_none_or(|it| settings.servers.iter().any(|server| server.address == it));
            let name = answer.name.as_ref().is_none_or(|it| names.contains(it));
            let record_type = answer.record_type.is_none_or(|it| plan.types.contains(&it));
            answer.met.server |= server;
            answer.met.name |= name;
            answer.met.record_type |= record_type;
            answer.met.whole |= server && name && record_type;
        }
    }

    /// Says on standard error which answers nobody asks for.
    pub(super) fn warn_of_unused(&self) {
        let mut stderr = std::io::stderr();
        for answer in self.answers.iter().filter(|answer| !answer.met.whole) {
            let why = match answer.met {
                Met { server: false, .. } => "no resolver asks that server",
                Met { name: false, .. } => "no resolver asks for that name",
                Met {
                    record_type: false, ..
                } => "no resolver asks for that type",
                _ => "no resolver asks that server for that",
            };
            // Where standard error is gone nobody reads the warning.
            let _ = writeln!(stderr, "warning: --given {}: {why}", plain(&answer.text));
        }
    }

    /// The reply to a question: NXDOMAIN where nothing is given.
    pub(super) fn reply(&self, question: &Question<'_>) -> Reply {
        let name = question.name.to_ascii_lowercase();
        let fits = |answer: &&Answer| {
            answer.server.is_none_or(|it| it == question.address)
                && answer.name.as_ref().is_none_or(|it| *it == name)
                && answer
                    .record_type
                    .is_none_or(|it| it == question.record_type)
        };
        // Of equal ones the last is the maximum.
        let found = self.answers.iter().filter(fits).max_by_key(|answer| {
            (
                answer.server.is_some(),
                answer.name.is_some(),
                answer.record_type.is_some(),
            )
        });
        let Some(found) = found else {
            return Reply::nx_domain();
        };
        match &found.reply {
            Kind::Other(reply) => reply.clone(),
            Kind::Addresses(all) => {
                let of_type = |it: &&IpAddr| match question.record_type {
                    RecordType::A => it.is_ipv4(),
                    RecordType::Aaaa => it.is_ipv6(),
                };
                Reply::addresses(all.iter().filter(of_type).copied())
            }
        }
    }
}

fn answer(text: &str) -> Result<Answer, Failure> {
    let wrong = |what: String| {
        Failure::usage(format!("--given {text:?}: {what}")).help(format!(
            "write [SERVER/]NAME[/TYPE]=ANSWER, where ANSWER is {ANSWERS}"
        ))
    };
    let (left, right) = text
        .split_once('=')
        .ok_or_else(|| wrong("there is no `=`".to_owned()))?;
    let mut parts: Vec<&str> = left.split('/').collect();
    let mut record_type = None;
    if parts.len() > 1
        && let Some(last) = parts.last()
    {
        record_type = match last.to_ascii_uppercase().as_str() {
            "A" => Some(RecordType::A),
            "AAAA" => Some(RecordType::Aaaa),
            _ => None,
        };
        if record_type.is_some() {
            parts.pop();
        }
    }
    let (server, name) = match parts.as_slice() {
        [name] => (None, *name),
        [server, name] => match server.parse() {
            Ok(server) => (Some(server), *name),
            Err(_) => return Err(wrong(format!("{server:?} is no address of a server"))),
        },
        _ => return Err(wrong("there are too many `/`".to_owned())),
    };
    let name = match name {
        "*" => None,
        "" => return Err(wrong("there is no name".to_owned())),
        name => Some(format!(
            "{}.",
            name.trim_end_matches('.').to_ascii_lowercase()
        )),
    };
    let reply = match right.to_ascii_lowercase().as_str() {
        "nxdomain" => Kind::Other(Reply::nx_domain()),
        "nodata" => Kind::Other(Reply::no_data()),
        "servfail" => Kind::Other(Reply::serv_fail()),
        "refused" => Kind::Other(Reply::refused()),
        "timeout" => Kind::Other(Reply::Silence),
        "closed" => Kind::Other(Reply::Closed),
        _ => Kind::Addresses(
            right
                .split(',')
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map_err(|_| wrong(format!("{right:?} is no answer")))?,
        ),
    };
    Ok(Answer {
        text: text.to_owned(),
        met: Met::default(),
        server,
        name,
        record_type,
        reply,
    })
}
