//! The verdict in one sentence.

use digpod_bundle::{Bundle, EntryName, Kind, LogStream};

use super::observe::{self, Observed};
use super::{Cause, Verdict};
use crate::NotSeen;
use crate::facts::names::plain;
use crate::facts::{Facts, Lack};
use crate::finding::{Finding, Scope};
use crate::gaps::{self, is_refused};
use crate::matrix::Row;
use crate::symptom::Symptom;

/// How many missing things the sentence names before it only counts.
const NAMED: usize = 3;

pub(super) fn headline(
    verdict: Verdict,
    facts: &Facts<'_>,
    findings: &[Finding],
    causes: &[Cause],
    observed: &Observed,
    gaps: &[NotSeen],
) -> String {
    let bundle = facts.bundle();
    let message = |at: usize| {
        let finding = causes.get(at).and_then(|cause| findings.get(cause.root));
        finding.map_or("", |finding| finding.message.as_str())
    };
    match (verdict, causes.len()) {
        (Verdict::Cause, _) => {
            let root = causes.first().and_then(|it| findings.get(it.root));
            let others = root.map_or(String::new(), |root| others(findings, root));
            format!("{}{others}", message(0))
        }
        (Verdict::Healthy, _) => healthy(bundle, gaps),
        (Verdict::Undetermined, 0) if observe::seen(observed).next().is_none() => {
            match observe::failed_at_once(facts).as_slice() {
                [] => healthy(bundle, gaps),
                rows => tried_once(rows),
            }
        }
        (Verdict::Undetermined, 0) => {
            let symptoms: Vec<&str> = observe::seen(observed).map(Symptom::as_str).collect();
            format!(
                "Something fails ({}), and no rule knows a cause of it{}",
                symptoms.join(", "),
                missing(bundle, gaps).map_or(String::new(), |what| format!("; {what}")),
            )
        }
        (Verdict::Undetermined, 1) => {
            format!("No cause is certain; the one suspicion: {}", message(0))
        }
        (Verdict::Undetermined, _) => {
            format!(
                "No one cause stands out; the first two: {}; and: {}",
                message(0),
                message(1)
            )
        }
    }
}

/// What the same rule says of other names, which stands beside the cause and not under it.
fn others(findings: &[Finding], root: &Finding) -> String {
    let Scope::Name(name) = &root.scope else {
        return String::new();
    };
    let mut words = String::new();
    let beside = findings.iter().filter(|it| it.rule.id == root.rule.id);
    for (at, other) in beside.filter(|it| it.scope != root.scope).enumerate() {
        match &other.scope {
            _ if at == NAMED => words.push_str("; and more names"),
            _ if at > NAMED => {}
            Scope::Name(of) if other.message == root.message.replace(plain(name), plain(of)) => {
                words.push_str("; the same holds for ");
                words.push_str(plain(of));
            }
            _ => {
                words.push_str("; ");
                words.push_str(&other.message);
            }
        }
    }
    words
}

/// Too few tries for a symptom.
fn tried_once(rows: &[&Row]) -> String {
    let said = |row: &&Row| {
        let failure = row.outcomes.keys().next();
        let failure = failure.map_or("no answer", |it| it.as_str());
        format!("{} {} ({failure})", plain(&row.name), row.record_type)
    };
    let names: Vec<String> = rows.iter().take(NAMED).map(said).collect();
    let more = match rows.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let tries = rows.iter().map(|it| it.tries()).max().unwrap_or(1);
    let tries = if tries == 1 { "1 try" } else { "2 tries" };
    format!(
        "{}{more} failed in {tries} through the DNS Service, too few to name a cause: `digpod collect` \
         without --quick makes more",
        names.join(", "),
    )
}

fn healthy(bundle: &Bundle, gaps: &[NotSeen]) -> String {
    let early = bundle.manifest().collected.interrupted.as_ref();
    let early = early.map(|why| format!("collecting ended early ({why})"));
    let but: Vec<String> = early.into_iter().chain(missing(bundle, gaps)).collect();
    if but.is_empty() {
        return "Nothing wrong was seen".to_owned();
    }
    format!("Nothing wrong was seen, but {}", but.join("; "))
}

/// `2 things could not be looked at: the Corefile, the DNS pods`; and what was asked too seldom, or
/// not at all.
fn missing(bundle: &Bundle, gaps: &[NotSeen]) -> Option<String> {
    let important = |gap: &&NotSeen| !gap.rules.is_empty() || refused(bundle, &gap.gap.entry);
    let (mut things, mut unasked, mut tries) = (Vec::new(), Vec::new(), None);
    for NotSeen { gap, rules } in gaps.iter().filter(important) {
        match gap.lacks {
            Lack::Entry => things.push(thing(&gap.entry)),
            Lack::Questions => {
                let had = format!("{} had no answers to judge", checks(rules.len()));
                unasked.push(format!("{had} ({})", gap.reason));
            }
            Lack::Tries(needed) => {
                let (most, rules_so_far) = tries.unwrap_or((0, 0));
                tries = Some((needed.max(most), rules_so_far + rules.len()));
            }
        }
    }
    things.dedup();
    let parts = (!things.is_empty()).then(|| not_looked_at(things));
    let seldom = tries.map(|(needed, rules)| too_seldom(bundle, needed, rules));
    let parts: Vec<String> = parts.into_iter().chain(unasked).chain(seldom).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn not_looked_at(mut names: Vec<String>) -> String {
    let things = match names.len() {
        1 => "1 thing".to_owned(),
        count => format!("{count} things"),
    };
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(NAMED);
    format!(
        "{things} could not be looked at: {}{more}",
        names.join(", ")
    )
}

fn too_seldom(bundle: &Bundle, needed: u32, rules: usize) -> String {
    let verb = if rules == 1 { "needs" } else { "need" };
    let but = if gaps::asked_once(bundle) {
        "--quick makes one; leave it out to have them judged"
    } else {
        "fewer were made"
    };
    format!(
        "{} {verb} {needed} tries of the same question, and {but}",
        checks(rules)
    )
}

fn checks(count: usize) -> String {
    match count {
        1 => "1 check".to_owned(),
        _ => format!("{count} checks"),
    }
}

fn refused(bundle: &Bundle, entry: &str) -> bool {
    let item = bundle.item(entry);
    item.is_some_and(|item| is_refused(item.status))
}

/// What a person calls an entry.
fn thing(entry: &str) -> String {
    let kind = EntryName::new(entry).map_or(Kind::Other, |name| Kind::of(&name));
    match kind {
        Kind::Version => "the cluster's version".to_owned(),
        Kind::Access => "what the user may do".to_owned(),
        Kind::Nodes => "the nodes".to_owned(),
        Kind::NodeMetrics => "the load of the nodes".to_owned(),
        Kind::DnsService => "the DNS Service".to_owned(),
        Kind::DnsEndpointSlices => "the endpoints of the DNS Service".to_owned(),
        Kind::DnsPods => "the DNS pods".to_owned(),
        Kind::DnsWorkload => "the DNS workload".to_owned(),
        Kind::DnsEvents => "the events".to_owned(),
        Kind::DnsPodMetrics => "the load of the DNS pods".to_owned(),
        Kind::DnsNetworkPolicies => "the policies around the DNS pods".to_owned(),
        Kind::WorkloadPod => "the failing pod".to_owned(),
        Kind::WorkloadNetworkPolicies => "the policies around the failing pod".to_owned(),
        Kind::WorkloadNamespace => "the failing pod's namespace".to_owned(),
        Kind::WorkloadResolvConf => "the failing pod's resolv.conf".to_owned(),
        Kind::WorkloadProcess => "the failing pod's resolver".to_owned(),
        Kind::ConfigMap { name } => format!("ConfigMap {name}"),
        Kind::Log {
            pod,
            stream: LogStream::Current,
            ..
        }
        | Kind::NetworkLog { pod } => format!("the log of {pod}"),
        Kind::Log {
            pod,
            stream: LogStream::Previous,
            ..
        } => format!("the previous log of {pod}"),
        Kind::Metrics { pod } => format!("the metrics of {pod}"),
        Kind::NamedService { namespace, name } => format!("the Service {namespace}/{name}"),
        Kind::NamedEndpointSlices { namespace, name } => {
            format!("the endpoints of the Service {namespace}/{name}")
        }
        Kind::Configz { node } if node == "*" => "the kubelet settings of every node".to_owned(),
        Kind::Configz { node } => format!("the kubelet settings of {node}"),
        Kind::Detail(what) => format!("the {what}"),
        Kind::NodeResolvConf { node } if node == "*" => "the nodes' resolv.conf".to_owned(),
        Kind::NodeResolvConf { node } => format!("the resolv.conf of node {node}"),
        Kind::ProbeRecords { vantage }
        | Kind::ProbePod { vantage }
        | Kind::ProbeAdmission { vantage }
        | Kind::ProbeWatch { vantage }
        | Kind::ProbePlan { vantage } => view(&vantage),
        Kind::ProbeResolvConf { vantage } => format!("the resolv.conf of probe {vantage}"),
        Kind::Manifest | Kind::ToolOutput { .. } | Kind::Imported { .. } | Kind::Other => {
            match entry {
                "dns/logs" => "the logs of the DNS pods".to_owned(),
                other => match other.split('/').collect::<Vec<_>>().as_slice() {
                    ["access", place, what] => format!("what {what} in {place} would show"),
                    _ => other.to_owned(),
                },
            }
        }
    }
}

/// What a vantage would have shown.
fn view(vantage: &str) -> String {
    match (
        vantage.strip_prefix("node-"),
        vantage.strip_prefix("default-"),
    ) {
        (Some("*"), _) => "what every node itself resolves".to_owned(),
        (Some(node), _) => format!("what node {node} itself resolves"),
        (_, Some("*")) => "the servers that every node gives CoreDNS".to_owned(),
        (_, Some(node)) => format!("the servers that node {node} gives CoreDNS"),
        _ if vantage == "workload" => "the answers that the failing pod would get".to_owned(),
        _ if vantage == "working" => "the answers that the pod which resolves would get".to_owned(),
        _ if vantage == "control" => "the answers in a namespace without policies".to_owned(),
        _ => format!("the answers to probe {vantage}"),
    }
}
