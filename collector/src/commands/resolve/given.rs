//! Answers that the user gives: `[SERVER/]NAME[/TYPE]=ANSWER`.

use std::net::IpAddr;

use digpod_resolv::{Question, RecordType, Reply};

use crate::error::Failure;

/// What servers answer; a later line counts over an earlier one.
#[derive(Debug)]
pub(super) struct Given {
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Answer {
    server: Option<IpAddr>,
    /// Lower case with a dot at its end; `None` for any name.
    name: Option<String>,
    record_type: Option<RecordType>,
    reply: Kind,
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
        let Some(found) = self.answers.iter().rev().find(fits) else {
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
        server,
        name,
        record_type,
        reply,
    })
}
