//! Compares the way of queries with what the servers of CoreDNS do: see tests/reference/corefile,
//! command `ask`.
//!
//! `DIGPOD_REFERENCE_COREFILE` names the program that is built there; without it nothing is
//! compared. `DIGPOD_REFERENCE_CASES` is the number of generated Corefiles, 2,000 by default; each
//! is asked 20 queries.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use digpod_corefile::plugin::Version;
use digpod_corefile::{Effect, End, Explanation, Query, Source, explain, parse};
use serde_json::{Value, json};

/// Numbers that are the same on every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % end
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

const KEYS: &[&str] = &[
    ".",
    ".:53",
    "example.org",
    "corp.example.org",
    "example.org example.net",
    "a.example.org:5353",
    "10.0.0.0/8",
    "dns://example.net",
    "Example.ORG",
    "10.20.0.0/15",
];
const NAMES: &[&str] = &[
    "example.org",
    "a.example.org",
    "b.example.org",
    "corp.example.org",
    "x.corp.example.org",
    "www.example.net",
    "A.Example.org",
    "example.com",
    "one.two.example.org",
    "localhost",
    "localhost.example.org",
    "4.3.2.10.in-addr.arpa",
    "1.1.21.10.in-addr.arpa",
    "version.bind",
    "deep.one.two.three.example.org",
    "aa.example.org",
    ".",
];
const LINES: &[&str] = &[
    "errors",
    "log",
    "cache 30",
    "loop",
    "minimal",
    "loadbalance",
    "header {\n response set aa\n}",
    "any",
    "chaos",
    "whoami",
    "local",
    "bufsize 512",
    "nsid x",
    "metadata",
    "cancel 1s",
    "health",
    "reload 5s",
    "forward . 10.1.0.1",
    "forward . 10.1.0.1 10.1.0.2:5353 {\n policy sequential\n}",
    "forward example.org 10.1.0.3 {\n except corp.example.org\n}",
    "forward corp.example.org 10.1.0.4\nforward example.net 10.1.0.5",
    "forward 10.0.0.0/8 10.1.0.6",
    "forward . 10.1.0.7 {\n except example.org b.example.org\n force_tcp\n}",
    "hosts /nonexistent/hosts {\n 192.0.2.1 a.example.org b.example.org\n 2001:db8::1 a.example.org\n}",
    "hosts /nonexistent/hosts {\n 192.0.2.2 www.example.net\n fallthrough\n}",
    "hosts /nonexistent/hosts corp.example.org {\n 192.0.2.3 x.corp.example.org\n fallthrough example.net\n}",
    "template IN A {\n match ^a\\.\n answer \"{{ .Name }} 60 IN A 192.0.2.4\"\n fallthrough\n}",
    "template IN A example.org {\n match ^(b|one)\\.[a-z.]+$\n answer \"{{ .Name }} 60 IN A 192.0.2.5\"\n}",
    "template ANY ANY corp.example.org {\n rcode NXDOMAIN\n}",
    "template IN ANY example.net {\n match \"^(?:[^.]+\\.){3,}net\\.$\"\n rcode REFUSED\n fallthrough example.net\n}",
    "template IN AAAA {\n rcode NOERROR\n}",
    "template IN A corp.example.org {\n match nothing\n rcode SERVFAIL\n}",
    "acl {\n block net 10.9.0.0/16\n}",
    "acl example.org {\n allow net 10.9.1.0/24\n filter type A net *\n}",
    "acl {\n drop type TXT net 192.0.2.7\n block type MX AAAA\n allow\n}",
    "acl corp.example.org example.net {\n block type ANY\n block net 2001:db8::/32 10.9.2.2\n}",
    "rewrite name a.example.org b.example.org",
    "rewrite continue name exact b.example.org www.example.net\nrewrite name suffix .example.net .example.org answer auto",
    "rewrite name regex (.*)\\.corp\\.example\\.org\\.$ {1}.example.net",
    "rewrite name substring corp intra",
    "rewrite name prefix a example",
    "rewrite stop type AAAA A",
    "rewrite continue type A AAAA\nrewrite name regex ([a-z]+)\\.([a-z]+)\\.example\\.org {2}.{1}.example.com answer auto",
    "rewrite class CH IN",
    "rewrite ttl example.org 30",
    "rewrite {\n name regex (one)\\.two\\.(.*) {2}\n}",
    "rewrite name regex ^b\\.(.*)$ .bad.{1}",
    "rewrite edns0 nsid set",
    "rewrite name suffix org org.",
    "rewrite cname exact a.example.org b.example.org",
    "rewrite rcode example.org SERVFAIL NXDOMAIN",
    "transfer example.org {\n to *\n}",
    "erratic {\n drop 0\n}",
];
const TYPES: &[&str] = &[
    "A", "A", "A", "AAAA", "PTR", "TXT", "MX", "ANY", "DS", "HINFO",
];
const CLIENTS: &[&str] = &[
    "10.9.0.1",
    "10.9.1.1",
    "192.0.2.7",
    "10.9.2.2",
    "2001:db8::9",
];

fn case(number: u64) -> (String, Vec<Query>) {
    let mut random =
        Random(0x9e37_79b9_7f4a_7c15 ^ (number + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    let mut text = String::new();
    for block in 0..=random.below(4) {
        // Most have a block for every name, and most blocks forward in the end.
        let key = if block == 0 && random.below(3) > 0 {
            "."
        } else {
            random.one(KEYS)
        };
        text.push_str(key);
        text.push_str(" {\n");
        for _ in 0..random.below(7) {
            text.push_str(random.one(LINES));
            text.push('\n');
        }
        if random.below(2) == 0 {
            text.push_str("forward . 10.1.1.1 10.1.1.2\n");
        }
        text.push_str("}\n");
    }
    let queries = (0..20).map(|_| {
        let mut query = Query::new(random.one(NAMES), random.one(TYPES));
        query.client = random.one(CLIENTS).parse().ok();
        if random.below(10) == 0 {
            "CH".clone_into(&mut query.class);
        }
        if random.below(10) == 0 {
            query.port = 5353;
        }
        query
    });
    (text, queries.collect())
}

/// What we say becomes of a query, in the words of the reference; `None` where we leave it open.
fn ours(way: &Explanation) -> Option<Value> {
    if way
        .choice
        .as_ref()
        .is_some_and(|choice| choice.depends.is_some())
    {
        return None;
    }
    for step in &way.steps {
        match (&step.effect, step.plugin) {
            // Nothing was asked before, and the file of hosts does not exist.
            (Effect::MayEnd { .. }, "cache" | "hosts") => {}
            (Effect::MayEnd { .. } | Effect::MayChange(_), _) => return None,
            // On its way back the answer may get another response code.
            (Effect::Alters(what), "rewrite") if what.contains("response code") => return None,
            _ => {}
        }
    }
    let rcode = |rcode: &str| Some(json!({ "rcode": rcode }));
    match &way.end {
        End::NoBlock | End::EmptyBlock | End::Class => rcode("REFUSED"),
        End::NoNextPlugin => rcode("SERVFAIL"),
        End::Rcode(text) => rcode(text.split(':').next().unwrap_or_default()),
        End::Dropped => Some(json!({})),
        End::Answer(records) => {
            let last = way.steps.last()?;
            let mut records = records.clone();
            records.sort();
            Some(match last.plugin {
                "hosts" if !records.is_empty() => json!({ "rcode": "NOERROR", "answers": records }),
                "acl" | "hosts" => json!({ "rcode": "NOERROR", "answers": [] }),
                _ => json!({ "rcode": "NOERROR" }),
            })
        }
        End::Data(_) => None,
        End::Forwarded { hops, .. } => {
            let mut upstreams: Vec<String> = hops
                .iter()
                .map(|hop| {
                    if hop.to.contains(':') {
                        hop.to.clone()
                    } else {
                        format!("{}:53", hop.to)
                    }
                })
                .collect();
            upstreams.sort();
            Some(json!({ "upstreams": upstreams, "name": way.steps.last()?.name }))
        }
    }
}

fn agree(ours: &Value, theirs: &Value) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let answers =
        ours.get("answers").is_none() || list(&ours["answers"]) == list(&theirs["answers"]);
    text(&ours["rcode"]) == text(&theirs["rcode"])
        && list(&ours["upstreams"]) == list(&theirs["upstreams"])
        && text(&ours["name"]) == text(&theirs["name"])
        && answers
}

/// The program that the environment names.
fn program() -> Option<String> {
    let program = std::env::var("DIGPOD_REFERENCE_COREFILE").ok()?;
    // A folder holds the program under its name.
    let inside = std::path::Path::new(&program).join("corefile");
    Some(if inside.is_file() {
        inside.to_string_lossy().into_owned()
    } else {
        program
    })
}

/// The version of CoreDNS in the program.
fn version(program: &str) -> Version {
    let version = Command::new(program).arg("version").output();
    String::from_utf8_lossy(&version.expect("its version").stdout)
        .lines()
        .find_map(|line| Version::parse(line.strip_prefix("github.com/coredns/coredns ")?))
        .expect("the version of CoreDNS")
}

/// What the servers of CoreDNS make of the queries of each case; of a Corefile that CoreDNS refuses
/// only why.
fn theirs(program: &str, count: u64) -> Vec<Vec<Value>> {
    let mut child = Command::new(program)
        .arg("ask")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the reference program starts");
    let mut input = child.stdin.take().expect("its standard input");
    let output = BufReader::new(child.stdout.take().expect("its standard output"));
    let writer = std::thread::spawn(move || {
        for number in 0..count {
            let (text, queries) = case(number);
            let queries = queries.iter().map(|query| {
                json!({
                    "name": query.name, "type": query.kind, "class": query.class,
                    "client": query.client, "port": query.port.to_string(),
                })
            });
            let questions = json!({
                "files": [{ "name": "Corefile", "text": text }],
                "plugins": true,
                "queries": queries.collect::<Vec<Value>>(),
            });
            writeln!(input, "{questions}").expect("it reads");
        }
    });
    let lines = output.lines().map(|line| {
        let outcomes: Vec<Value> = serde_json::from_str(&line.expect("a line")).expect("JSON");
        outcomes
    });
    let outcomes = lines.collect();
    writer.join().expect("all was written");
    assert!(child.wait().expect("it ends").success());
    outcomes
}

#[test]
fn queries_end_as_the_servers_of_coredns_end_them() {
    let Some(program) = program() else {
        println!("skipped: DIGPOD_REFERENCE_COREFILE does not name the reference program");
        return;
    };
    let version = version(&program);
    let count: u64 = std::env::var("DIGPOD_REFERENCE_CASES")
        .ok()
        .map_or(2_000, |text| text.parse().expect("a number of cases"));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differ = Vec::new();
    for (number, theirs) in (0..count).zip(theirs(&program, count)) {
        let (text, queries) = case(number);
        let corefile = parse(Source::new("Corefile", text.clone()), Vec::new());
        if theirs.len() != queries.len() {
            *counts.entry("Corefiles that CoreDNS refuses").or_default() += 1;
            continue;
        }
        *counts.entry("Corefiles").or_default() += 1;
        for (query, theirs) in queries.iter().zip(theirs) {
            let way = explain(&corefile, version, query);
            let Some(ours) = ours(&way) else {
                *counts.entry("queries that we leave open").or_default() += 1;
                continue;
            };
            let nobody_listens = theirs["error"] == "no server listens there";
            let theirs = if nobody_listens {
                json!({ "rcode": "REFUSED" })
            } else {
                theirs
            };
            if !agree(&ours, &theirs) {
                differ.push(format!(
                    "{query:?}\nCoreDNS {theirs}\nwe      {ours}\n{}\n{text}",
                    way.sentences().join("\n"),
                ));
            } else if ours.get("upstreams").is_some() {
                *counts
                    .entry("queries that are forwarded alike")
                    .or_default() += 1;
            } else {
                *counts.entry("queries that end alike").or_default() += 1;
            }
        }
    }
    println!("compared with CoreDNS {version}");
    for (what, count) in &counts {
        println!("{count:>7} {what}");
    }
    for text in differ.iter().take(8) {
        println!("--- {text}");
    }
    assert!(differ.is_empty(), "{} queries differ", differ.len());
    for kind in ["queries that end alike", "queries that are forwarded alike"] {
        assert!(
            counts.get(kind).is_some_and(|alike| *alike > 0),
            "no {kind}"
        );
    }
}
