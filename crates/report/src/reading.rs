//! What the cells that fail have in common, as a clause, and what rows and columns are called.

mod bounds;
mod cells;
mod groups;

use digpod_analysis::summary::{Names, Pattern, Question};
use digpod_probe::Transport;

pub use bounds::{all_well, bounds};
pub use cells::{Mark, mark, outcome, question, share};
pub use groups::{Group, groups};

use crate::v1::{ContrastFrom, ContrastNames, ContrastServer, Subject};
use crate::words;

/// Rows or columns that are named; of more, how many they are.
const NAMED: usize = 3;

/// What fails where for A over UDP, or, where that works, for each question that does not; empty
/// where the cells that fail have nothing in common.
pub(crate) fn reading(names: &Names, servers: &[ContrastServer], from: &[ContrastFrom]) -> String {
    if let Some(pattern) = &names.pattern {
        return clause(pattern, servers, from);
    }
    if names.beside.is_empty() {
        return String::new();
    }
    let mut said = vec!["A over UDP works".to_owned()];
    for (question, pattern) in &names.beside {
        let clause = match clause(pattern, servers, from) {
            // Few servers are asked otherwise than for A over UDP.
            _ if pattern.whole_rows && pattern.whole_columns => {
                let asked = pattern.asked_columns.iter();
                let asked = asked.filter_map(|at| servers.get(*at));
                let asked: Vec<String> = asked.map(|it| told(server(it))).collect();
                format!(
                    "it fails wherever it was asked, at {}",
                    some(&asked, "server")
                )
            }
            nothing if nothing.is_empty() => "it fails in some cells".to_owned(),
            clause => clause,
        };
        said.push(format!("{}: {clause}", asked(question)));
    }
    said.join("; ")
}

/// `A over TCP`, `AAAA`.
fn asked(question: &Question) -> String {
    match question.transport {
        Transport::Udp => question.record_type.clone(),
        Transport::Tcp => format!("{} over TCP", question.record_type),
    }
}

/// Empty where the cells have nothing in common.
fn clause(pattern: &Pattern, servers: &[ContrastServer], from: &[ContrastFrom]) -> String {
    let rows = |picked: &dyn Fn(usize) -> bool| {
        let asked = |at: usize| pattern.asked_rows.contains(&at);
        let picked = from
            .iter()
            .enumerate()
            .filter(|(at, _)| asked(*at) && picked(*at));
        some(
            &picked.map(|(_, it)| told(place(it))).collect::<Vec<_>>(),
            "place",
        )
    };
    let asked = |at: usize| pattern.asked_columns.contains(&at);
    let columns = |picked: &dyn Fn(usize) -> bool| {
        let picked = servers
            .iter()
            .enumerate()
            .filter(|(at, _)| asked(*at) && picked(*at));
        some(
            &picked.map(|(_, it)| told(server(it))).collect::<Vec<_>>(),
            "server",
        )
    };
    let (bad_rows, bad_columns) = (&pattern.rows, &pattern.columns);
    let rows_asked = pattern.asked_rows.len();
    let all_rows = bad_rows.len() == rows_asked;
    let asks_bad = |row: &ContrastFrom| {
        let cells = bad_columns
            .iter()
            .filter_map(|at| row.cells.get(*at)?.as_ref());
        cells.into_iter().any(|cell| cell.tone != "apart")
    };
    match (pattern.whole_rows, pattern.whole_columns) {
        (true, true) => "it fails everywhere".to_owned(),
        (true, false) if !all_rows => format!(
            "it fails from {}, whoever is asked, and works from {}",
            rows(&|at| bad_rows.contains(&at)),
            rows(&|at| !bad_rows.contains(&at)),
        ),
        (false, true) => format!(
            "{} {}{}; {} {} not",
            columns(&|at| bad_columns.contains(&at)),
            if bad_columns.len() == 1 {
                "fails"
            } else {
                "fail"
            },
            match from.iter().filter(|row| asks_bad(row)).count() {
                // Elsewhere it may work: of other names nodes ask CoreDNS, too.
                some if some > 0 && some < rows_asked => {
                    format!(
                        ", asked only from {}",
                        rows(&|at| from.get(at).is_some_and(&asks_bad))
                    )
                }
                0 | 1 => String::new(),
                _ => ", from wherever it is asked".to_owned(),
            },
            columns(&|at| !bad_columns.contains(&at)),
            match (0..servers.len())
                .filter(|at| asked(*at) && !bad_columns.contains(at))
                .count()
            {
                1 => "does",
                _ => "do",
            },
        ),
        _ if pattern.crossing && bad_rows.len() < rows_asked => format!(
            "it fails from {} at {}, and from nowhere else",
            rows(&|at| bad_rows.contains(&at)),
            columns(&|at| bad_columns.contains(&at)),
        ),
        _ => String::new(),
    }
}

/// A name within a sentence.
fn told(name: String) -> String {
    let common = name.ends_with(" pod") || name.ends_with(" DNS") || name.ends_with(" Service");
    match name.as_str() {
        _ if common => format!("the {name}"),
        pod if pod.starts_with("pod ") => format!("a {pod}"),
        _ => name,
    }
}

/// What a part of the table is about.
pub fn about(names: &ContrastNames) -> String {
    match (&names.name, names.class.as_str()) {
        (Some(name), _) => name.trim_end_matches('.').to_owned(),
        (None, "cluster") => "names of the cluster".to_owned(),
        (None, _) => "public names".to_owned(),
    }
}

/// A row's name: `failing pod`, or `pod in shop` where none was named; `node n1`.
pub fn place(from: &ContrastFrom) -> String {
    let vantage = from.vantage.as_str();
    if let Some(node) = vantage.strip_prefix("node-") {
        return format!("node {node}");
    }
    if let Some(node) = vantage.strip_prefix("default-") {
        return format!("pod with {node}'s list");
    }
    if let Some(namespace) = &from.namespace {
        return format!("pod in {namespace}");
    }
    match vantage {
        "workload" => "failing pod",
        "working" => "working pod",
        "control" => "control pod",
        other => other,
    }
    .to_owned()
}

/// What a vantage is, in the words of a list of answers.
pub fn vantage(vantage: &str, subject: &Subject) -> String {
    if let Some(node) = vantage.strip_prefix("node-") {
        return format!("node {node}");
    }
    if let Some(node) = vantage.strip_prefix("default-") {
        return format!("a pod with the resolv.conf of node {node}");
    }
    match (vantage, &subject.namespace) {
        ("workload", Some(namespace)) if subject.pod.is_none() => format!("a pod in {namespace}"),
        ("workload", _) => "a pod like the failing one".to_owned(),
        ("working", _) => "a pod like the one that resolves".to_owned(),
        ("control", _) => "a pod where no policy applies".to_owned(),
        _ => String::new(),
    }
}

/// Where a row stands, beside its name: `on n1, pool a`.
pub fn stands(from: &ContrastFrom) -> String {
    let is_node = from.vantage.contains('-');
    let node = from.node.as_ref().filter(|_| !is_node);
    on(node, from.pool.as_ref())
}

/// A column's name: `DNS Service`, `coredns-a`, `10.1.0.4`.
pub fn server(server: &ContrastServer) -> String {
    let address = address(server);
    match (server.role.as_str(), &server.pod) {
        _ if server.server == "resolv.conf" => "its own list".to_owned(),
        ("service", _) => "DNS Service".to_owned(),
        ("node-local", _) => "node-local DNS".to_owned(),
        (_, Some(pod)) => pod.clone(),
        ("coredns-pod", None) => format!("CoreDNS pod {address}"),
        _ => address,
    }
}

/// What else is known of a column: `upstream`, or `10.244.1.4` and `on n1, pool a`.
pub fn detail(server: &ContrastServer) -> Vec<String> {
    let address = address(server);
    let detail = match (server.role.as_str(), &server.pod) {
        _ if server.server == "resolv.conf" => vec![],
        ("service" | "node-local", _) => vec![address],
        ("coredns-pod", Some(_)) => {
            vec![address, on(server.node.as_ref(), server.pool.as_ref())]
        }
        ("coredns-pod", None) => vec![],
        ("own", _) => vec!["in a resolv.conf".to_owned()],
        ("platform", _) => vec!["platform's DNS".to_owned()],
        (role, _) => vec![role.to_owned()],
    };
    detail.into_iter().filter(|it| !it.is_empty()).collect()
}

/// Port 53 goes without saying.
fn address(server: &ContrastServer) -> String {
    let bare = server.server.strip_suffix(":53").unwrap_or(&server.server);
    bare.trim_matches(['[', ']']).to_owned()
}

fn on(node: Option<&String>, pool: Option<&String>) -> String {
    let node = node.map(|it| format!("on {it}"));
    let pool = pool.map(|it| format!("pool {it}"));
    node.into_iter().chain(pool).collect::<Vec<_>>().join(", ")
}

/// `a, b and c`, or how many there are.
fn some(items: &[String], thing: &str) -> String {
    match items {
        [] => format!("no other {thing}"),
        [only] => only.clone(),
        [first @ .., last] if items.len() <= NAMED => format!("{} and {last}", first.join(", ")),
        all => words::count(all.len(), thing),
    }
}
