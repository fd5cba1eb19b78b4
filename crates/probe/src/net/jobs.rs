//! What a plan's questions come to: one job a server, name and type.

use std::net::{IpAddr, SocketAddr};

use super::message::Asked;
use super::run::not_possible;
use crate::plan::{MAX_CANDIDATES, Pair, Plan, Question, Target, Transport};
use crate::record::Record;
use crate::resolv::{candidates, nameservers};

/// How many nameservers of a resolv.conf glibc and musl look at.
const RESOLVER_SERVERS: usize = 3;

/// The jobs of a question; where it cannot be asked, the record that says so.
pub(super) fn jobs(
    question: &Question,
    plan: &Plan,
    resolv_conf: &str,
) -> Vec<Result<Job, Box<Record>>> {
    if !question.search {
        return jobs_of_one(question, None, plan, resolv_conf);
    }
    let mut names = candidates(resolv_conf, &question.name);
    // The name alone, the last of them, is always asked.
    let room = MAX_CANDIDATES as usize - 1;
    if names.len() > room {
        names.drain(room..names.len() - 1);
    }
    let mut jobs = Vec::new();
    for name in names {
        for record_type in [question.record_type.as_str(), "AAAA"] {
            let candidate = Question {
                name: name.clone(),
                record_type: record_type.to_owned(),
                pair: None,
                search: false,
                ..question.clone()
            };
            jobs.extend(jobs_of_one(
                &candidate,
                Some(&question.name),
                plan,
                resolv_conf,
            ));
        }
    }
    jobs
}

fn jobs_of_one(
    question: &Question,
    typed: Option<&String>,
    plan: &Plan,
    resolv_conf: &str,
) -> Vec<Result<Job, Box<Record>>> {
    let prepared = || -> Result<_, String> {
        let twin = question.pair.map(|pair| {
            let aaaa = Question {
                record_type: "AAAA".to_owned(),
                ..question.clone()
            };
            Ok::<_, String>((pair, Asked::new(&aaaa)?))
        });
        Ok((Asked::new(question)?, twin.transpose()?))
    };
    let job = |server: String, address: Result<SocketAddr, String>, others: Vec<SocketAddr>| {
        let asked = address.and_then(|first| Ok((first, prepared()?)));
        match asked {
            Ok((first, (asked, twin))) => Ok(Job {
                question: question.clone(),
                typed: typed.cloned(),
                asked,
                twin,
                first,
                others,
            }),
            Err(error) => Err(Box::new(not_possible(question, typed, server, error))),
        }
    };
    if let Target::Server { address, .. } = &question.target {
        let parsed = address
            .parse()
            .map_err(|_| format!("{address:?} is no address:port"));
        return vec![job(address.clone(), parsed, Vec::new())];
    }
    let own: Vec<(String, Result<SocketAddr, String>)> = nameservers(resolv_conf)
        .into_iter()
        .map(|text| match text.parse::<IpAddr>() {
            Ok(address) => {
                let address = SocketAddr::new(address, 53);
                (address.to_string(), Ok(address))
            }
            Err(_) => (
                text.to_owned(),
                Err(format!(
                    "resolv.conf names {text:?}, which is no IP address"
                )),
            ),
        })
        .collect();
    let nobody = || {
        let error = Err("resolv.conf names no server".to_owned());
        vec![job(String::new(), error, Vec::new())]
    };
    match question.target {
        _ if own.is_empty() => nobody(),
        Target::OwnWalk => {
            // Like a resolver, which passes over what is no address.
            let list: Vec<SocketAddr> = own
                .into_iter()
                .filter_map(|(_, address)| address.ok())
                .take(RESOLVER_SERVERS)
                .collect();
            match list.split_first() {
                Some((first, rest)) => vec![job(first.to_string(), Ok(*first), rest.to_vec())],
                None => nobody(),
            }
        }
        _ => own
            .into_iter()
            .filter(|(_, address)| {
                typed.is_some() || !address.as_ref().is_ok_and(|it| asked(plan, question, *it))
            })
            .map(|(text, address)| job(text, address, Vec::new()))
            .collect(),
    }
}

/// Whether the plan asks a server the same by its address.
fn asked(plan: &Plan, question: &Question, address: SocketAddr) -> bool {
    plan.questions.iter().any(|other| {
        let same = matches!(&other.target, Target::Server { address: it, .. }
            if it.parse() == Ok(address));
        same && other.name == question.name
            && other.record_type == question.record_type
            && other.transport == question.transport
            && other.checking_disabled == question.checking_disabled
            && (other.pair, other.payload, other.search)
                == (question.pair, question.payload, question.search)
    })
}

/// One question to one server, or to a list that is walked.
pub(super) struct Job {
    pub(super) question: Question,
    /// What was typed, where the question's name was made of it.
    pub(super) typed: Option<String>,
    pub(super) asked: Asked,
    /// The question that leaves in the same moment.
    pub(super) twin: Option<(Pair, Asked)>,
    pub(super) first: SocketAddr,
    /// The servers that a walk goes on to.
    pub(super) others: Vec<SocketAddr>,
}

impl Job {
    /// Messages of one try to one server.
    pub(super) const fn messages(&self) -> u32 {
        match (&self.twin, self.question.transport) {
            (Some(_), Transport::Udp) => 2,
            _ => 1,
        }
    }
}
