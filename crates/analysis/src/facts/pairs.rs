//! A and AAAA in the same moment: how often one of the two is lost.

use std::collections::BTreeMap;

use digpod_bundle::{Place, layout};
use digpod_probe::{Outcome, Pair, ProbeOutput, Record};

use super::Facts;

/// What one vantage lost of its pairs.
#[derive(Clone, Debug)]
pub(crate) struct Lost {
    /// From where.
    pub(crate) vantage: String,
    /// Sent from one socket.
    pub(crate) one_socket: Count,
    /// Sent from two.
    pub(crate) two_sockets: Count,
    /// A half that was lost from one socket, or else the first pair.
    pub(crate) example: Place,
}

/// Pairs, and what is missing of them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// All pairs.
    pub(crate) pairs: u32,
    /// Pairs of which one half got no answer and the other did.
    pub(crate) halves: u32,
    /// Pairs without any answer.
    pub(crate) both: u32,
}

impl Count {
    /// Pairs of which something is missing.
    pub(crate) fn any(self) -> u32 {
        self.halves + self.both
    }
}

/// Of each vantage that asked in pairs.
pub(crate) fn lost(facts: &Facts<'_>) -> Vec<Lost> {
    let outputs = facts.probes.outputs.iter();
    outputs
        .filter_map(|(vantage, output)| of_output(vantage, output))
        .collect()
}

fn of_output(vantage: &str, output: &ProbeOutput) -> Option<Lost> {
    // By server, name, way and try: the records of one pair, each with its number in the list.
    type Key<'r> = (&'r str, &'r str, Pair, u32);
    let mut pairs: BTreeMap<Key<'_>, Vec<(usize, &Record)>> = BTreeMap::new();
    for (at, record) in output.records.iter().enumerate() {
        if let Some(pair) = record.pair {
            let key = (
                record.server.as_str(),
                record.name.as_str(),
                pair,
                record.try_,
            );
            pairs.entry(key).or_default().push((at, record));
        }
    }
    let mut lost = Lost {
        vantage: vantage.to_owned(),
        one_socket: Count::default(),
        two_sockets: Count::default(),
        example: Place::whole(&layout::probe_records(vantage)),
    };
    let mut example = None;
    for ((_, _, pair, _), halves) in &pairs {
        let count = match pair {
            Pair::OneSocket => &mut lost.one_socket,
            Pair::TwoSockets => &mut lost.two_sockets,
        };
        let missing = halves
            .iter()
            .filter(|(_, it)| it.outcome == Outcome::Timeout);
        let missing: Vec<usize> = missing.map(|(at, _)| *at).collect();
        count.pairs += 1;
        match (missing.len(), halves.len()) {
            (0, _) => {}
            (some, all) if some < all => {
                count.halves += 1;
                if *pair == Pair::OneSocket && example.is_none() {
                    example = missing.first().copied();
                }
            }
            _ => count.both += 1,
        }
    }
    if pairs.is_empty() {
        return None;
    }
    if let Some(at) = example {
        let entry = layout::probe_records(vantage);
        lost.example = Place::json(&entry, format!("/records/{at}/outcome"));
    }
    Some(lost)
}

/// Sums `insert_failed` of `/proc/net/stat/nf_conntrack`: a line of names and one of hexadecimal
/// numbers for each processor (Linux, `net/netfilter/nf_conntrack_standalone.c`).
pub(crate) fn insert_failed(text: &str) -> Option<u64> {
    let mut lines = text
        .lines()
        .skip_while(|line| !line.contains("insert_failed"));
    let column = lines
        .next()?
        .split_whitespace()
        .position(|name| name == "insert_failed")?;
    let numbers = lines.map_while(|line| {
        let word = line.split_whitespace().nth(column)?;
        u64::from_str_radix(word, 16).ok()
    });
    Some(numbers.sum())
}

#[cfg(test)]
mod tests {
    use super::insert_failed;

    #[test]
    fn every_processor_counts() {
        let text = "# /proc/net/stat/nf_conntrack\n\
            entries  clashres found new invalid ignore delete chainlength insert insert_failed drop\n\
            00000048  00000000 00000000 00000000 00000007 00000000 00000000 00000000 00000000 0000000a 00000000\n\
            00000048  00000000 00000000 00000000 00000007 00000000 00000000 00000000 00000000 00000001 00000000\n";
        assert_eq!(insert_failed(text), Some(11));
        assert_eq!(insert_failed("entries found\n0 0\n"), None);
    }
}
