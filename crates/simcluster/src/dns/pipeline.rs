//! The small plugins that answer before `kubernetes` and `forward`: `template` and `hosts`.

use std::net::IpAddr;

use digpod_corefile::ServerBlock;
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// `template` with an `rcode` and without `match` and `answer`, whose expressions are not played.
pub(super) fn template(block: &ServerBlock, question: &Query, reply: &mut Message) -> bool {
    for directive in block.directives_named("template") {
        let property = |name: &str| directive.properties.iter().find(|p| p.name.text == name);
        if property("match").is_some() || property("answer").is_some() {
            continue;
        }
        let words: Vec<&str> = directive
            .args
            .iter()
            .map(|word| word.text.as_str())
            .collect();
        let [_, kind, zones @ ..] = words.as_slice() else {
            continue;
        };
        let kind_fits = *kind == "ANY"
            || kind
                .parse()
                .is_ok_and(|kind: RecordType| kind == question.query_type);
        let zone_fits = if zones.is_empty() {
            true
        } else {
            zones
                .iter()
                .any(|zone| name(zone).is_some_and(|zone| zone.zone_of(&question.name)))
        };
        let rcode = property("rcode")
            .and_then(|p| p.args.first())
            .map(|word| word.text.as_str());
        if !kind_fits || !zone_fits {
            continue;
        }
        reply.metadata.authoritative = true;
        reply.metadata.response_code = match rcode {
            Some("NXDOMAIN") => ResponseCode::NXDomain,
            Some("REFUSED") => ResponseCode::Refused,
            Some("SERVFAIL") => ResponseCode::ServFail,
            _ => ResponseCode::NoError,
        };
        return true;
    }
    false
}

/// `hosts` with its entries in the Corefile.
pub(super) fn hosts(block: &ServerBlock, question: &Query, reply: &mut Message) -> bool {
    let Some(directive) = block.directive("hosts") else {
        return false;
    };
    let mut known = false;
    for property in &directive.properties {
        let Ok(address) = property.name.text.parse::<IpAddr>() else {
            continue;
        };
        let names = property.args.iter().filter_map(|word| name(&word.text));
        if !names.into_iter().any(|name| name == question.name) {
            continue;
        }
        known = true;
        let data = RData::from(address);
        if data.record_type() == question.query_type || question.query_type == RecordType::ANY {
            reply.add_answer(Record::from_rdata(question.name.clone(), 3600, data));
        }
    }
    let fallthrough = directive
        .properties
        .iter()
        .any(|p| p.name.text == "fallthrough");
    if known {
        reply.metadata.authoritative = true;
    } else if !fallthrough {
        reply.metadata.response_code = ResponseCode::NXDomain;
    }
    known || !fallthrough
}

/// A name of the Corefile, absolute.
pub(super) fn name(text: &str) -> Option<Name> {
    let mut name = Name::from_ascii(text).ok()?;
    name.set_fqdn(true);
    Some(name)
}
