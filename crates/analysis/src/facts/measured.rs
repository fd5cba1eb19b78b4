//! What clients measured through the DNS Service, and how it compares with the odds.

use digpod_probe::{NameClass, Outcome};

use super::agreement::{Comparison, percent};
use super::probes::Probes;
use super::readings::ENOUGH;
use super::{Facts, addresses};
use crate::matrix::Row;

/// Tries of one question that show whether it fails now and then.
pub(crate) const TRIES: u32 = 10;

/// Tries of one name and type through the DNS Service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured<'a> {
    /// All tries.
    pub(crate) tries: u32,
    /// Tries that did not give an address.
    pub(crate) failed: u32,
    /// The row.
    pub(crate) row: &'a Row,
}

impl Measured<'_> {
    /// Share of failed tries, in percent.
    pub(crate) fn percent(&self) -> u32 {
        percent(self.failed as usize, self.tries as usize)
    }

    /// Whether some tries fail and some do not, over enough tries to say so.
    pub(crate) fn is_intermittent(&self) -> bool {
        self.tries >= TRIES && (6..=94).contains(&self.percent())
    }

    /// `7 of 20 tries through the DNS Service failed (35 %)`; whose tries they are where they are
    /// not those of the failing pod's sibling.
    pub(crate) fn words(&self) -> String {
        let Self { tries, failed, row } = self;
        let whose = match row.vantage.as_str() {
            "workload" => String::new(),
            other => format!(" from {other}"),
        };
        format!(
            "{failed} of {tries} tries through the DNS Service{whose} failed ({} %)",
            self.percent()
        )
    }

    /// `Asked once through the DNS Service: it failed`. One try measures nothing.
    fn asked_once(&self) -> String {
        let whose = match self.row.vantage.as_str() {
            "workload" => String::new(),
            other => format!(" from {other}"),
        };
        let came = match self.failed {
            0 => "it did not fail",
            _ => "it failed",
        };
        format!("Asked once through the DNS Service{whose}: {came}")
    }

    /// Whether chance alone explains the difference from a predicted share, in percent: the 90 %
    /// interval of a binomial, in integers.
    pub(crate) fn fits(&self, predicted: u32) -> bool {
        let (tries, p) = (i64::from(self.tries), i64::from(predicted));
        let off = i64::from(self.failed) * 100 - p * tries;
        // 1.645² = 2.706
        off * off * 1000 <= 2706 * p * (100 - p) * tries
    }
}

/// What was measured of a name and type.
pub(crate) fn of<'a>(probes: &'a Probes, name: &str, record_type: &str) -> Option<Measured<'a>> {
    probes
        .through_service()
        .find(|row| row.name == name && row.record_type == record_type)
        .map(of_row)
}

/// The same for a row. A public name without an address of this type was resolved all the same:
/// somebody said that it exists.
pub(crate) fn of_row(row: &Row) -> Measured<'_> {
    let tries = row.tries();
    let empty = match row.class {
        NameClass::Public => row.count(Outcome::Nodata),
        NameClass::Cluster | NameClass::Custom | NameClass::Nonexistent => 0,
    };
    Measured {
        tries,
        failed: tries - row.count(Outcome::Ok) - empty,
        row,
    }
}

/// The middle of sorted values, each of which stands for so many.
pub(crate) fn weighted_median(sorted: &[(u64, u32)], total: u32) -> u64 {
    let mut below = 0;
    for (median, weight) in sorted {
        below += weight;
        if below * 2 >= total {
            return *median;
        }
    }
    0
}

/// Why servers that disagree make names fail, with the odds, as a few sentences.
pub(crate) fn odds(comparison: &Comparison, measured: Option<Measured<'_>>) -> String {
    let list = &comparison.list;
    let (bad, all) = (
        comparison.bad.len(),
        comparison.bad.len() + comparison.good.len(),
    );
    let mut words = Vec::new();
    if list.draws() {
        let how = match list.policy_place {
            Some(_) => "by its policy",
            None => "by default",
        };
        words.push(format!(
            "For each query that its cache cannot answer, `forward` takes one of its servers {how}, \
             and any answer is final, NXDOMAIN included: no second server is asked. {bad} of {all} \
             servers that answer {} wrong, so about {} % of such queries fail. `policy sequential` \
             would only hide that until the first server is slow.",
            if bad == 1 { "is" } else { "are" },
            comparison.odds_percent(),
        ));
    } else {
        words.push(sequential(comparison));
    }
    if !comparison.silent.is_empty() {
        let silent = addresses::list(&comparison.silent);
        words.push(format!("{silent} did not answer and is not counted."));
    }
    if let Some(cache) = &list.cache
        && list.draws()
    {
        let wrong = match comparison.bad.first().map(|said| said.outcome) {
            Some(Outcome::Ok) => cache.positive,
            _ => cache.negative,
        };
        words.push(format!(
            "Each CoreDNS pod keeps what it drew in its cache, a wrong answer for up to {wrong} s and \
             a right one for up to {} s: failures come in bursts, and two pods may say different \
             things at the same time.",
            cache.positive,
        ));
    }
    if let Some(measured) = measured.filter(|it| it.tries == 1) {
        words.push(format!("{}.", measured.asked_once()));
    }
    if let Some(measured) = measured.filter(|it| it.tries >= ENOUGH) {
        words.push(format!("Measured: {}.", measured.words()));
        if list.draws() && !measured.fits(comparison.odds_percent()) {
            words.push(
                "That is off the odds because tries that the cache answers are no draws of their own; \
                 the servers asked one by one are the proof."
                    .to_owned(),
            );
        }
    }
    words.join(" ")
}

fn sequential(comparison: &Comparison) -> String {
    let first = comparison
        .list
        .servers
        .first()
        .map(|server| server.address.as_str());
    let first_is_bad = comparison
        .bad
        .iter()
        .any(|said| Some(said.address.as_str()) == first);
    if first_is_bad {
        "`policy sequential` asks in listed order, any answer is final, and the first server \
             is a wrong one: the name fails every time."
            .to_owned()
    } else {
        "`policy sequential` asks in listed order and the first server is a right one: the \
              name fails whenever that server is slow or down, because the next one is wrong."
            .to_owned()
    }
}

/// What the upstreams' disagreement predicts for a name, beside what was measured.
pub(crate) fn prediction(facts: &Facts<'_>, measured: &Measured<'_>) -> String {
    let row = measured.row;
    let comparison = facts.comparisons().iter().find(|it| {
        it.name == row.name
            && it.record_type == row.record_type
            && it.disagrees()
            && it.list.draws()
    });
    let Some(comparison) = comparison else {
        return "No disagreement of the upstreams over this name was measured.".to_owned();
    };
    let predicted = comparison.odds_percent();
    let fit = if measured.fits(predicted) {
        "the two agree within chance"
    } else {
        "the cache repeats each draw, so a short measurement may be off"
    };
    format!(
        "{} of {} upstreams that answer do not know it, which predicts {predicted} % of failures; {} % \
         were measured: {fit}.",
        comparison.bad.len(),
        comparison.bad.len() + comparison.good.len(),
        measured.percent(),
    )
}
