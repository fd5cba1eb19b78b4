//! Compares a prediction with what was observed, up to what concurrency leaves open.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use digpod_resolv::{
    Broken, Chance, LookupError, Outcome, RecordType, Simulation, Then, Transport,
};

use super::case::{Case, Program, has_server};

/// What the harness saw.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Observed {
    /// The program's line.
    pub(crate) output: String,
    /// How long it ran.
    pub(crate) elapsed_ms: u64,
    /// The questions in the order they came.
    pub(crate) asked: Vec<Asked>,
}

/// A question that came.
#[derive(Clone, Debug, serde::Deserialize)]
pub(crate) struct Asked {
    server: IpAddr,
    transport: String,
    port: u32,
    name: String,
    #[serde(rename = "type")]
    record_type: String,
    edns: bool,
    at_ms: u64,
}

/// A question in a form that both sides have; the last number tells sockets apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    server: IpAddr,
    transport: &'static str,
    name: String,
    record_type: &'static str,
    edns: bool,
    socket: usize,
}

/// The way that chance took; fails with the difference if none of them fits.
pub(crate) fn compare(case: &Case, observed: &Observed) -> Result<Chance, String> {
    let seen = observed_lines(observed);
    let mut first = None;
    for chance in chances(case) {
        let replay = case.replay_with(chance);
        let failed_by_tcp = replay
            .asked
            .iter()
            .any(|it| it.transport == Transport::Tcp && it.then == Then::NextServer);
        let questions = same_questions(case, failed_by_tcp, &predicted_lines(&replay), &seen);
        let result = same_result(case, &replay, &observed.output);
        match (questions, result) {
            (Ok(()), Ok(())) => return Ok(chance),
            (Err(text), _) | (_, Err(text)) => first.get_or_insert(text),
        };
    }
    let asked = observed.asked.iter().map(|asked| {
        format!(
            "\n{:>6} {} {} {} {} port {}",
            asked.at_ms, asked.record_type, asked.name, asked.server, asked.transport, asked.port
        )
    });
    let text = format!(
        "{}\nobserved {:?} after {} ms:{}",
        first.unwrap_or_default(),
        observed.output,
        observed.elapsed_ms,
        asked.collect::<String>()
    );
    Err(text)
}

/// The ways that chance can take in this case.
fn chances(case: &Case) -> Vec<Chance> {
    let settings = case.settings();
    let servers = u32::try_from(settings.servers.len()).unwrap();
    let candidates = case.replay().plan.candidates.len();
    let rotates = settings.rotate.value && servers > 1;
    match case.program {
        Program::Glibc if rotates => (0..servers)
            .map(|rotation| Chance {
                rotation,
                ..Chance::default()
            })
            .collect(),
        Program::Glibc | Program::Musl => vec![Chance::default()],
        Program::Go => {
            let turns = if rotates && !settings.single_request.value {
                1_u64 << candidates.min(10)
            } else {
                1
            };
            (0..turns)
                .flat_map(|aaaa_first| {
                    [0, u64::MAX].map(|aaaa_seen_first| Chance {
                        rotation: 0,
                        aaaa_first,
                        aaaa_seen_first,
                    })
                })
                .collect()
        }
    }
}

fn observed_lines(observed: &Observed) -> Vec<Line> {
    let mut sockets = BTreeMap::new();
    observed
        .asked
        .iter()
        .map(|asked| {
            let tcp = asked.transport == "tcp";
            let next = sockets.len();
            Line {
                server: asked.server,
                transport: if tcp { "tcp" } else { "udp" },
                name: asked.name.to_ascii_lowercase(),
                record_type: match asked.record_type.as_str() {
                    "A" => "A",
                    "AAAA" => "AAAA",
                    _ => "?",
                },
                edns: asked.edns,
                socket: *sockets.entry((tcp, asked.port)).or_insert(next),
            }
        })
        .collect()
}

/// Questions to servers that do not listen are seen by nobody.
fn predicted_lines(replay: &Simulation) -> Vec<Line> {
    let mut sockets = BTreeMap::new();
    replay
        .asked
        .iter()
        .filter(|asked| has_server(asked.address, asked.transport))
        .map(|asked| {
            let candidate = &replay.plan.candidates[asked.candidate];
            let mangled = candidate.broken == Some(Broken::Mangled);
            let next = sockets.len();
            Line {
                server: asked.address,
                transport: match asked.transport {
                    Transport::Udp => "udp",
                    Transport::Tcp => "tcp",
                },
                name: if mangled {
                    "?".into()
                } else {
                    candidate.name.to_ascii_lowercase()
                },
                record_type: match asked.record_type {
                    _ if mangled => "?",
                    RecordType::A => "A",
                    RecordType::Aaaa => "AAAA",
                },
                edns: asked.edns0 && !mangled,
                socket: *sockets.entry(asked.socket).or_insert(next),
            }
        })
        .collect()
}

/// Sockets numbered from 0 in the order they are first used.
fn renumbered(mut lines: Vec<Line>) -> Vec<Line> {
    let mut sockets = BTreeMap::new();
    for line in &mut lines {
        let next = sockets.len();
        line.socket = *sockets.entry(line.socket).or_insert(next);
    }
    lines
}

/// glibc: the same in the same order, by UDP and by TCP; the servers of both are two readers, so
/// which of them was first to write a question down is open. musl: the same in the same order at each server, since the
/// servers are asked at once; where TCP fails it does so while the other type may still be repeated
/// by UDP, how often is open. Go: the same in the same order for each type, since both are asked
/// for at once; its sockets are all new.
fn same_questions(
    case: &Case,
    failed_by_tcp: bool,
    predicted: &[Line],
    seen: &[Line],
) -> Result<(), String> {
    let differ = |what: &str, predicted: &[Line], seen: &[Line]| {
        let short = |lines: &[Line]| {
            lines
                .iter()
                .map(|it| {
                    format!(
                        "{} {} {} {} #{} {}",
                        it.record_type, it.name, it.server, it.transport, it.socket, it.edns
                    )
                })
                .collect::<Vec<_>>()
        };
        Err(format!(
            "{what}: predicted {:#?}\nseen {:#?}",
            short(predicted),
            short(seen)
        ))
    };
    match case.program {
        Program::Glibc => {
            for transport in ["udp", "tcp"] {
                let by = |lines: &[Line]| -> Vec<Line> {
                    let mut by = lines.to_vec();
                    by.retain(|it| it.transport == transport);
                    renumbered(by)
                };
                if by(predicted) != by(seen) {
                    return differ("other questions", predicted, seen);
                }
            }
            Ok(())
        }
        Program::Musl => {
            let places: BTreeSet<(IpAddr, &str)> = predicted
                .iter()
                .chain(seen)
                .map(|it| (it.server, it.transport))
                .collect();
            for place in places {
                let at = |lines: &[Line]| -> Vec<Line> {
                    let mut at = lines.to_vec();
                    at.retain(|it| (it.server, it.transport) == place);
                    if place.1 == "tcp" {
                        // Each question has its own connection.
                        for line in &mut at {
                            line.socket = 0;
                        }
                        at.sort();
                    }
                    renumbered(at)
                };
                let (predicted, seen) = (at(predicted), at(seen));
                let common = predicted.len().min(seen.len());
                let same = if failed_by_tcp && place.1 == "udp" {
                    predicted[..common] == seen[..common]
                } else {
                    predicted == seen
                };
                if !same {
                    return differ("other questions", &predicted, &seen);
                }
            }
            Ok(())
        }
        Program::Go => {
            let one_by_one = case.settings().single_request.value;
            for record_type in ["A", "AAAA"] {
                let of = |lines: &[Line]| -> Vec<Line> {
                    lines
                        .iter()
                        .filter(|it| one_by_one || it.record_type == record_type)
                        .cloned()
                        .map(|it| Line { socket: 0, ..it })
                        .collect()
                };
                if of(predicted) != of(seen) {
                    return differ("other questions", &of(predicted), &of(seen));
                }
            }
            let sockets: BTreeSet<usize> = seen.iter().map(|it| it.socket).collect();
            if sockets.len() + 1 < seen.len() {
                return Err("sockets are used twice".into());
            }
            Ok(())
        }
    }
}

fn same_result(case: &Case, replay: &Simulation, output: &str) -> Result<(), String> {
    let expected = match &replay.outcome {
        Outcome::Addresses(addresses) => {
            let addresses: BTreeSet<IpAddr> = addresses.iter().copied().collect();
            let seen: Option<BTreeSet<IpAddr>> = output
                .strip_prefix("ok")
                .map(|rest| rest.split_whitespace().flat_map(str::parse).collect());
            if seen.as_ref() == Some(&addresses) {
                return Ok(());
            }
            return Err(format!("predicted {addresses:?}, observed {output:?}"));
        }
        Outcome::Failed(error) => match error {
            LookupError::NoName => "error -2".to_owned(),
            LookupError::Again => "error -3".to_owned(),
            LookupError::Fail => "error -4".to_owned(),
            LookupError::NoData => "error -5".to_owned(),
            LookupError::NeverReturns => "never returned".to_owned(),
            LookupError::Aborts => "died: signal: aborted".to_owned(),
            LookupError::DividesByZero => "died: signal: floating point exception".to_owned(),
            LookupError::Go(error, server) => {
                if *error == digpod_resolv::GoError::NoAddress {
                    return if output.ends_with(error.text()) {
                        Ok(())
                    } else {
                        Err(format!("predicted {error:?}, observed {output:?}"))
                    };
                }
                let on = server.map_or("-".to_owned(), |server| {
                    std::net::SocketAddr::new(server, 53).to_string()
                });
                let fits =
                    output.starts_with(&format!("error {on} ")) && output.ends_with(error.text());
                return if fits {
                    Ok(())
                } else {
                    Err(format!("predicted {error:?} on {on}, observed {output:?}"))
                };
            }
        },
    };
    // A core dump is noted behind it.
    if output.starts_with(&expected) {
        Ok(())
    } else {
        Err(format!(
            "predicted {expected} ({}), observed {output:?}",
            case.program.name()
        ))
    }
}
