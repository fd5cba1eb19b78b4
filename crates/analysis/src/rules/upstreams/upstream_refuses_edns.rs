use digpod_bundle::{Place, layout};
use digpod_probe::{Record, ServerRole, Target};

use crate::facts::addresses::{canonical_socket, describe, list as words};
use crate::facts::missing::unasked;
use crate::facts::upstreams::{Upstream, each_once};
use crate::facts::{Facts, Seen, cite, reach, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;

declare_rule! {
    /// An upstream refuses queries with EDNS.
    ///
    /// ## What it does
    /// Looks at the tries at each upstream: a probe's queries have EDNS, and what is refused for it
    /// (FORMERR, NOTIMP, BADVERS) is asked once more without. It fires where half of a server's answers
    /// came so.
    ///
    /// ## Why it matters
    /// CoreDNS passes EDNS on as a client sent it, and the refusal back. glibc and musl send none by
    /// default, Go since 1.19 always: the same name works in one program and fails in another.
    ///
    /// ## How to fix
    /// Update the server, or the firewall before it. `GODEBUG=netedns0=0` helps a Go program until then.
    ///
    /// ## Sources
    /// - <https://www.rfc-editor.org/rfc/rfc6891#section-7>
    /// - <https://coredns.io/plugins/forward/>
    /// - <https://pkg.go.dev/net#hdr-Name_Resolution>
    "upstreams/upstream-refuses-edns", Medium, since "0.1.0"
}

/// An answer, and where it stands.
struct Said<'a> {
    vantage: &'a str,
    at: usize,
    record: &'a Record,
}

impl Said<'_> {
    fn place(&self) -> Place {
        let pointer = format!("/records/{}/ednsRefused", self.at);
        Place::json(&layout::probe_records(self.vantage), &pointer)
    }
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lists = facts.upstream_lists()?;
    vantages::seen(facts)?;
    let mut without = None;
    for server in each_once(lists) {
        let answers = answers(facts, |it| canonical_socket(&it.server) == server.socket);
        let refused = answers.iter().filter(|it| it.record.edns_refused.is_some());
        let refused: Vec<&Said<'_>> = refused.collect();
        match refused.first() {
            Some(first) if refused.len() * 2 >= answers.len() => {
                findings.push(finding(facts, server, first, &refused, answers.len()));
            }
            None if !reach::was_asked(facts, server) => without = Some(server),
            _ => {}
        }
    }
    without.map_or(Ok(()), |server| {
        let reason = format!("nobody asked {}", describe(&server.address));
        Err(unasked("probes/workload/records.json", reason))
    })
}

/// Answers to queries that had EDNS at first.
fn answers<'a>(facts: &'a Facts<'_>, fits: impl Fn(&Record) -> bool) -> Vec<Said<'a>> {
    let outputs = facts.probes.outputs.iter();
    let records = outputs.flat_map(|(vantage, output)| {
        let records = output.records.iter().enumerate();
        records.map(|(at, record)| Said {
            vantage,
            at,
            record,
        })
    });
    let with_edns = |it: &Said<'_>| {
        it.record.outcome.is_answer() && it.record.payload != Some(0) && fits(it.record)
    };
    records.filter(with_edns).collect()
}

fn finding(
    facts: &Facts<'_>,
    server: &Upstream,
    first: &Said<'_>,
    refused: &[&Said<'_>],
    asked: usize,
) -> Finding {
    let mut from: Vec<String> = refused.iter().map(|it| facts.place(it.vantage)).collect();
    from.dedup();
    let from = match from.len() {
        many @ 4.. => format!("{many} places"),
        _ => words(&from),
    };
    let message = format!(
        "upstream {} refuses queries with EDNS and answers those without it",
        describe(&server.address),
    );
    let code = match first.record.edns_refused {
        Some(4) => "NOTIMP",
        Some(16) => "BADVERS",
        _ => "FORMERR",
    };
    let primary = cite(&first.place(), format!("{code} to the query with EDNS"));
    let of_cluster = |it: &Record| {
        matches!(&it.target, Target::Server { role, .. }
            if !matches!(role, ServerRole::Upstream | ServerRole::Own | ServerRole::Platform))
    };
    let clients = answers(facts, of_cluster);
    let theirs: Vec<&Said<'_>> = clients
        .iter()
        .filter(|it| it.record.edns_refused.is_some())
        .collect();
    let passed = match (theirs.len(), clients.len()) {
        (0, _) => String::new(),
        (theirs, all) => format!(" {theirs} of {all} answers of the cluster's DNS came so too."),
    };
    let mut finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary)
        .because(cite(&server.place, "the server is listed here"))
        .explain(format!(
            "{} of {asked} answers to {} came only without it.{passed} CoreDNS passes EDNS on, and the \
             refusal back. glibc and musl send none by default, Go always: names fail in Go programs \
             that others resolve.",
            refused.len(),
            from,
        ));
    if let Some(one) = theirs.first() {
        finding = finding.because(cite(&one.place(), "so was a query to the cluster's DNS"));
    }
    finding.fix(
        "Update the server, or the firewall before it; until then GODEBUG=netedns0=0 helps a Go program",
        None,
    )
}
