//! A replay in sentences, for people.

use std::collections::BTreeMap;
use std::fmt;

use super::{Asked, LookupError, Outcome, Simulation, Then, Verdict};
use crate::{RecordType, Reply};

impl fmt::Display for Then {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Taken => "",
            Self::Ignored => "dropped, it waits on",
            Self::NextServer => "it asks the next server",
            Self::RepeatedByTcp => "it asks again by TCP",
            Self::SentAgain => "it asks the same server again at once",
            Self::TimedOut => "it waits until the time is up",
            Self::NotNeeded => "not needed any more",
            Self::WaitedForever => "it waits without end",
        })
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, &self.then.to_string())
    }
}

impl Asked {
    fn write(&self, out: &mut impl fmt::Write, then: &str) -> fmt::Result {
        write!(
            out,
            "{:>6} ms  {:<4} to {} by {}, socket {}",
            self.at_ms, self.record_type, self.address, self.transport, self.socket
        )?;
        if self.attempt > 1 {
            write!(out, ", attempt {}", self.attempt)?;
        }
        let late = self.then == Then::TimedOut && !matches!(self.reply, Reply::Silence);
        match (late, then) {
            (true, then) => write!(out, ": {} that does not reach it; {then}", self.reply),
            (false, "") => write!(out, ": {}", self.reply),
            (false, then) => write!(out, ": {}; {then}", self.reply),
        }
    }
}

/// The questions about one candidate; what follows a failure is what was really asked next.
fn asked_lines(asked: &[Asked]) -> Vec<String> {
    let mut next: BTreeMap<RecordType, usize> = BTreeMap::new();
    let mut lines: Vec<String> = Vec::with_capacity(asked.len());
    for asked in asked.iter().rev() {
        let after = next.insert(asked.record_type, asked.server);
        let then = match (asked.then, after) {
            (Then::NextServer, None) => "it does not count".to_owned(),
            (Then::NextServer, Some(server)) if server == asked.server => {
                "it asks the same server again".to_owned()
            }
            (then, _) => then.to_string(),
        };
        let mut line = String::new();
        // Writing to a string cannot fail.
        let _ = asked.write(&mut line, &then);
        lines.push(line);
    }
    lines.reverse();
    lines
}

impl Simulation {
    /// Every question, each in one line, under the candidate that it is about; then the end.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(unasked) = self.plan.unasked {
            lines.push(unasked.to_string());
        }
        let mut rest = self.asked.as_slice();
        for (index, candidate) in self.plan.candidates.iter().enumerate() {
            // Why a candidate is broken stands there already.
            let verdict = match self.verdicts.get(index) {
                None | Some(Verdict::Broken) => String::new(),
                Some(verdict) => format!(": {verdict}"),
            };
            lines.push(format!("{}. {candidate}{verdict}", index + 1));
            // Questions stand in the order of the candidates.
            let end = rest.partition_point(|asked| asked.candidate <= index);
            let (asked, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            lines.extend(asked_lines(asked));
            rest = after;
        }
        lines.push(format!("It ends there: {}.", self.stop.rule));
        let hangs = self.outcome == Outcome::Failed(LookupError::NeverReturns);
        lines.push(if hangs {
            self.result()
        } else {
            format!("After {} ms: {}", self.wait_ms, self.result())
        });
        lines
    }

    /// How long each candidate of the plan keeps the program waiting, in milliseconds.
    ///
    /// ```
    /// use digpod_resolv::{Environment, Family, Implementation, Reply, read_as, simulate};
    ///
    /// let text = "nameserver 10.0.0.10\nsearch corp.example\noptions ndots:5\n";
    /// let glibc = read_as(text, Implementation::GLIBC, &Environment::default());
    /// let replay = simulate(&glibc, "web", Family::V4, |question| match question.name {
    ///     "web." => Reply::addresses(["192.0.2.1".parse().unwrap()]),
    ///     _ => Reply::Silence,
    /// });
    /// // 5 s, twice; glibc then still tries the name alone.
    /// assert_eq!((replay.waits(), replay.wait_ms), (vec![10_000, 0], 10_000));
    /// ```
    pub fn waits(&self) -> Vec<u64> {
        let mut waits = vec![0; self.plan.candidates.len()];
        let mut end = self.wait_ms;
        // Questions stand in the order of the candidates, which follow one another.
        for (candidate, wait) in waits.iter_mut().enumerate().rev() {
            let begin = self.asked.iter().filter(|it| it.candidate == candidate);
            if let Some(begin) = begin.map(|it| it.at_ms).min() {
                *wait = end.saturating_sub(begin);
                end = begin;
            }
        }
        waits
    }

    /// What the program gets, in one line.
    pub fn result(&self) -> String {
        match &self.outcome {
            Outcome::Addresses(addresses) => addresses
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            Outcome::Failed(error) => format!(
                "{} ({})",
                error.message(self.plan.implementation, &self.plan.name),
                error.code()
            ),
        }
    }
}

impl fmt::Display for Simulation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.lines() {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}
