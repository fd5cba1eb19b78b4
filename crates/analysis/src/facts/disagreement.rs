//! Upstreams that contradict each other, told once for all names that show it.

use digpod_probe::{NameClass, Outcome};

use super::addresses::{describe, list};
use super::agreement::{Comparison, Said};
use super::measured::{self, Measured};
use super::names::plain;
use super::probes::{Probes, cite_row};
use super::upstreams::UpstreamList;
use super::{Facts, cite};
use crate::finding::{Confidence, Evidence, Finding, Scope};
use crate::small;
use crate::symptom::Symptom;

/// The same servers contradict each other in the same way over one or more names.
#[derive(Clone, Debug)]
pub(crate) struct Disagreement<'a> {
    /// The comparison that stands for all.
    first: &'a Comparison,
    /// Further comparisons that show the same, in the order of the matrix.
    others: Vec<&'a Comparison>,
    /// What clients measured of the names, worst first.
    measured: Vec<Measured<'a>>,
}

/// All of them, of all lists.
pub(crate) fn all<'a>(facts: &'a Facts<'_>) -> Vec<Disagreement<'a>> {
    let mut found: Vec<Disagreement<'a>> = Vec::new();
    for comparison in facts.comparisons().iter().filter(|it| it.disagrees()) {
        match found
            .iter_mut()
            .find(|known| same(known.first(), comparison))
        {
            Some(known) => known.others.push(comparison),
            None => found.push(Disagreement {
                first: comparison,
                others: Vec::new(),
                measured: Vec::new(),
            }),
        }
    }
    for disagreement in &mut found {
        disagreement.measured = measure(&facts.probes, &disagreement.all());
    }
    found
}

fn measure<'a>(probes: &'a Probes, comparisons: &[&Comparison]) -> Vec<Measured<'a>> {
    let mut measured: Vec<Measured<'a>> = comparisons
        .iter()
        .filter_map(|it| measured::of(probes, &it.name, &it.record_type))
        .collect();
    small::sort_by(&mut measured, |a, b| b.percent().cmp(&a.percent()));
    measured
}

fn same(a: &Comparison, b: &Comparison) -> bool {
    let key = |said: &[Said]| -> Vec<(String, Outcome)> {
        said.iter()
            .map(|said| (said.address.clone(), said.outcome))
            .collect()
    };
    a.list.forward == b.list.forward
        && a.class == b.class
        && key(&a.good) == key(&b.good)
        && key(&a.bad) == key(&b.bad)
}

impl<'a> Disagreement<'a> {
    /// The comparison that stands for all.
    pub(crate) fn first(&self) -> &'a Comparison {
        self.first
    }

    fn all(&self) -> Vec<&'a Comparison> {
        std::iter::once(self.first)
            .chain(self.others.iter().copied())
            .collect()
    }

    /// The list whose servers contradict each other.
    pub(crate) fn list(&self) -> &'a UpstreamList {
        &self.first().list
    }

    /// Addresses of the servers with the answer a client needs.
    pub(crate) fn good(&self) -> Vec<String> {
        self.first()
            .good
            .iter()
            .map(|said| said.address.clone())
            .collect()
    }

    /// The distinct names, with their final dot.
    fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for comparison in self.all() {
            if !names.contains(&comparison.name.as_str()) {
                names.push(&comparison.name);
            }
        }
        names
    }

    /// The one name it is about, or the cluster.
    pub(crate) fn scope(&self) -> Scope {
        match self.names().as_slice() {
            [one] => Scope::Name((*one).to_owned()),
            _ => Scope::Cluster,
        }
    }

    /// What is wrong, in one sentence without a full stop.
    pub(crate) fn message(&self) -> String {
        let first = self.first();
        let names: Vec<String> = self
            .names()
            .iter()
            .map(|name| plain(name).to_owned())
            .collect();
        let bad: Vec<String> = first
            .bad
            .iter()
            .map(|said| describe(&said.address))
            .collect();
        let good: Vec<String> = first
            .good
            .iter()
            .map(|said| describe(&said.address))
            .collect();
        let says = if bad.len() == 1 { "says" } else { "say" };
        let against = match first.good.first().map(|said| said.outcome) {
            Some(Outcome::Ok) if first.bad_word() == "another address" => {
                format!("than {}", list(&good))
            }
            Some(Outcome::Ok) if good.len() == 1 => format!("which {} knows", list(&good)),
            Some(Outcome::Ok) => format!("which {} know", list(&good)),
            Some(outcome) => format!("where {} said {}", list(&good), outcome.as_str()),
            None => String::new(),
        };
        let (word, comma) = match first.bad_word() {
            "another address" => ("gives another address", ""),
            word => (word, ","),
        };
        let said = match word {
            "gives another address" if bad.len() == 1 => word.to_owned(),
            "gives another address" => "give another address".to_owned(),
            word => format!("{says} {word}"),
        };
        format!(
            "CoreDNS {} servers that disagree: {} {said} for {}{comma} {against}",
            self.list().chooses(),
            list(&bad),
            list(&names),
        )
    }

    /// Proven where each server was asked repeatedly and it is certain that CoreDNS uses this list
    /// for the name: the ConfigMap that may say otherwise was seen, or the name was seen to fail.
    pub(crate) fn confidence(&self, facts: &Facts<'_>) -> Confidence {
        let repeated = self.all().iter().any(|it| it.repeated);
        let fails = self.measured.iter().any(|it| it.failed > 0);
        if repeated && (facts.maps.custom.is_ok() || fails) {
            Confidence::Proven
        } else {
            Confidence::Likely
        }
    }

    /// Why this makes names fail, with the odds.
    pub(crate) fn explanation(&self) -> String {
        measured::odds(self.first(), self.measured.first().copied())
    }

    /// One answer of each kind and server, the list, the policy, what clients measured.
    pub(crate) fn evidence(&self) -> Vec<Evidence> {
        let first = self.first();
        let list = self.list();
        let mut evidence: Vec<Evidence> = first
            .bad
            .iter()
            .chain(&first.good)
            .map(|said| cite_row(&said.row))
            .collect();
        evidence.push(cite_choice(list));
        evidence.extend(list.servers.iter().map(|server| {
            let inferred = list.inferred.as_deref().unwrap_or_default();
            let note = format!("upstream {}{inferred}", describe(&server.address));
            cite(&server.place, note)
        }));
        evidence.extend(list.cache.iter().map(|cache| {
            let note = format!(
                "the cache keeps a wrong answer for up to {} s",
                cache.negative
            );
            cite(&cache.place, note)
        }));
        evidence.extend(self.measured.first().map(|measured| cite_row(measured.row)));
        let others = self.others.iter().filter_map(|it| it.bad.first());
        evidence.extend(others.map(|said| cite_row(&said.row)));
        evidence
    }

    /// Adds what speaks against it: clients that always got the answer.
    pub(crate) fn contradictions(&self, finding: Finding) -> Finding {
        let always = self.list().draws() && self.measured.iter().all(|it| it.failed == 0);
        match self.measured.first().filter(|it| always && it.tries >= 3) {
            Some(measured) => finding.contradicted(Evidence {
                note: format!(
                    "all {} tries through the DNS Service were answered",
                    measured.tries
                ),
                ..cite_row(measured.row)
            }),
            None => finding,
        }
    }

    /// Symptoms that it explains.
    pub(crate) fn symptoms(&self) -> Vec<Symptom> {
        let first = self.first();
        let mut symptoms = match first.class {
            NameClass::Public => vec![Symptom::External],
            _ => vec![Symptom::Custom],
        };
        symptoms.extend(first.bad.iter().filter_map(|said| match said.outcome {
            Outcome::Nxdomain => Some(Symptom::Nxdomain),
            Outcome::Nodata => Some(Symptom::Nodata),
            Outcome::Servfail => Some(Symptom::Servfail),
            Outcome::Refused => Some(Symptom::Refused),
            _ => None,
        }));
        symptoms.push(Symptom::PodOnly);
        if self.list().draws() {
            symptoms.extend([Symptom::Intermittent, Symptom::Burst]);
        }
        small::sort_by(&mut symptoms, Symptom::cmp);
        symptoms.dedup();
        symptoms
    }
}

/// Points at the `forward` or at its policy, and says how it chooses.
pub(crate) fn cite_choice(list: &UpstreamList) -> Evidence {
    use digpod_corefile::Policy;
    let (place, origin) = match &list.policy_place {
        Some(place) => (place, "written here"),
        None => (&list.forward, "the default, no policy is written"),
    };
    let policy = match list.policy {
        Policy::Random => "random",
        Policy::RoundRobin => "round_robin",
        Policy::Sequential => "sequential",
        Policy::Unknown => "unknown",
    };
    cite(
        place,
        format!(
            "`forward` of zone {} has policy {policy} ({origin})",
            list.zones
        ),
    )
}
