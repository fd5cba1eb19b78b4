use digpod_probe::{NameClass, Transport};

use crate::facts::measured::{self, Measured};
use crate::facts::names::plain;
use crate::facts::probes::cite_row;
use crate::facts::{Facts, Seen, disagreement, missing};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::matrix::Row;
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A custom name fails for a part of its queries while other names resolve.
    ///
    /// ## What it does
    /// Looks at names that the user gave, asked ten times or more through the DNS Service: it fires
    /// when more than 5 % and less than 95 % of the tries succeed, while cluster names and public
    /// names succeed in 95 % or more. It compares the share that fails with the share that the
    /// upstreams' disagreement predicts.
    ///
    /// ## Why it matters
    /// A fault of the network or of CoreDNS itself would hit all names. One that hits a single
    /// domain, and only sometimes, comes from servers that know the domain and servers that do not.
    ///
    /// ## How to fix
    /// Ask every upstream for the name, one by one. Give those that say NXDOMAIN the zone, or take
    /// them out of the list.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    /// - <https://coredns.io/plugins/forward/>
    "probes/custom-domain-fails-intermittently", High, since "0.1.0"
}

const RECORDS: &str = "probes/workload/records.json";

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    facts.probes.seen(facts.bundle())?;
    let asked: Vec<&Row> = facts.probes.through_service().collect();
    let custom: Vec<&&Row> = asked
        .iter()
        .filter(|row| row.class == NameClass::Custom)
        .collect();
    if custom.is_empty() {
        return Err(missing::unasked(
            RECORDS,
            "no custom name was asked through the DNS Service".to_owned(),
        ));
    }
    let intermittent: Vec<Measured<'_>> = custom
        .iter()
        .map(|row| measured::of_row(row))
        .filter(Measured::is_intermittent)
        .collect();
    if intermittent.is_empty() {
        let most = custom.iter().max_by_key(|row| row.tries());
        return match most.filter(|row| row.tries() < measured::TRIES) {
            Some(row) => Err(missing::too_few(
                RECORDS,
                &format!("{} was asked through the DNS Service", plain(&row.name)),
                row.tries(),
                measured::TRIES,
            )),
            None => Ok(()),
        };
    }
    let of_class = |class| {
        asked
            .iter()
            .filter(move |row| row.class == class && row.record_type == "A")
    };
    let controls: Vec<&&Row> = of_class(NameClass::Cluster)
        .chain(of_class(NameClass::Public))
        .collect();
    if controls
        .iter()
        .any(|row| measured::of_row(row).percent() > 5)
    {
        return Ok(());
    }
    for measured in intermittent {
        findings.push(finding(facts, &measured, &controls));
    }
    Ok(())
}

fn finding(facts: &Facts<'_>, measured: &Measured<'_>, controls: &[&&Row]) -> Finding {
    let row = measured.row;
    let has = |class| controls.iter().any(|row| row.class == class);
    // Names to compare with rule out a fault that all names share.
    let (others, confidence) = match (has(NameClass::Cluster), has(NameClass::Public)) {
        (true, true) => (
            ", while cluster and public names resolve",
            Confidence::Proven,
        ),
        (true, false) => (", while cluster names resolve", Confidence::Likely),
        (false, true) => (", while public names resolve", Confidence::Likely),
        (false, false) => ("", Confidence::Likely),
    };
    let message = format!(
        "{} {} fails for some queries and not for others: {}{others}",
        plain(&row.name),
        row.record_type,
        measured.words(),
    );
    let mut finding = Finding::new(
        &RULE,
        confidence,
        Scope::Name(row.name.clone()),
        message,
        cite_row(row),
    )
    .explaining([Symptom::Custom, Symptom::Intermittent])
    .explain(measured::prediction(facts, measured));
    for pod in replicas(facts, row) {
        finding = finding.because(cite_row(pod));
    }
    for control in controls {
        finding = finding.because(cite_row(control));
    }
    if let Some(list) = facts.serving(&row.name) {
        finding = finding.because(disagreement::cite_choice(list));
    }
    finding.decide(
        "Ask every upstream for the name, one by one",
        Some(format!(
            "digpod collect {}",
            crate::facts::cure::word(plain(&row.name), "NAME")
        )),
    )
}

/// What each CoreDNS pod said of the same question.
fn replicas<'a>(facts: &'a Facts<'_>, row: &'a Row) -> impl Iterator<Item = &'a Row> {
    facts.probes.rows.iter().filter(move |other| {
        other.role == digpod_probe::ServerRole::CorednsPod
            && other.transport == Transport::Udp
            && other.vantage == row.vantage
            && other.name == row.name
            && other.record_type == row.record_type
    })
}
