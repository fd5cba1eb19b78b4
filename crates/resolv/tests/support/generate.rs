//! Draws files, names and answers.

use std::collections::BTreeMap;
use std::net::IpAddr;

use digpod_resolv::{Family, Message, Rcode, RecordType, Reply, Transport, plan};

use super::case::{Case, Key, Program, has_server};
use super::random::Random;

const SERVERS: [&str; 15] = [
    "127.0.0.11",
    "127.0.0.11",
    "127.0.0.11",
    "127.0.0.12",
    "127.0.0.12",
    "127.0.0.13",
    "127.0.0.13",
    "127.0.0.21",
    "127.0.0.22",
    "127.0.0.91",
    "127.0.0.92",
    "::1",
    "::1",
    "127.0.12",
    "0x7f.0.0.13",
];
const ODD_SERVERS: [&str; 6] = [
    "",
    "not-an-address",
    "127.0.0.256",
    "127.0.0.11:53",
    "fd00::zz",
    "127.0.0.011",
];
const DOMAINS: [&str; 12] = [
    "shop.svc.cluster.local",
    "svc.cluster.local",
    "cluster.local",
    "corp.example",
    "corp.example",
    "a.example",
    "b.example.",
    "example",
    "internal.cloud.example",
    "under_score.example",
    "Mixed.Example",
    "local",
];
const ODD_DOMAINS: [&str; 7] = [
    ".",
    ".c.example",
    "#",
    "x..y",
    "-dash.example",
    "onion",
    "#comment",
];
const NAMES: [&str; 18] = [
    "web",
    "web",
    "web.shop",
    "web.shop",
    "web.shop.svc",
    "web.shop.svc.cluster.local",
    "bank.example",
    "www.bank.example",
    "a.b.c.d.e.example",
    "web.shop.svc.cluster.local.",
    "bank.example.",
    "web.",
    "under_score",
    "_ldap._tcp.corp",
    "x1",
    "a-b.c-d",
    "Web.Shop",
    "1password.example",
];
const ODD_NAMES: [&str; 13] = [
    "-dash",
    "dash-",
    "a..b",
    ".",
    "..",
    "127.0.0.1",
    "10.1",
    "::1",
    "1.2.3.4.5",
    "hidden.onion",
    "hidden.onion.",
    "sp ace",
    "star*.example",
];

/// A case; it may wait too long.
pub(crate) fn case(program: Program, random: &mut Random) -> Case {
    // Half of the cases have servers that keep silent, and then short timeouts.
    let quiet = random.chance(45);
    let conf = conf(random, quiet);
    let name = name(random);
    let family = match random.below(20) {
        0 => Family::V4,
        1 => Family::V6,
        _ => Family::Any,
    };
    // An address of the other family has codes of its own, which are no business of DNS.
    let is_number = name.parse::<IpAddr>().is_ok() || name == "10.1";
    let mut case = Case {
        program,
        conf,
        hostname: ["host", "host.node.example", "host."][[0, 0, 1, 1, 1, 2][random.below(6)]]
            .into(),
        name,
        family: if is_number { Family::Any } else { family },
        res_options: random.chance(4).then(|| {
            (*random.pick(&["ndots:3 attempts:1", "timeout:1", "rotate  ndots:1"])).into()
        }),
        localdomain: random.chance(4).then(|| {
            (*random.pick(&[
                "env.example",
                " b.example\tc.example ",
                "a.example\nb.example",
            ]))
            .into()
        }),
        answers: BTreeMap::new(),
    };
    answers(&mut case, random, quiet);
    case
}

fn conf(random: &mut Random, quiet: bool) -> String {
    let mut lines = Vec::new();
    server_lines(random, &mut lines);
    search_lines(random, &mut lines);
    option_lines(random, quiet, &mut lines);
    for odd in [
        "# comment",
        "; comment",
        "",
        "sortlist 192.0.2.0/255.255.255.0 10.0.0.0",
        "sortlist x/8",
        "lookup file bind",
        "family inet4",
    ] {
        if random.chance(4) {
            lines.push(odd.into());
        }
    }
    if random.chance(1) {
        lines.push(format!("# {}", "long ".repeat(60)));
    }
    // Any order of lines, sometimes.
    if random.chance(40) {
        for index in (1..lines.len()).rev() {
            lines.swap(index, random.below(index + 1));
        }
    }
    let newline = if random.chance(2) { "\r\n" } else { "\n" };
    let mut text = lines.join(newline);
    if random.chance(90) {
        text.push_str(newline);
    }
    text
}

fn server_lines(random: &mut Random, lines: &mut Vec<String>) {
    let servers = [0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4][random.below(11)];
    for _ in 0..servers {
        let server = if random.chance(4) {
            random.pick(&ODD_SERVERS)
        } else {
            random.pick(&SERVERS)
        };
        let blank = random.pick(&[" ", " ", " ", "\t", "  "]);
        let tail = random.pick(&["", "", "", "", "", " ", " # main", "\t"]);
        let indent = if random.chance(2) { " " } else { "" };
        lines.push(format!("{indent}nameserver{blank}{server}{tail}"));
    }
}

fn search_lines(random: &mut Random, lines: &mut Vec<String>) {
    for _ in 0..[0, 1, 1, 1, 1, 1, 2][random.below(7)] {
        let count = [0, 1, 1, 2, 2, 3, 3, 4, 5, 7][random.below(10)];
        let domains: Vec<String> = (0..count)
            .map(|_| match random.below(40) {
                0 | 1 => (*random.pick(&ODD_DOMAINS)).to_owned(),
                2 if random.chance(20) => "l".repeat(64) + ".example",
                3 if random.chance(20) => vec!["label"; 41].join("."),
                _ => (*random.pick(&DOMAINS)).to_owned(),
            })
            .collect();
        let keyword = if random.chance(12) {
            "domain"
        } else {
            "search"
        };
        let blank = random.pick(&[" ", " ", " ", "\t", "  "]);
        let tail = random.pick(&["", "", "", "", " ", " # list"]);
        lines.push(format!("{keyword}{blank}{}{tail}", domains.join(blank)));
    }
}

fn option_lines(random: &mut Random, quiet: bool, lines: &mut Vec<String>) {
    let mut options: Vec<String> = Vec::new();
    if random.chance(65) {
        let ndots = random.pick(&["0", "1", "2", "2", "3", "5", "5", "5", "15", "16"]);
        options.push(format!("ndots:{ndots}"));
    }
    if quiet || random.chance(10) {
        options.push("timeout:1".into());
        options.push(format!(
            "attempts:{}",
            random.pick(&["1", "1", "2", "2", "4"])
        ));
    } else if random.chance(15) {
        // Not 9: musl would begin a tenth round 5 ms before its time is up, if the timers are exact.
        let attempts = random.pick(&["1", "2", "5", "10"]);
        options.push(format!("attempts:{attempts}"));
    }
    for (option, percent) in [
        ("rotate", 12),
        ("single-request", 10),
        ("single-request-reopen", 8),
        ("use-vc", 6),
        ("edns0", 8),
        ("no-aaaa", 4),
        ("trust-ad", 3),
        ("no-tld-query", 6),
        ("no-reload", 2),
        ("debug", 2),
        ("ndots:", 1),
        ("ndots:x", 1),
        ("ndots:-1", 1),
        ("ndots:3x", 1),
        ("attempts:0", 1),
        ("rotate-all", 1),
        ("-rotate", 2),
        ("-single-request", 1),
        ("strict-error", 6),
    ] {
        if random.chance(percent) {
            options.push(option.into());
        }
    }
    if random.chance(30) {
        options.reverse();
    }
    while !options.is_empty() {
        let take = if random.chance(80) { options.len() } else { 1 };
        let line: Vec<String> = options.drain(..take).collect();
        lines.push(format!("options {}", line.join(" ")));
    }
}

fn name(random: &mut Random) -> String {
    match random.below(100) {
        0..=7 => (*random.pick(&ODD_NAMES)).to_owned(),
        8 => "l".repeat(64),
        9 => "l".repeat(63) + ".example",
        10 => vec!["label"; 38].join("."),
        11 => vec!["label"; 41].join("."),
        12 => vec!["abcdefg"; 31].join(".") + ".abcde",
        _ => (*random.pick(&NAMES)).to_owned(),
    }
}

/// Draws what each server says to each question that may come.
fn answers(case: &mut Case, random: &mut Random, quiet: bool) {
    let settings = case.settings();
    let plan = plan(&settings, &case.name, case.family);
    // Where the name exists, if anywhere, and how ill the servers are.
    let found = random.below(plan.candidates.len() + 2);
    let trouble = if quiet {
        [15, 25, 40, 70][random.below(4)]
    } else {
        [0, 0, 15, 15, 30, 60][random.below(6)]
    };
    let agree = random.chance(60);
    for (index, candidate) in plan.candidates.iter().enumerate() {
        let mut first: BTreeMap<(RecordType, bool), Vec<Reply>> = BTreeMap::new();
        for (position, server) in settings.servers.iter().enumerate() {
            for record_type in [RecordType::A, RecordType::Aaaa] {
                for transport in [Transport::Udp, Transport::Tcp] {
                    if !has_server(server.address, transport) {
                        continue;
                    }
                    let tcp = transport == Transport::Tcp;
                    let key: Key = (
                        server.address,
                        candidate.name.clone(),
                        record_type,
                        transport,
                    );
                    let count = if random.chance(20) { 2 } else { 1 };
                    let mut drawn: Vec<Reply> = (0..count)
                        .map(|_| {
                            let exists = index == found;
                            reply(random, record_type, exists, trouble, quiet && !tcp, tcp)
                        })
                        .collect();
                    if agree {
                        drawn.clone_from(first.entry((record_type, tcp)).or_insert(drawn.clone()));
                    }
                    // Replies of several servers come one after the other, so that one is first.
                    let base = match case.program {
                        // A second reply of the second server still comes before the third server's.
                        Program::Musl => [0, 41, 97][position],
                        Program::Glibc | Program::Go => match random.below(24) {
                            0 => 35,
                            1 => 70,
                            _ => 0,
                        },
                    };
                    let apart = if base > 0
                        && record_type == RecordType::Aaaa
                        && case.program != Program::Musl
                    {
                        15
                    } else {
                        0
                    };
                    let drawn = drawn.into_iter().map(|it| it.after(base + apart)).collect();
                    // A server that stands in the file twice says the same.
                    case.answers.entry(key).or_insert(drawn);
                }
            }
        }
    }
}

fn reply(
    random: &mut Random,
    record_type: RecordType,
    exists: bool,
    trouble: usize,
    quiet: bool,
    tcp: bool,
) -> Reply {
    if random.chance(trouble) {
        return ill(random, record_type, quiet, tcp);
    }
    if !exists {
        return match random.below(12) {
            0 => Reply::no_data(),
            1 => Reply::Message(Message {
                authoritative: true,
                additional: random.chance(50),
                ..Message::new(Rcode::NxDomain)
            }),
            _ => Reply::nx_domain(),
        };
    }
    match random.below(12) {
        0 | 1 => Reply::no_data(),
        2 => Reply::Message(Message {
            alias: true,
            ..good(random, record_type)
        }),
        _ => Reply::Message(good(random, record_type)),
    }
}

fn good(random: &mut Random, record_type: RecordType) -> Message {
    let count = random.below(3) + 1;
    let addresses = (0..count)
        .map(|_| {
            let host = random.below(200) + 1;
            match record_type {
                RecordType::A => format!("192.0.2.{host}"),
                RecordType::Aaaa => format!("2001:db8::{host:x}"),
            }
            .parse()
            .unwrap()
        })
        .collect();
    Message {
        addresses,
        authoritative: random.chance(30),
        additional: random.chance(30),
        ..Message::new(Rcode::NoError)
    }
}

fn ill(random: &mut Random, record_type: RecordType, quiet: bool, tcp: bool) -> Reply {
    let rcode = |rcode| Reply::Message(Message::new(rcode));
    match random.below(20) {
        0..=1 | 14..=17 if quiet => Reply::Silence,
        4 | 5 => rcode(Rcode::Refused),
        6 => rcode(Rcode::NotImp),
        7 => rcode(Rcode::FormErr),
        8 => rcode(Rcode::Other(9)),
        // A referral, and two replies that look like one but are none.
        9 | 10 => Reply::Message(Message {
            recursion_available: false,
            authoritative: random.chance(20),
            additional: random.chance(20),
            ..Message::new(Rcode::NoError)
        }),
        11 | 12 if !tcp => Reply::Message(Message {
            truncated: true,
            ..if random.chance(50) {
                good(random, record_type)
            } else {
                Message::new(Rcode::NoError)
            }
        }),
        13 => Reply::Message(Message {
            alias: true,
            ..Message::new(Rcode::NoError)
        }),
        18 if quiet => Reply::Stray(good(random, record_type)),
        19 if quiet => Reply::Stray(Message::new(Rcode::ServFail)),
        _ => rcode(Rcode::ServFail),
    }
}
