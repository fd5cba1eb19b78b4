//! What dig shows and what the probe records, in the same words.

use std::path::Path;
use std::process::{Command, Stdio};

use digpod_probe::{
    NameClass, Outcome, Plan, ProbeOutput, Question as Ask, Record, ServerRole, Target, Transport,
    parse_output,
};

use crate::questions::Question;
use crate::servers::Server;

/// How a question travels.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    pub(crate) name: &'static str,
    transport: Transport,
    payload: Option<u16>,
    /// The same in dig's words.
    dig: [&'static str; 2],
}

/// All ways that the probe has.
pub(crate) const WAYS: [Way; 4] = [
    way("UDP", Transport::Udp, None, ["+notcp", "+bufsize=1232"]),
    way(
        "UDP without EDNS",
        Transport::Udp,
        Some(0),
        ["+notcp", "+noedns"],
    ),
    way(
        "UDP with 4096",
        Transport::Udp,
        Some(4096),
        ["+notcp", "+bufsize=4096"],
    ),
    way("TCP", Transport::Tcp, None, ["+tcp", "+bufsize=1232"]),
];

const fn way(
    name: &'static str,
    transport: Transport,
    payload: Option<u16>,
    dig: [&'static str; 2],
) -> Way {
    Way {
        name,
        transport,
        payload,
        dig,
    }
}

/// An answer as one of them shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) rcode: String,
    pub(crate) flags: Vec<String>,
    pub(crate) again_over_tcp: bool,
    pub(crate) answers: Vec<Answer>,
}

/// A record of the answer section.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Answer {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) data: String,
    pub(crate) ttl: u32,
}

/// What dig shows for each question; why not, where it got no answer.
pub(crate) fn dig(
    programs: &Path,
    server: &Server,
    way: Way,
    questions: &[&Question],
) -> Vec<Result<Seen, String>> {
    let lines = questions.iter().map(|question| {
        let unknown = if question.is_generic() {
            "+unknownformat"
        } else {
            "+nounknownformat"
        };
        format!(
            "@127.0.0.1 -p {} {unknown} -t {} -q {}\n",
            server.port, question.kind, question.name
        )
    });
    let batch: String = lines.collect();
    let file = std::env::temp_dir().join(format!(
        "digpod-dig-{}-{}-{}",
        std::process::id(),
        server.port,
        way.name.replace(' ', "-")
    ));
    std::fs::write(&file, batch).unwrap();
    let output = Command::new(programs.join("dig"))
        // The same message as the probe's: no cookie, no AD.
        .args(["-r", "+nocookie", "+noadflag"])
        .args(way.dig)
        .args([
            "+noidnin",
            "+noidnout",
            "+nosplit",
            "+noauthority",
            "+noadditional",
        ])
        .args(["+tries=1", "+time=5", "-f"])
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    std::fs::remove_file(&file).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let shown: Vec<&str> = text.split("\n; <<>> DiG ").collect();
    assert_eq!(shown.len(), questions.len() + 1, "dig says:\n{text}");
    let pairs = shown.windows(2).zip(questions);
    pairs
        .map(|(shown, question)| {
            // It says that an answer was truncated before it begins to show the next one.
            let again_over_tcp = shown[0].contains("Truncated, retrying in TCP mode");
            let shown = shown[1];
            let first = shown.lines().next().unwrap_or_default();
            let end = format!(" -t {} -q {}", question.kind, question.name);
            assert!(first.ends_with(&end), "dig says {first}, not {end}");
            read(shown, again_over_tcp)
        })
        .collect()
}

fn read(text: &str, again_over_tcp: bool) -> Result<Seen, String> {
    let wrong = || format!("dig says:\n{text}");
    let after = |start: &str| {
        let mut lines = text.lines();
        lines
            .find_map(|line| line.strip_prefix(start))
            .ok_or_else(wrong)
    };
    let (_, status) = after(";; ->>HEADER<<- ")?
        .split_once("status: ")
        .ok_or_else(wrong)?;
    let (rcode, _) = status.split_once(',').ok_or_else(wrong)?;
    let (flags, counts) = after(";; flags: ")?.split_once(';').ok_or_else(wrong)?;
    let lines = text
        .lines()
        .skip_while(|line| *line != ";; ANSWER SECTION:");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    let answers: Option<Vec<Answer>> = lines.map(answer).collect();
    let answers = answers.ok_or_else(wrong)?;
    if !counts.contains(&format!("ANSWER: {},", answers.len())) {
        return Err(wrong());
    }
    Ok(Seen {
        rcode: rcode.to_owned(),
        flags: flags.split_whitespace().map(str::to_owned).collect(),
        again_over_tcp,
        answers,
    })
}

/// `name TTL class type data`, with blanks and tabs between.
fn answer(line: &str) -> Option<Answer> {
    let mut rest = line;
    let mut word = || {
        let (word, after) = rest.split_once([' ', '\t'])?;
        rest = after.trim_start();
        Some(word)
    };
    let (name, ttl, class, kind) = (word()?, word()?, word()?, word()?);
    matches!(class, "IN" | "CLASS1").then_some(())?;
    Some(Answer {
        name: name.to_owned(),
        kind: kind.to_owned(),
        data: rest.to_owned(),
        ttl: ttl.parse().ok()?,
    })
}

/// What the probe's binary records for each question.
pub(crate) fn probe(
    server: &Server,
    way: Way,
    questions: &[&Question],
) -> Vec<Result<Seen, String>> {
    let output = run(server, way, questions);
    assert!(output.complete, "a record is missing");
    assert_eq!(output.records.len(), questions.len());
    output.records.iter().map(recorded).collect()
}

fn run(server: &Server, way: Way, questions: &[&Question]) -> ProbeOutput {
    let asks = questions.iter().map(|question| Ask {
        target: Target::Server {
            address: format!("127.0.0.1:{}", server.port),
            role: ServerRole::Upstream,
        },
        name: question.name.clone(),
        record_type: question.probe_kind(),
        transport: way.transport,
        class: NameClass::Custom,
        tries: 1,
        interval_ms: 0,
        pair: None,
        payload: way.payload,
        checking_disabled: false,
        search: false,
    });
    let plan = Plan {
        format: 1,
        vantage: "workload".to_owned(),
        questions: asks.collect(),
        timeout_ms: 10_000,
        budget_ms: 60_000,
        // Few enough that no server's socket runs over.
        rate_per_server: 400,
        ..Plan::default()
    };
    let output = Command::new(env!("CARGO_BIN_EXE_digpod-probe"))
        .arg("--plan")
        .arg(serde_json::to_string(&plan).unwrap())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    parse_output(&String::from_utf8(output.stdout).unwrap())
}

fn recorded(record: &Record) -> Result<Seen, String> {
    let wrong = || format!("the probe says: {:?} {:?}", record.outcome, record.error);
    let rcode = record.rcode.ok_or_else(wrong)?;
    if record.error.is_some() {
        return Err(wrong());
    }
    let mut kinds = record.answers.iter().map(|answer| &answer.record_type);
    let relevant = kinds.any(|kind| *kind == record.record_type || record.record_type == "ANY");
    let (rcode, outcome) = match (rcode, relevant) {
        (0, true) => ("NOERROR", Outcome::Ok),
        (0, false) => ("NOERROR", Outcome::Nodata),
        (1, _) => ("FORMERR", Outcome::OtherRcode),
        (2, _) => ("SERVFAIL", Outcome::Servfail),
        (3, _) => ("NXDOMAIN", Outcome::Nxdomain),
        (4, _) => ("NOTIMP", Outcome::OtherRcode),
        (5, _) => ("REFUSED", Outcome::Refused),
        (6, _) => ("YXDOMAIN", Outcome::OtherRcode),
        _ => return Err(wrong()),
    };
    if record.outcome != outcome {
        return Err(wrong());
    }
    let answers = record.answers.iter().map(|answer| Answer {
        name: answer.name.clone(),
        kind: answer.record_type.clone(),
        data: answer.data.clone(),
        ttl: answer.ttl,
    });
    Ok(Seen {
        rcode: rcode.to_owned(),
        flags: record.flags.clone(),
        again_over_tcp: record.retried_over_tcp,
        answers: answers.collect(),
    })
}
