//! Two reports of the same questions: what was the cause, what is it now, which answers changed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::v1::{MatrixRow, Report, Subject};
use crate::words;

/// What is different in a later report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Id of the earlier bundle, where one is known.
    pub before_id: String,
    /// When the earlier one was collected.
    pub before_collected: String,
    /// What it comes to.
    pub outcome: Outcome,
    /// The cause that was, or the headline where none was found.
    pub cause_before: String,
    /// The cause that is, or the headline where none is found.
    pub cause_now: String,
    /// Answers that are different, in the order of the earlier report.
    pub answers: Vec<ChangedAnswer>,
    /// What could not be asked again, in words.
    pub not_repeated: Vec<String>,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There was a cause, and it is healthy now.
    Fixed,
    /// The cause is the same.
    NotFixed,
    /// It is gone, and what comes first now was seen beside it then.
    Beside,
    /// There is another cause.
    OtherCause,
    /// There was a cause, and now it cannot be told.
    Undetermined,
    /// There was none before.
    NoCauseBefore,
    /// The two are of different clusters: nothing follows.
    OtherCluster,
}

/// A question with other outcomes than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedAnswer {
    /// `app.corp.internal. A through the Service 10.0.0.10, from workload`.
    pub question: String,
    /// `OK 6/10, NXDOMAIN 4/10`.
    pub before: String,
    /// The same now.
    pub now: String,
}

/// Compares an earlier report with a later one.
pub fn compare(before: &Report, now: &Report) -> Comparison {
    Comparison {
        before_id: String::new(),
        before_collected: before.subject.collected.clone(),
        outcome: outcome(before, now),
        cause_before: cause(before),
        cause_now: cause(now),
        answers: answers(&before.matrix, &now.matrix, &now.subject),
        not_repeated: Vec::new(),
    }
}

fn outcome(before: &Report, now: &Report) -> Outcome {
    let first = |report: &Report| report.causes.first().map(|cause| cause.id.clone());
    let has = |report: &Report, id: &str| report.causes.iter().any(|cause| cause.id == id);
    match (first(before), first(now)) {
        (None, _) => Outcome::NoCauseBefore,
        // Which of several comes first may differ from run to run.
        (Some(then), Some(_)) if has(now, &then) => Outcome::NotFixed,
        (Some(_), Some(now)) if has(before, &now) => Outcome::Beside,
        (Some(_), Some(_)) => Outcome::OtherCause,
        (Some(_), None) if now.verdict == "healthy" => Outcome::Fixed,
        (Some(_), None) => Outcome::Undetermined,
    }
}

fn cause(report: &Report) -> String {
    match report.causes.first() {
        Some(cause) => format!("{} ({})", cause.summary, cause.confidence),
        None => report.headline.clone(),
    }
}

type Key<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str, &'a str);

fn key(row: &MatrixRow) -> Key<'_> {
    (
        &row.vantage,
        &row.role,
        &row.server,
        &row.name,
        &row.record_type,
        &row.transport,
    )
}

fn answers(before: &[MatrixRow], now: &[MatrixRow], subject: &Subject) -> Vec<ChangedAnswer> {
    let rows: BTreeMap<Key<'_>, &MatrixRow> = now.iter().map(|row| (key(row), row)).collect();
    // What the failing pod would get comes first.
    let mut olds: Vec<&MatrixRow> = before.iter().collect();
    olds.sort_by_key(|row| (row.vantage != "workload", row.role != "service"));
    olds.into_iter()
        .filter_map(|old| {
            let new = rows.get(&key(old))?;
            let kinds = |row: &MatrixRow| {
                let mut kinds: Vec<String> =
                    row.outcomes.iter().map(|it| it.outcome.clone()).collect();
                kinds.sort();
                (kinds, row.answers.clone())
            };
            (kinds(old) != kinds(new)).then(|| ChangedAnswer {
                question: question(old, subject),
                before: said(old),
                now: said(new),
            })
        })
        .collect()
}

fn question(row: &MatrixRow, subject: &Subject) -> String {
    let server = row.server.strip_suffix(":53").unwrap_or(&row.server);
    let through = match row.role.as_str() {
        "service" => format!("through the Service {server}"),
        "coredns-pod" => format!("of CoreDNS pod {server}"),
        "upstream" => format!("of upstream {server}"),
        _ if row.server == "resolv.conf" => "by its own resolv.conf".to_owned(),
        _ => format!("of {server}"),
    };
    let tcp = if row.transport == "udp" {
        ""
    } else {
        " over TCP"
    };
    let from = words::vantage(&row.vantage, subject);
    let name = row.name.trim_end_matches('.');
    format!("{name} {}{tcp} {through}, from {from}", row.record_type)
}

/// `4 of 10 NXDOMAIN, 6 of 10 OK (10.20.4.17)`: failures first.
fn said(row: &MatrixRow) -> String {
    let mut outcomes: Vec<_> = row.outcomes.iter().collect();
    outcomes.sort_by_key(|it| it.outcome == "OK");
    let parts: Vec<String> = outcomes
        .iter()
        .map(|it| format!("{} of {} {}", it.count, row.tries, it.outcome))
        .collect();
    match row.answers.as_slice() {
        [] => parts.join(", "),
        [first, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{} ({first}{more})", parts.join(", "))
        }
    }
}

/// Answers that are told; more are counted.
const MOST: usize = 8;

impl Comparison {
    /// In plain text, a few lines.
    pub fn text(&self) -> String {
        let verdict = match self.outcome {
            Outcome::Fixed => "fixed: the cause found before is gone, and nothing fails now",
            Outcome::NotFixed => "not fixed: the cause is the same as before",
            Outcome::Beside => {
                "the cause found before is gone; what is found now was there before, beside it"
            }
            Outcome::OtherCause => "not fixed: the cause is another one than before",
            Outcome::Undetermined => {
                "not known: the cause found before is not seen any more, but \
                                      this run saw too little to call it healthy"
            }
            Outcome::NoCauseBefore => "no cause was found before",
            Outcome::OtherCluster => "not comparable: the earlier bundle is from another cluster",
        };
        let id: String = self.before_id.chars().take(12).collect();
        let mut text = format!(
            "Compared with bundle {id} of {}: {verdict}\n  before: {}\n  now:    {}\n",
            self.before_collected, self.cause_before, self.cause_now
        );
        for answer in self.answers.iter().take(MOST) {
            let _ = writeln!(
                text,
                "  {}: {} before, {} now",
                answer.question, answer.before, answer.now
            );
        }
        match self.answers.len().saturating_sub(MOST) {
            0 => {}
            more => {
                let _ = writeln!(text, "  and {} changed", words::count(more, "more answer"));
            }
        }
        if self.answers.is_empty() {
            text.push_str("  no answer has changed\n");
        }
        for line in &self.not_repeated {
            let _ = writeln!(text, "  not repeated: {line}");
        }
        text.lines()
            .map(crate::visible_line)
            .fold(String::new(), |text, line| text + &line + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::{Comparison, Outcome, answers};
    use crate::v1::{MatrixRow, OutcomeCount, Subject};

    fn row(vantage: &str, server: &str, outcomes: &[(&str, u32)]) -> MatrixRow {
        let outcomes: Vec<OutcomeCount> = outcomes
            .iter()
            .map(|(outcome, count)| OutcomeCount {
                outcome: (*outcome).to_owned(),
                count: *count,
            })
            .collect();
        MatrixRow {
            vantage: vantage.to_owned(),
            server: server.to_owned(),
            role: "service".to_owned(),
            name: "app.corp.internal.".to_owned(),
            class: "custom".to_owned(),
            record_type: "A".to_owned(),
            transport: "udp".to_owned(),
            tries: outcomes.iter().map(|it| it.count).sum(),
            outcomes,
            ..MatrixRow::default()
        }
    }

    #[test]
    fn answers_that_changed_are_told_and_no_others() {
        let before = [
            row("control", "10.0.0.10:53", &[("OK", 10)]),
            row("node-n", "10.0.0.10:53", &[("OK", 10)]),
            row("workload", "10.0.0.10:53", &[("OK", 6), ("NXDOMAIN", 4)]),
            row("workload", "10.0.0.9:53", &[("timeout", 3)]),
        ];
        let now = [
            row("workload", "10.0.0.10:53", &[("OK", 10)]),
            row("control", "10.0.0.10:53", &[("OK", 9)]),
            row("node-n", "10.0.0.10:53", &[("timeout", 10)]),
        ];
        let comparison = Comparison {
            before_id: "0123456789abcdef".to_owned(),
            before_collected: "2026-05-04T09:30:00Z".to_owned(),
            outcome: Outcome::Fixed,
            cause_before: "a cause (proven)".to_owned(),
            cause_now: "Nothing wrong was seen".to_owned(),
            answers: answers(&before, &now, &Subject::default()),
            not_repeated: vec!["Service 10.0.0.9:53 is not asked any more".to_owned()],
        };
        assert_eq!(
            comparison.text(),
            "\
Compared with bundle 0123456789ab of 2026-05-04T09:30:00Z: fixed: the cause found before is gone, \
and nothing fails now
  before: a cause (proven)
  now:    Nothing wrong was seen
  app.corp.internal A through the Service 10.0.0.10, from workload (a pod like the failing one): \
4 of 10 NXDOMAIN, 6 of 10 OK before, 10 of 10 OK now
  app.corp.internal A through the Service 10.0.0.10, from node n: 10 of 10 OK before, \
10 of 10 timeout now
  not repeated: Service 10.0.0.9:53 is not asked any more
"
        );
    }
}
