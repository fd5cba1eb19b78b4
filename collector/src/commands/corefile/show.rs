//! `digpod corefile show`: the effective configuration.

use std::fmt::Write as _;

use std::net::IpAddr;

use digpod_corefile::{
    Directive, End, Explanation, Key, Query, QueryError, ServerBlock, Span, Transport, Word,
    explain, plugin,
};

use super::{Read, clipped};
use crate::cli::{Color, CorefileShow};
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output;

pub(super) fn run(options: &CorefileShow, _color: Color) -> Result<Exit, Failure> {
    let client = options.client.as_deref().map(client).transpose()?;
    let asked = options.ask.iter().map(|asked| query(asked, client));
    let asked: Vec<Query> = asked.collect::<Result<_, Failure>>()?;
    let read = Read::new(&options.input)?;
    let mut out = format!("As {} reads it\n{}", read.reader(), read.notes());
    if let Some(said) = read.refusal() {
        let _ = writeln!(
            out,
            "It refuses it, and prints (digpod corefile lint draws it): {}",
            plain(&said)
        );
    }
    out.push('\n');
    if asked.is_empty() {
        for block in &read.corefile.blocks {
            show_block(&mut out, &read, block);
        }
        imports(&mut out, &read);
    }
    for query in asked {
        ask(&mut out, &read, query);
    }
    output::print(&out)?;
    Ok(Exit::Done)
}

fn show_block(out: &mut String, read: &Read, block: &ServerBlock) {
    let keys: Vec<String> = block
        .keys
        .iter()
        .map(|key| format!("{}://{}:{}", key.scheme, key.zone, key.port))
        .collect();
    let place = block
        .keys
        .first()
        .map(|key| read.place(key.word.span))
        .unwrap_or_default();
    let _ = writeln!(out, "{}  ({})", plain(&keys.join(" ")), plain(&place));
    let mut directives: Vec<&Directive> = block.directives.iter().collect();
    // Repeated directives keep their order; plugins come in that of plugin.cfg.
    directives.sort_by_key(|it| plugin::rank(&it.name.text, read.version));
    let width = directives
        .iter()
        .map(|it| it.name.text.chars().count())
        .max()
        .unwrap_or_default()
        .min(16);
    for directive in directives {
        let _ = writeln!(
            out,
            "  {:<width$}  {}  ({})",
            plain(&clipped(&directive.name.text, LONGEST)),
            plain(&words(&directive.args)),
            plain(&short(read, directive.name.span)),
        );
        for property in &directive.properties {
            let line = format!(
                "  {:<width$}    {} {}",
                "",
                plain(&clipped(&property.name.text, LONGEST)),
                plain(&words(&property.args))
            );
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out.push('\n');
}

/// What is asked, as it was typed.
fn query(asked: &str, client: Option<IpAddr>) -> Result<Query, Failure> {
    let query: Query = asked.parse().map_err(|error: QueryError| {
        Failure::usage(format!("--ask {asked:?} cannot be asked: {error}")).help(error.help())
    })?;
    Ok(match client {
        Some(client) => query.from_client(client),
        None => query,
    })
}

fn client(typed: &str) -> Result<IpAddr, Failure> {
    typed.parse().map_err(|_| {
        Failure::usage(format!("--client {typed:?} is no address"))
            .help("write it as --client 10.244.1.7")
    })
}

/// The way of one query, a line a step.
fn ask(out: &mut String, read: &Read, query: Query) {
    let (query, elsewhere) = where_served(read, query);
    let way = explain(&read.corefile, read.version, &query);
    let _ = writeln!(out, "{} {}", plain(&query.name), query.kind);
    if let Some(elsewhere) = elsewhere {
        let _ = writeln!(out, "  {elsewhere}");
    }
    let mut sentences = way.sentences().into_iter();
    if way.choice.is_some()
        && let Some(sentence) = sentences.next()
    {
        let _ = writeln!(out, "  {}", plain(&sentence));
    }
    for step in &way.steps {
        let Some(sentence) = sentences.next() else {
            break;
        };
        let _ = writeln!(
            out,
            "  {}  ({})",
            plain(&sentence),
            plain(&short(read, step.span))
        );
    }
    for sentence in sentences {
        let _ = writeln!(out, "  {}", plain(&sentence));
    }
    for hint in hints(read, &way) {
        let _ = writeln!(out, "  hint: {}", plain(&hint));
    }
    out.push('\n');
}

/// The query to a port that a block serves, if none serves the one of plain DNS, and a line that
/// says so.
fn where_served(read: &Read, query: Query) -> (Query, Option<String>) {
    let keys = || read.corefile.blocks.iter().flat_map(|block| &block.keys);
    let asks = |key: &&Key| key.scheme == query.transport.scheme() && key.port == query.port;
    if keys().any(|key| asks(&key)) {
        return (query, None);
    }
    let plain_dns = |key: &&Key| key.scheme == "dns";
    let Some(key) = keys().find(plain_dns).or_else(|| keys().next()) else {
        return (query, None);
    };
    let mut others: Vec<String> = keys()
        .filter(|other| (&other.scheme, other.port) != (&key.scheme, key.port))
        .map(|other| format!("{}://:{}", other.scheme, other.port))
        .collect();
    others.sort();
    others.dedup();
    let mut line = format!("asked on port {}", key.port);
    if key.scheme != "dns" {
        let _ = write!(line, " by {}", key.scheme);
    }
    line.push_str(": no block serves port 53");
    if !others.is_empty() {
        let _ = write!(line, "; also served: {}", others.join(", "));
    }
    let transport = match key.scheme.as_str() {
        "tls" => Transport::Tls,
        "quic" => Transport::Quic,
        "https" => Transport::Https,
        "https3" => Transport::Https3,
        "grpc" => Transport::Grpc,
        _ => query.transport,
    };
    let port = key.port;
    (query.over(transport).on_port(port), Some(line))
}

/// What else the user may want to ask.
fn hints(read: &Read, way: &Explanation) -> Vec<String> {
    let mut hints = Vec::new();
    let query = &way.query;
    let name = query.name.trim_end_matches('.');
    if let Ok(address) = name.parse::<IpAddr>() {
        hints.push(format!(
            "the name of an address is asked for as {}/PTR",
            reverse(address)
        ));
    }
    if way.end == End::NoBlock {
        let mut served: Vec<String> = Vec::new();
        for key in read.corefile.blocks.iter().flat_map(|block| &block.keys) {
            let own = Query::new(&query.name, &query.kind).on_port(key.port);
            let takes = key.scheme == "dns"
                && key.port != query.port
                && explain(&read.corefile, read.version, &own).choice.is_some();
            let port = format!("port {}", key.port);
            if takes && !served.contains(&port) {
                served.push(port);
            }
        }
        if !served.is_empty() {
            hints.push(format!("a block serves the name on {}", served.join(", ")));
        }
    }
    hints
}

/// The name whose PTR record names an address.
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let bytes = address.octets().into_iter().rev();
            let digits: Vec<String> = bytes
                .flat_map(|byte| [byte & 15, byte >> 4])
                .map(|digit| format!("{digit:x}"))
                .collect();
            format!("{}.ip6.arpa", digits.join("."))
        }
    }
}

/// Place of a line, without what the text was found in.
fn short(read: &Read, span: Span) -> String {
    let place = read.place(span);
    place.rsplit(": ").next().unwrap_or(&place).to_owned()
}

/// Longest word that is shown whole, in characters.
const LONGEST: usize = 200;

fn words(words: &[Word]) -> String {
    let words: Vec<String> = words
        .iter()
        .map(|word| clipped(&word.text, LONGEST))
        .collect();
    words.join(" ")
}

fn imports(out: &mut String, read: &Read) {
    for import in &read.corefile.imports {
        let what = if import.snippet {
            "a snippet".to_owned()
        } else if import.matched.is_empty() {
            "no file".to_owned()
        } else {
            let files: Vec<&str> = import
                .matched
                .iter()
                .map(|source| read.configuration.shown(*source))
                .collect();
            files.join(", ")
        };
        let _ = writeln!(
            out,
            "import {} ({}): {}",
            plain(&import.pattern.text),
            plain(&read.place(import.pattern.span)),
            plain(&what)
        );
    }
}
