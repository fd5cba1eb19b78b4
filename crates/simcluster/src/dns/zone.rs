//! Zones: records, wildcards, and what does not exist.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context, Result, bail};
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, PTR, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::scenario::{Otherwise, ServerKind, ServerSettings};

/// One zone's records.
#[derive(Clone, Debug)]
struct Zone {
    apex: Name,
    authority: bool,
    records: Vec<Record>,
}

/// The zones of one server.
#[derive(Clone, Debug)]
pub(super) struct Zones {
    all: Vec<Zone>,
    recursive: bool,
    otherwise: Otherwise,
}

impl Zones {
    /// The zones that a server's settings name; [`check`] has seen that they can be read.
    pub(super) fn new(server: &ServerSettings, texts: &BTreeMap<String, Vec<String>>) -> Self {
        let zone = |name: &String, authority| {
            let apex = Name::from_ascii(name)
                .ok()?
                .append_domain(&Name::root())
                .ok()?;
            let records = texts.get(name)?;
            let records = records
                .iter()
                .filter_map(|text| record(text, &apex).ok())
                .collect();
            Some(Zone {
                apex,
                authority,
                records,
            })
        };
        let own = server.zones.iter().filter_map(|name| zone(name, true));
        let other = server.resolves.iter().filter_map(|name| zone(name, false));
        let mut zones: Vec<Zone> = own.chain(other).collect();
        zones.sort_by_key(|zone| std::cmp::Reverse(zone.apex.num_labels()));
        let recursive = server.kind == ServerKind::ForwardLike || !server.resolves.is_empty();
        let usual = match server.kind {
            ServerKind::Authoritative => Otherwise::Refused,
            ServerKind::ForwardLike | ServerKind::Silent => Otherwise::Nxdomain,
        };
        Self {
            all: zones,
            recursive,
            otherwise: server.otherwise.unwrap_or(usual),
        }
    }

    /// Answers a question.
    pub(super) fn answer(&self, question: &Query, reply: &mut Message) {
        reply.metadata.recursion_available = self.recursive;
        let Some(zone) = self
            .all
            .iter()
            .find(|zone| zone.apex.zone_of(&question.name))
        else {
            reply.metadata.response_code = match self.otherwise {
                Otherwise::Refused => ResponseCode::Refused,
                Otherwise::Servfail => ResponseCode::ServFail,
                Otherwise::Nxdomain => {
                    reply.add_authority(soa(&Name::root()));
                    ResponseCode::NXDomain
                }
            };
            return;
        };
        reply.metadata.authoritative = zone.authority;
        let mut name = question.name.clone();
        // An alias of an alias of an alias is as far as anybody goes.
        for _ in 0..8 {
            let found = zone.at(&name);
            let Some(found) = found else {
                reply.metadata.response_code = ResponseCode::NXDomain;
                break;
            };
            let wanted = found.iter().filter(|r| {
                question.query_type == RecordType::ANY || r.record_type() == question.query_type
            });
            let before = reply.answers.len();
            reply.add_answers(wanted.cloned());
            let alias = found.iter().find_map(|r| match &r.data {
                RData::CNAME(CNAME(to)) => Some((r.clone(), to.clone())),
                _ => None,
            });
            if reply.answers.len() > before {
                return;
            }
            let Some((record, to)) = alias else { break };
            reply.add_answer(record);
            if !zone.apex.zone_of(&to) {
                return;
            }
            name = to;
        }
        reply.add_authority(soa(&zone.apex));
    }
}

impl Zone {
    /// Records of a name, those of the nearest wildcard put under it; `None` if it does not exist.
    fn at(&self, name: &Name) -> Option<Vec<Record>> {
        let exact: Vec<Record> = self
            .records
            .iter()
            .filter(|r| r.name == *name)
            .cloned()
            .collect();
        let exists = *name == self.apex || self.records.iter().any(|r| name.zone_of(&r.name));
        if !exact.is_empty() || exists {
            return Some(exact);
        }
        let mut parent = name.base_name();
        while self.apex.zone_of(&parent) {
            let wildcard = parent.prepend_label("*").ok()?;
            let wild: Vec<Record> = self
                .records
                .iter()
                .filter(|r| r.name == wildcard)
                .cloned()
                .collect();
            if !wild.is_empty() {
                let named = |mut record: Record| {
                    record.name = name.clone();
                    record
                };
                return Some(wild.into_iter().map(named).collect());
            }
            if parent == self.apex || self.records.iter().any(|r| r.name == parent) {
                return None;
            }
            parent = parent.base_name();
        }
        None
    }
}

/// Says what is wrong with a zone of the settings.
pub(crate) fn check(name: &str, records: &[String]) -> Result<()> {
    let apex = Name::from_ascii(name)?.append_domain(&Name::root())?;
    for text in records {
        record(text, &apex).with_context(|| format!("zone {name}: {text:?}"))?;
    }
    Ok(())
}

/// Reads `NAME TTL TYPE DATA`; `@` is the zone, names without a final dot are below it.
fn record(text: &str, apex: &Name) -> Result<Record> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [name, ttl, kind, data] = words.as_slice() else {
        bail!("want NAME TTL TYPE DATA")
    };
    let within = |name: &str| -> Result<Name> {
        Ok(match name {
            "@" => apex.clone(),
            _ if name.ends_with('.') => Name::from_ascii(name)?,
            _ => Name::from_ascii(name)?.append_domain(apex)?,
        })
    };
    let data = match *kind {
        "A" => RData::A(A::from_str(data)?),
        "AAAA" => RData::AAAA(AAAA::from_str(data)?),
        "CNAME" => RData::CNAME(CNAME(within(data)?)),
        "PTR" => RData::PTR(PTR(within(data)?)),
        _ => bail!("record type {kind} is not known here"),
    };
    Ok(Record::from_rdata(within(name)?, ttl.parse()?, data))
}

/// The SOA that says for how long something does not exist.
fn soa(apex: &Name) -> Record {
    let below = |label: &str| apex.prepend_label(label).unwrap_or_else(|_| apex.clone());
    let data = SOA::new(
        below("ns"),
        below("hostmaster"),
        2_026_010_101,
        7200,
        900,
        86400,
        60,
    );
    Record::from_rdata(apex.clone(), 60, RData::SOA(data))
}
