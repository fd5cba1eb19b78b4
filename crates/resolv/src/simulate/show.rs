//! A replay in sentences, for people.

use std::fmt;

use super::{Asked, Outcome, Simulation, Then};
use crate::Reply;

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
        write!(
            out,
            "{:>6} ms  {:<4} to {} by {}, socket {}",
            self.at_ms, self.record_type, self.address, self.transport, self.socket
        )?;
        if self.attempt > 1 {
            write!(out, ", attempt {}", self.attempt)?;
        }
        let then = self.then.to_string();
        let late = self.then == Then::TimedOut && !matches!(self.reply, Reply::Silence);
        match (late, then.as_str()) {
            (true, then) => write!(out, ": {} that does not reach it; {then}", self.reply),
            (false, "") => write!(out, ": {}", self.reply),
            (false, then) => write!(out, ": {}; {then}", self.reply),
        }
    }
}

impl Simulation {
    /// Every question, each in one line, under the candidate that it is about; then the end.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(unasked) = self.plan.unasked {
            lines.push(unasked.to_string());
        }
        for (index, candidate) in self.plan.candidates.iter().enumerate() {
            let verdict = self
                .verdicts
                .get(index)
                .map_or(String::new(), ToString::to_string);
            lines.push(format!("{}. {candidate}: {verdict}", index + 1));
            let asked = self.asked.iter().filter(|asked| asked.candidate == index);
            lines.extend(asked.map(ToString::to_string));
        }
        lines.push(format!("It ends there: {}.", self.stop.rule));
        lines.push(format!("After {} ms: {}", self.wait_ms, self.result()));
        lines
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
