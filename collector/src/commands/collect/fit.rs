//! Makes a bundle as small as `--max-size` wants it: what tells least goes first.
//!
//! The order: lists of many objects, logs of what only carries queries (the largest first), then the
//! older parts of DNS's own logs (the largest log first, half of it at a time), then whole entries from the largest on. The objects of DNS, its configuration
//! and the probes go last, and hardly ever: together they are far smaller than any limit.

use digpod_bundle::{Bundle, EntryName, Item, Kind, Status, layout};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Bytes that an archive needs for an entry beside its content: two headers with its name, and
/// what the manifest says of it.
const OVERHEAD: u64 = 400;
/// A log is not cut to less.
const LEAST_LOG: usize = 64 << 10;
/// Lists of many objects, which are given up first.
const BULK: &[&str] = &[layout::NODE_METRICS, layout::NODES, layout::DNS_EVENTS];

/// Takes away until the file will have at most `limit` bytes, and puts down what was taken.
pub(super) fn fit(bundle: &mut Bundle, limit: u64) {
    let mut sizes = sizes(bundle);
    for entry in BULK {
        if total(&sizes) > limit {
            drop_entry(bundle, &mut sizes, entry, limit);
        }
    }
    while total(&sizes) > limit
        && let Some(entry) = largest(&sizes, |it| it.kind == Log::OfNetwork)
    {
        drop_entry(bundle, &mut sizes, &entry, limit);
    }
    while total(&sizes) > limit && halve_largest_log(bundle, &mut sizes, limit) {}
    while total(&sizes) > limit {
        let Some(entry) = largest(&sizes, |_| true) else {
            return;
        };
        drop_entry(bundle, &mut sizes, &entry, limit);
    }
}

struct Size {
    entry: String,
    packed: u64,
    kind: Log,
}

/// Whether it is a log, and of what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Log {
    OfDns,
    OfNetwork,
    None,
}

fn largest(sizes: &[Size], of: impl Fn(&Size) -> bool) -> Option<String> {
    let largest = sizes.iter().filter(|it| of(it)).max_by_key(|it| it.packed);
    largest.map(|it| it.entry.clone())
}

fn total(sizes: &[Size]) -> u64 {
    sizes.iter().map(|it| it.packed + OVERHEAD).sum()
}

fn sizes(bundle: &Bundle) -> Vec<Size> {
    let size = |(name, bytes): (&EntryName, &[u8])| Size {
        entry: name.as_str().to_owned(),
        packed: packed(bytes),
        kind: match Kind::of(name) {
            Kind::Log { .. } => Log::OfDns,
            Kind::NetworkLog { .. } => Log::OfNetwork,
            _ => Log::None,
        },
    };
    bundle.entries().map(size).collect()
}

/// The size of something in the archive.
fn packed(bytes: &[u8]) -> u64 {
    use std::io::Write as _;
    let mut encoder = DeflateEncoder::new(Counter::default(), Compression::new(6));
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.map_or(bytes.len() as u64, |counter| counter.0)
}

#[derive(Default)]
struct Counter(u64);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Cuts the largest log to its newer half; gives whether there was one to cut.
fn halve_largest_log(bundle: &mut Bundle, sizes: &mut [Size], limit: u64) -> bool {
    let logs = sizes.iter_mut().filter(|it| {
        it.kind == Log::OfDns
            && bundle
                .get(&it.entry)
                .is_some_and(|log| log.len() > LEAST_LOG)
    });
    let Some(size) = logs.max_by_key(|it| it.packed) else {
        return false;
    };
    let log = bundle.get(&size.entry).unwrap_or_default();
    let newer = log.get(log.len() / 2..).unwrap_or_default();
    let line = newer
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let newer = newer.get(line..).unwrap_or_default().to_vec();
    size.packed = packed(&newer);
    let mut item: Item = bundle.item(&size.entry).cloned().unwrap_or_default();
    item.status = Status::Truncated;
    let mine = format!("the older part was left out ({})", words(limit));
    item.reason = Some(match item.reason {
        Some(reason) if !reason.contains(&mine) => format!("{reason}; {mine}"),
        Some(reason) => reason,
        None => mine,
    });
    bundle.add_with(&size.entry, newer, item).is_ok()
}

fn drop_entry(bundle: &mut Bundle, sizes: &mut Vec<Size>, entry: &str, limit: u64) {
    sizes.retain(|it| it.entry != entry);
    if bundle.get(entry).is_none() {
        return;
    }
    let item = bundle.item(entry).cloned().unwrap_or_default();
    let gap = Item {
        entry: entry.to_owned(),
        status: Status::Failed,
        reason: Some(format!("left out: {}", words(limit))),
        ..item
    };
    drop(bundle.add_gap(gap));
}

fn words(limit: u64) -> String {
    format!(
        "the bundle would be larger than --max-size, {} kB",
        limit / 1_000
    )
}

#[cfg(test)]
mod tests {
    use digpod_bundle::{Bundle, Item, LogStream, Manifest, Status, layout};

    use super::fit;

    /// Lines that hardly shrink when they are packed.
    fn noise(lines: u64) -> Vec<u8> {
        let mut state = 1_u64;
        let mut line = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            format!("{state:016x}{:016x}\n", state.rotate_left(31))
        };
        (0..lines).flat_map(|_| line().into_bytes()).collect()
    }

    #[test]
    fn what_tells_least_goes_first_and_is_put_down() {
        let mut bundle = Bundle::new(Manifest::default());
        bundle.add("dns/service.json", "{}", "").unwrap();
        bundle.add("cluster/nodes.json", noise(5_000), "").unwrap();
        let log = noise(60_000);
        let item = Item::default();
        bundle
            .add_log("coredns", "coredns", LogStream::Current, &log, &item)
            .unwrap();
        let before = bundle.clone();
        fit(&mut bundle, 25_000_000);
        assert_eq!(bundle, before, "it fits");

        fit(&mut bundle, 600_000);
        assert!(bundle.get("dns/service.json").is_some());
        let nodes = bundle.item("cluster/nodes.json").unwrap();
        assert_eq!(nodes.status, Status::Failed);
        assert!(
            nodes
                .reason
                .as_deref()
                .unwrap()
                .contains("--max-size, 600 kB")
        );
        let entry = "dns/logs/coredns/coredns/current-000.log";
        assert_eq!(bundle.item(entry).unwrap().status, Status::Truncated);
        assert!(
            log.ends_with(bundle.get(entry).unwrap()),
            "the newest is kept"
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        bundle.save(file.path()).unwrap();
        let size = std::fs::metadata(file.path()).unwrap().len();
        assert!((200_000..600_000).contains(&size), "{size}");
    }

    #[test]
    fn logs_of_what_carries_queries_go_before_those_of_dns() {
        let mut bundle = Bundle::new(Manifest::default());
        let (dns, item) = (noise(8_000), Item::default());
        let stream = LogStream::Current;
        bundle
            .add_log("coredns", "coredns", stream, &dns, &item)
            .unwrap();
        let network = |pod: &str| layout::network_log(pod, "kube-proxy", stream, 0);
        let (large, small) = (network("a"), network("b"));
        bundle.add(&large, noise(4_000), "").unwrap();
        bundle.add(&small, noise(1_000), "").unwrap();
        // What both of DNS and the small one need, but not the large one.
        fit(&mut bundle, 210_000);
        let item = bundle.item(&large).unwrap();
        assert_eq!(item.status, Status::Failed);
        assert!(item.reason.as_deref().unwrap().contains("--max-size"));
        assert!(bundle.get(&small).is_some());
        let kept = bundle.get("dns/logs/coredns/coredns/current-000.log");
        assert_eq!(kept, Some(dns.as_slice()));
    }
}
