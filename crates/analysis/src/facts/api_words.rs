//! In words, how an answer and what the API says disagree.

use std::collections::BTreeSet;

use digpod_probe::for_people;

use super::addresses::list;
use super::api_answers::{Against, Age};
use super::named_services::{Addresses, Named, canonical};
use super::names::plain;
use super::probes::cite_row;
use crate::finding::{Confidence, Evidence};
use crate::matrix::Row;
use crate::symptom::Symptom;

/// Rows shown as evidence.
const SHOWN: usize = 4;

/// A name, and what each CoreDNS pod said of it.
pub(crate) struct Asked<'a, 'b> {
    pub(crate) named: &'a Named,
    pub(crate) rows: &'a [&'b Row],
}

impl<'b> Asked<'_, 'b> {
    pub(crate) fn filter(&self, keep: impl Fn(&Row) -> bool) -> Vec<&'b Row> {
        self.rows.iter().copied().filter(|row| keep(row)).collect()
    }

    /// `Service db of namespace shop`.
    pub(super) fn service(&self) -> String {
        let Named {
            namespace, service, ..
        } = self.named;
        format!("Service {service} in namespace {namespace}")
    }

    pub(super) fn name(&self) -> &str {
        self.rows.first().map_or("it", |row| plain(&row.name))
    }

    /// `every CoreDNS pod`, `CoreDNS pod 10.244.1.5`.
    fn who(&self, rows: &[&Row]) -> (String, &'static str) {
        let servers = |rows: &[&Row]| -> BTreeSet<String> {
            let servers = rows.iter().map(|row| super::addresses::bare(&row.server));
            servers.map(str::to_owned).collect()
        };
        let (these, all) = (servers(rows), servers(self.rows));
        let these: Vec<String> = these.into_iter().collect();
        match these.as_slice() {
            _ if these.len() == all.len() && these.len() > 1 => {
                ("every CoreDNS pod".to_owned(), "s")
            }
            [one] => (format!("CoreDNS pod {one}"), "s"),
            _ => (format!("CoreDNS pods {}", list(&these)), ""),
        }
    }

    pub(super) fn command(&self, what: &str) -> String {
        let Named {
            namespace, service, ..
        } = self.named;
        match what {
            "endpoints" => format!(
                "kubectl -n {namespace} get endpointslices -l kubernetes.io/service-name={service} -o yaml"
            ),
            "service" => format!("kubectl -n {namespace} get service {service} -o yaml"),
            _ => format!("kubectl -n {namespace} get service"),
        }
    }
}

/// The API server has no such Service, and DNS has addresses for it.
pub(crate) fn from_elsewhere(asked: &Asked<'_, '_>, wrong: &[&Row]) -> Against {
    let (who, s) = asked.who(wrong);
    Against {
        confidence: Confidence::Likely,
        message: format!(
            "there is no {}, says the API server, but {who} give{s} {} for {}",
            asked.service(),
            answers(wrong),
            asked.name()
        ),
        explanation: format!(
            "{ELSEWHERE} A Service that was removed just now is answered until its TTL has passed."
        ),
        evidence: rows(wrong).collect(),
        explains: vec![Symptom::Custom, Symptom::Internal],
        fix: (LOOK.to_owned(), asked.command("services")),
    }
}

/// An answer that is not what the API says.
pub(crate) fn wrong(
    asked: &Asked<'_, '_>,
    wrong: &[&Row],
    right: &Addresses,
    headless: bool,
    age: &Age,
) -> Against {
    let (who, s) = asked.who(wrong);
    let others = |row: &Row| row.answered() > 0 && !wrong.iter().any(|it| it.server == row.server);
    let some = asked.rows.iter().any(|row| others(row));
    let shown: Vec<String> = right.right.iter().cloned().collect();
    let truth = match (headless, shown.is_empty()) {
        (true, true) => "has no ready endpoint".to_owned(),
        (true, false) => format!("has the ready endpoints {}", some_of(&shown)),
        (false, _) => format!("has the address {}", list(&shown)),
    };
    let gives = match answers(wrong) {
        none if none.is_empty() => format!("say{s} that there is none"),
        answers => format!("give{s} {answers}"),
    };
    let confidence = match age.seconds {
        _ if age.is_young() => Confidence::Possible,
        Some(_) => Confidence::Proven,
        None => Confidence::Likely,
    };
    let mut explains = vec![Symptom::Internal, Symptom::Custom];
    if some {
        explains.extend([Symptom::Replica, Symptom::Intermittent]);
    }
    if wrong.iter().any(|row| row.answers.is_empty()) {
        explains.extend([Symptom::Nxdomain, Symptom::Nodata]);
    }
    let (then, cure) = if some {
        (
            "Other CoreDNS pods are right: the copy of the API's objects that this one answers from is old.".to_owned(),
            "Make the CoreDNS pod with the old answer anew".to_owned(),
        )
    } else {
        (ELSEWHERE.to_owned(), LOOK.to_owned())
    };
    Against {
        confidence,
        message: format!(
            "{} {truth}, but for {} {who} {gives}",
            asked.service(),
            asked.name()
        ),
        explanation: format!("{}{then}", when(age, headless)),
        evidence: rows(wrong).chain([right.evidence.clone()]).collect(),
        explains,
        fix: (
            cure,
            asked.command(if headless { "endpoints" } else { "service" }),
        ),
    }
}

const ELSEWHERE: &str = "A `hosts`, `rewrite` or `template` of the Corefile answers in the place of the `kubernetes` \
                         plugin, or leaves it out; or CoreDNS watches another cluster's API, or no longer hears of changes.";
const LOOK: &str = "Look for what answers this name in the effective Corefile, and whether CoreDNS logs errors of its watch";

/// What a change and the TTL have to do with it.
fn when(age: &Age, headless: bool) -> String {
    let Some((changed, seconds)) = age.changed.as_ref().zip(age.seconds) else {
        return String::new();
    };
    let what = if headless {
        "Its endpoints were"
    } else {
        "The Service was"
    };
    let kept = format!("an answer may be kept for {} s", age.ttl);
    if age.is_young() {
        format!(
            "{what} changed at {changed}, and {kept} by CoreDNS and again by a cache in front of it: the answer \
             may be that of before. Run again to see whether it stays. "
        )
    } else {
        format!(
            "{what} changed last at {changed}, {} before, and {kept}: no cache explains it. ",
            for_people(seconds.unsigned_abs().saturating_mul(1_000)),
        )
    }
}

pub(super) fn rows<'a>(rows: &'a [&Row]) -> impl Iterator<Item = Evidence> + use<'a> {
    rows.iter().take(SHOWN).map(|row| cite_row(row))
}

/// All that these rows were answered.
fn answers(rows: &[&Row]) -> String {
    let all = rows.iter().flat_map(|row| &row.answers).map(String::as_str);
    // An alias that leads to the address is none.
    let all: BTreeSet<&str> = all.filter(|it| canonical(it).is_some()).collect();
    let all: Vec<String> = all.into_iter().map(str::to_owned).collect();
    some_of(&all)
}

/// The first of them, and how many more.
fn some_of(all: &[String]) -> String {
    match all.split_at_checked(SHOWN) {
        Some((first, rest)) if !rest.is_empty() => {
            format!("{} and {} more", first.join(", "), rest.len())
        }
        _ => list(all),
    }
}
