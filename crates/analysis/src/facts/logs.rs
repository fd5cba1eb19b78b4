//! Logs of the DNS pods, scanned.

use std::collections::BTreeMap;

use digpod_bundle::{Bundle, EntryName, Kind, LogStream, Place};
use digpod_dnslog::{Hit, LogSummary};

use super::{Gap, Lack, Seen, missing};

/// The log of one run of one container.
#[derive(Debug)]
pub(crate) struct ContainerLog {
    /// The pod.
    pub(crate) pod: String,
    /// Which run.
    pub(crate) stream: LogStream,
    /// Its pieces in order: entry and what stands in it.
    pub(crate) pieces: Vec<(String, LogSummary)>,
}

impl ContainerLog {
    /// All hits with their places, in order.
    pub(crate) fn hits(&self) -> impl Iterator<Item = (&Hit, Place)> {
        self.pieces.iter().flat_map(|(entry, summary)| {
            let place = |hit: &Hit| Place::text(entry, hit.span.clone());
            summary.hits.iter().map(move |hit| (hit, place(hit)))
        })
    }
}

/// All logs.
#[derive(Debug)]
pub(crate) struct Logs {
    /// By pod, container and run.
    pub(crate) logs: Vec<ContainerLog>,
    /// Logs that the manifest says are missing, and why.
    pub(crate) gaps: Vec<Gap>,
}

impl Logs {
    pub(crate) fn read(bundle: &Bundle) -> Self {
        let mut logs: BTreeMap<(String, String, LogStream), BTreeMap<u32, String>> =
            BTreeMap::new();
        let mut gaps = Vec::new();
        for item in &bundle.manifest().items {
            let Ok(name) = EntryName::new(item.entry.as_str()) else {
                continue;
            };
            let Kind::Log {
                pod,
                container,
                stream,
                piece,
            } = Kind::of(&name)
            else {
                continue;
            };
            if bundle.get(&item.entry).is_some() || item.status.has_content() {
                let pieces = logs.entry((pod, container, stream)).or_default();
                pieces.insert(piece, item.entry.clone());
            } else if stream == LogStream::Current {
                gaps.push(missing::gap(bundle, &item.entry));
            }
        }
        let scan = |entry: String| {
            let summary = digpod_dnslog::scan(bundle.get(&entry).unwrap_or_default());
            (entry, summary)
        };
        let logs = logs
            .into_iter()
            .map(|((pod, _, stream), pieces)| ContainerLog {
                pod,
                stream,
                pieces: pieces.into_values().map(scan).collect(),
            })
            .collect();
        Self { logs, gaps }
    }

    /// The logs, or why there is none.
    pub(crate) fn seen(&self) -> Seen<&[ContainerLog]> {
        if !self.logs.is_empty() {
            return Ok(&self.logs);
        }
        Err(self.gaps.first().cloned().unwrap_or_else(|| Gap {
            lacks: Lack::Entry,
            entry: "dns/logs".to_owned(),
            reason: "no log of a DNS pod was collected".to_owned(),
        }))
    }
}
