//! What is said of a mixed list where no probe has proven that it is the cause.

use digpod_probe::NameClass;

use super::addresses::{describe, list as words};
use super::mixture::Mixture;
use super::probes::cite_row;
use super::resolv_confs::ResolvFile;
use super::upstreams::{self, UpstreamList};
use super::{Facts, agreement, cite, disagreement, measured};
use crate::finding::{Confidence, Evidence, Severity};
use crate::symptom::Symptom;

/// How bad a mixed list is, how sure that is, and why.
#[derive(Debug)]
pub(crate) struct Suspicion {
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
    pub(crate) message: String,
    pub(crate) primary: Evidence,
    pub(crate) others: Vec<Evidence>,
    pub(crate) against: Vec<Evidence>,
    pub(crate) symptoms: Vec<Symptom>,
}

/// What a list of a `forward` is suspected of.
pub(crate) fn of_list(facts: &Facts<'_>, list: &UpstreamList, mixture: &Mixture) -> Suspicion {
    let (severity, confidence, seen) = if is_unused(facts, list) {
        (
            Severity::Info,
            Confidence::Possible,
            "; the failing names are served by another block",
        )
    } else if agrees(facts, list) {
        (
            Severity::Low,
            Confidence::Possible,
            "; the servers agree about the failing names",
        )
    } else if list.draws() {
        (
            Severity::High,
            Confidence::Likely,
            ": names that only the custom servers know fail by chance",
        )
    } else {
        let sure = if is_intermittent(facts) {
            Confidence::Likely
        } else {
            Confidence::Possible
        };
        (
            Severity::High,
            sure,
            ": names that only some of them know may fail",
        )
    };
    let custom = list
        .servers
        .iter()
        .filter(|server| mixture.custom.contains(&server.address));
    let mut others: Vec<Evidence> = custom
        .map(|server| cite(&server.place, format!("custom server {}", server.address)))
        .collect();
    others.push(disagreement::cite_choice(list));
    Suspicion {
        severity,
        confidence,
        message: format!(
            "CoreDNS {} a list that mixes {} with custom servers ({}){seen}",
            list.chooses(),
            described(&mixture.cloud),
            words(&mixture.custom),
        ),
        primary: primary(list, mixture),
        others,
        against: if severity == Severity::Low {
            against(facts, list, mixture)
        } else {
            Vec::new()
        },
        symptoms: if severity == Severity::High {
            symptoms(list.draws())
        } else {
            Vec::new()
        },
    }
}

/// Without a Corefile: a node whose own list is mixed, from which CoreDNS may have its own. Probes
/// that asked these servers and got different answers make it likely.
pub(crate) fn of_nodes(facts: &Facts<'_>) -> Option<(Mixture, UpstreamList, Suspicion)> {
    let files = facts.resolv.of_nodes(facts.bundle(), &[]).ok()?;
    let mixed = |file| Some((file, Mixture::of(&ResolvFile::nameservers(file))?));
    let (file, mixture) = files.into_iter().find_map(mixed)?;
    let list = upstreams::of_file(file);
    let proof = agreement::compare_all(&list, &facts.probes.rows, &facts.failing)
        .into_iter()
        .find(|it| mixture.is_denied_by_cloud(it));
    let answers = proof.iter().flat_map(|it| it.bad.iter().chain(&it.good));
    let suspicion = Suspicion {
        severity: Severity::High,
        confidence: if proof.is_some() {
            Confidence::Likely
        } else {
            Confidence::Possible
        },
        message: format!(
            "the resolv.conf of {} lists {} beside {}{}; a CoreDNS that takes its upstreams from it \
             draws at random",
            file.whose(),
            described(&mixture.cloud),
            words(&mixture.custom),
            if proof.is_some() {
                ", and they do not say the same of a failing name"
            } else {
                ""
            },
        ),
        primary: primary(&list, &mixture),
        others: answers.map(|said| cite_row(&said.row)).collect(),
        against: Vec::new(),
        symptoms: symptoms(true),
    };
    Some((mixture, list, suspicion))
}

/// Whether every failing name is served by another list.
fn is_unused(facts: &Facts<'_>, list: &UpstreamList) -> bool {
    !facts.failing.is_empty()
        && facts.failing.iter().all(|failing| {
            facts
                .serving(&failing.name)
                .is_some_and(|serving| serving.forward != list.forward)
        })
}

/// Whether all servers of the list were asked for the failing names and say the same.
fn agrees(facts: &Facts<'_>, list: &UpstreamList) -> bool {
    let of_list = facts
        .comparisons()
        .iter()
        .filter(|it| it.list.forward == list.forward);
    let mut custom = of_list
        .filter(|it| it.class == NameClass::Custom)
        .peekable();
    custom.peek().is_some() && custom.all(|it| it.good.len() == list.servers.len())
}

fn against(facts: &Facts<'_>, list: &UpstreamList, mixture: &Mixture) -> Vec<Evidence> {
    let custom = |class| class == NameClass::Custom;
    facts
        .comparisons()
        .iter()
        .filter(|it| it.list.forward == list.forward && custom(it.class))
        .flat_map(|it| &it.good)
        .filter(|said| mixture.cloud.contains(&said.address))
        .map(|said| cite_row(&said.row))
        .collect()
}

fn primary(list: &UpstreamList, mixture: &Mixture) -> Evidence {
    let server = list
        .servers
        .iter()
        .find(|server| mixture.cloud.contains(&server.address));
    let inferred = list.inferred.as_deref().unwrap_or_default();
    let Some(server) = server else {
        return disagreement::cite_choice(list);
    };
    let note = format!(
        "{} beside custom servers{inferred}",
        describe(&server.address)
    );
    cite(&server.place, note)
}

fn symptoms(draws: bool) -> Vec<Symptom> {
    let always = [Symptom::Custom, Symptom::Nxdomain, Symptom::PodOnly];
    let by_chance = [Symptom::Intermittent, Symptom::Burst];
    always
        .into_iter()
        .chain(by_chance.into_iter().filter(|_| draws))
        .collect()
}

fn is_intermittent(facts: &Facts<'_>) -> bool {
    let mut asked = facts.probes.through_service();
    asked.any(|row| row.class == NameClass::Custom && measured::of_row(row).is_intermittent())
}

fn described(addresses: &[String]) -> String {
    words(
        &addresses
            .iter()
            .map(|address| describe(address))
            .collect::<Vec<_>>(),
    )
}
