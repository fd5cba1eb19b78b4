//! Speed of the pass over a log, beside finding its line ends.

use digpod_dnslog::{Detail, Scanner};
use digpod_test_support::bench::{Work, compare};

mod maker;

/// More than any cache holds.
const BYTES: usize = 64 << 20;

fn main() {
    for (name, layer) in [
        ("plain", maker::Layer::None),
        ("with kubectl's stamps", maker::Layer::Kubectl),
        ("as CRI stores it", maker::Layer::Cri),
        ("as Docker stores it", maker::Layer::Docker),
    ] {
        let log = made(layer);
        for (what, detail) in [
            ("signatures", Detail::Signatures),
            ("everything", Detail::Everything),
        ] {
            compare(
                &format!("{what} of a log {name}"),
                Work::Bytes(log.len()),
                || {
                    let mut scanner = Scanner::with_detail(detail);
                    scanner.feed(&log);
                    scanner.finish()
                },
                "counting its line feeds",
                || memchr::memchr_iter(b'\n', &log).count(),
            );
        }
    }
}

fn made(layer: maker::Layer) -> Vec<u8> {
    let mut maker = maker::Maker::new(1, layer);
    let mut text = Vec::with_capacity(BYTES + 1_024);
    while text.len() < BYTES {
        maker.push(&mut text);
    }
    text
}
