//! `vantage=`: a probe's records from a table, one line a question.
//!
//! Server, role, name (`typed>name` where a search list made it), type, way (`udp`, `tcp`,
//! `udp,one-socket`, `udp,edns=0`, `udp,cd`, `udp,repeated`, `udp,edns-refused`), outcomes
//! (`OK×3,TIMEOUT×1`, `OK@1500×2` after so many milliseconds), answers (`alias=gone.corp.internal.` is a CNAME). `resolv.conf: LINE; LINE` is what the probe found.

use digpod_probe::{
    Answer, NameClass, Outcome, Pair, ProbeOutput, Record, ServerRole, Target, Transport,
};

use crate::block::Block;

/// The records of a vantage as JSON.
pub(crate) fn records(vantage: &str, block: &Block) -> Result<Vec<u8>, String> {
    let mut output = ProbeOutput {
        format: 1,
        vantage: vantage.to_owned(),
        probe_version: "0.1.0".to_owned(),
        node: block.node.clone(),
        started: "2026-01-15T10:00:05Z".to_owned(),
        complete: true,
        ..ProbeOutput::default()
    };
    for line in block.text.lines().map(str::trim) {
        if let Some(conf) = line.strip_prefix("resolv.conf:") {
            let lines: Vec<&str> = conf.split(';').map(str::trim).collect();
            output.resolv_conf = format!("{}\n", lines.join("\n"));
        } else if !line.is_empty() && !line.starts_with('#') {
            question(line, &mut output.records).map_err(|why| format!("{why} in {line:?}"))?;
        }
    }
    serde_json::to_vec_pretty(&output).map_err(|error| error.to_string())
}

fn question(line: &str, records: &mut Vec<Record>) -> Result<(), String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [
        server,
        role,
        name,
        record_type,
        transport,
        outcomes,
        answers @ ..,
    ] = words.as_slice()
    else {
        return Err("fewer than six words".to_owned());
    };
    let server = if server.contains(':') {
        (*server).to_owned()
    } else {
        format!("{server}:53")
    };
    let target = target(role, &server)?;
    let way = way(transport)?;
    let (typed, name) = match name.split_once('>') {
        Some((typed, name)) => (Some(typed), name),
        None => (None, *name),
    };
    let mut try_ = 0;
    for part in outcomes.split(',') {
        let (word, tries) = part.split_once(['×', 'x']).unwrap_or((part, "1"));
        let (word, waited) = word.split_once('@').unwrap_or((word, ""));
        let outcome = outcome(word)?;
        let tries: u32 = tries
            .parse()
            .map_err(|_| format!("{tries:?} is no number"))?;
        for _ in 0..tries {
            try_ += 1;
            let n = u32::try_from(records.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            let answered = outcome.is_answer();
            records.push(Record {
                n,
                target: target.clone(),
                server: server.clone(),
                name: name.to_owned(),
                record_type: (*record_type).to_owned(),
                transport: way.transport,
                pair: way.pair,
                payload: way.payload,
                checking_disabled: way.checking_disabled,
                typed: typed.map(str::to_owned),
                class: class(name),
                try_,
                sent_us: u64::from(try_ - 1) * 1_000_000,
                latency_us: match waited.parse::<u64>() {
                    Ok(milliseconds) => milliseconds * 1000,
                    Err(_) if answered => 800,
                    Err(_) => 2_000_000,
                },
                outcome,
                rcode: rcode(outcome),
                flags: if answered { flags() } else { Vec::new() },
                answers: chain(name, record_type, outcome, answers),
                retried_over_tcp: way.repeated,
                query: String::new(),
                reply: String::new(),
                edns_refused: way.edns_refused.then_some(1),
                error: None,
            });
        }
    }
    Ok(())
}

/// How a question travels: `udp` or `tcp`, and after commas what is special about it.
#[derive(Default)]
struct Way {
    transport: Transport,
    pair: Option<Pair>,
    payload: Option<u16>,
    checking_disabled: bool,
    repeated: bool,
    edns_refused: bool,
}

fn way(words: &str) -> Result<Way, String> {
    let mut way = Way::default();
    for word in words.split(',') {
        match word.split_once('=').unwrap_or((word, "")) {
            ("udp", _) => way.transport = Transport::Udp,
            ("tcp", _) => way.transport = Transport::Tcp,
            ("one-socket", _) => way.pair = Some(Pair::OneSocket),
            ("two-sockets", _) => way.pair = Some(Pair::TwoSockets),
            // The answer came truncated and was fetched over TCP.
            ("repeated", _) => way.repeated = true,
            // FORMERR came first, and this without EDNS.
            ("edns-refused", _) => way.edns_refused = true,
            ("cd", _) => way.checking_disabled = true,
            ("edns", size) => {
                let size = size.parse().map_err(|_| format!("{size:?} is no size"))?;
                way.payload = Some(size);
            }
            (other, _) => return Err(format!("{other:?} is not udp or tcp")),
        }
    }
    Ok(way)
}

fn target(role: &str, server: &str) -> Result<Target, String> {
    let role = match role {
        "service" => ServerRole::Service,
        "coredns-pod" => ServerRole::CorednsPod,
        "node-local" => ServerRole::NodeLocal,
        "upstream" => ServerRole::Upstream,
        "platform" => ServerRole::Platform,
        "own" => return Ok(Target::OwnEach),
        "walk" => return Ok(Target::OwnWalk),
        other => return Err(format!("{other:?} is no role")),
    };
    Ok(Target::Server {
        address: server.to_owned(),
        role,
    })
}

/// What a name stands for is told from the name, as fixtures use few of them.
fn class(name: &str) -> NameClass {
    if name.ends_with("cluster.local.") {
        NameClass::Cluster
    } else if name.starts_with("nonexistent") {
        NameClass::Nonexistent
    } else if name.ends_with("example.com.") {
        NameClass::Public
    } else {
        NameClass::Custom
    }
}

fn outcome(word: &str) -> Result<Outcome, String> {
    Ok(match word {
        "OK" => Outcome::Ok,
        "NODATA" => Outcome::Nodata,
        "NXDOMAIN" => Outcome::Nxdomain,
        "SERVFAIL" => Outcome::Servfail,
        "REFUSED" => Outcome::Refused,
        "TIMEOUT" => Outcome::Timeout,
        "CONNREFUSED" => Outcome::ConnectionRefused,
        "UNREACH" => Outcome::Unreachable,
        other => return Err(format!("{other:?} is no outcome")),
    })
}

fn rcode(outcome: Outcome) -> Option<u16> {
    match outcome {
        Outcome::Ok | Outcome::Nodata => Some(0),
        Outcome::Servfail => Some(2),
        Outcome::Nxdomain => Some(3),
        Outcome::Refused => Some(5),
        _ => None,
    }
}

fn flags() -> Vec<String> {
    ["qr", "rd", "ra"].map(str::to_owned).to_vec()
}

/// Aliases come with any outcome, each of the one before; addresses with the good one alone.
fn chain(name: &str, record_type: &str, outcome: Outcome, answers: &[&str]) -> Vec<Answer> {
    let mut owner = name;
    let mut chain = Vec::new();
    for data in answers {
        let alias = data.strip_prefix("alias=");
        if alias.is_none() && outcome != Outcome::Ok {
            continue;
        }
        chain.push(Answer {
            name: owner.to_owned(),
            record_type: alias.map_or(record_type, |_| "CNAME").to_owned(),
            ttl: 300,
            data: alias.unwrap_or(data).to_owned(),
        });
        owner = alias.unwrap_or(owner);
    }
    chain
}
