//! What the cells that fail have in common, as a clause, and what rows and columns are called.

use digpod_analysis::summary::{Pattern, Share};

use crate::v1::{Contrast, ContrastCell, ContrastFrom, ContrastNames, ContrastServer};
use crate::words;

/// Rows or columns that are named; of more, how many they are.
const NAMED: usize = 3;

/// Empty where the cells have nothing in common.
pub(crate) fn clause(
    pattern: &Pattern,
    servers: &[ContrastServer],
    from: &[ContrastFrom],
) -> String {
    let rows = |picked: &dyn Fn(usize) -> bool| {
        let picked = from.iter().enumerate().filter(|(at, _)| picked(*at));
        some(
            &picked.map(|(_, it)| told(place(it))).collect::<Vec<_>>(),
            "place",
        )
    };
    let asked = |at: usize| {
        from.iter()
            .any(|it| matches!(it.cells.get(at), Some(Some(_))))
    };
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
    let all_rows = bad_rows.len() == from.len();
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
            if from.len() > 1 {
                ", from wherever it is asked"
            } else {
                ""
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
        _ if pattern.crossing && bad_rows.len() < from.len() => format!(
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
    if common { format!("the {name}") } else { name }
}

/// What a cell says at a glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// What a client needs.
    Good,
    /// No client asks this there.
    Apart,
    /// An answer that does not help.
    Wrong,
    /// No answer.
    Silent,
}

/// The mark of a cell.
pub fn mark(cell: &ContrastCell) -> Mark {
    match (cell.tone.as_str(), cell.outcome.as_str()) {
        ("good", _) => Mark::Good,
        ("apart", _) => Mark::Apart,
        (
            _,
            "timeout" | "unreachable" | "connection refused" | "not permitted" | "malformed"
            | "error",
        ) => Mark::Silent,
        _ => Mark::Wrong,
    }
}

/// What was asked, where it is not A over UDP: ` TCP`, ` AAAA`.
pub fn question(cell: &ContrastCell) -> String {
    let tcp = if cell.transport == "tcp" { " TCP" } else { "" };
    match cell.record_type.as_str() {
        "A" => tcp.to_owned(),
        other => format!(" {other}{tcp}"),
    }
}

/// Of a part in which nothing fails: `ok, 40 tries from 3 places`.
pub fn all_well(names: &ContrastNames) -> String {
    let cells = names.from.iter().flat_map(|it| it.cells.iter().flatten());
    let good = cells.filter(|it| it.tone == "good");
    let tries = good.map(|it| it.tries).fold(0, u32::saturating_add);
    format!(
        "ok, {} from {}",
        words::count(tries as usize, "try"),
        words::count(names.from.len(), "place"),
    )
}

/// What a part of the table is about.
pub fn about(names: &ContrastNames) -> String {
    match (&names.name, names.class.as_str()) {
        (Some(name), _) => name.trim_end_matches('.').to_owned(),
        (None, "cluster") => "names of the cluster".to_owned(),
        (None, _) => "public names".to_owned(),
    }
}

/// A row's name: `failing pod`, `node n1`.
pub fn place(from: &ContrastFrom) -> String {
    let vantage = from.vantage.as_str();
    if let Some(node) = vantage.strip_prefix("node-") {
        return format!("node {node}");
    }
    if let Some(node) = vantage.strip_prefix("default-") {
        return format!("pod with {node}'s list");
    }
    match vantage {
        "workload" => "failing pod",
        "working" => "working pod",
        "control" => "control pod",
        other => other,
    }
    .to_owned()
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

/// What so many tries without a failure leave possible, in one sentence; nothing where there was
/// no cell without a failure.
pub fn bounds(contrast: &Contrast) -> Option<String> {
    let cells = contrast.names.iter().flat_map(|it| &it.from);
    let cells = cells.flat_map(|it| it.cells.iter().flatten());
    let tries = cells.filter(|it| it.tone == "good").map(|it| it.tries);
    let (least, most) = (tries.clone().min()?, tries.max()?);
    let high = |tries| Share::of(0, tries).high;
    let more = if high(most) < high(least) {
        format!(", of up to {} % where {most} did not", high(most))
    } else {
        String::new()
    };
    Some(format!(
        "Not excluded: a failure rate of up to {} % where {} did not fail{more} (95 % sure).",
        high(least),
        words::count(least as usize, "try"),
    ))
}
