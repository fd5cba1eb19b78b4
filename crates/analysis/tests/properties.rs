//! What holds of any bundle: order does not matter, and nothing in it makes the engine fall over.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its fixture has failed"
)]

use std::path::Path;

use digpod_analysis::analyse;
use digpod_bundle::{Bundle, Item, layout};
use digpod_test_support::{all_fixtures, cases};
use proptest::prelude::*;

/// A bundle in which every family of facts has something to say.
fn article() -> Bundle {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnosis/article.md");
    let cases = cases(&std::fs::read_to_string(path).unwrap()).unwrap();
    cases.into_iter().next().unwrap().bundle
}

fn known_entries() -> Vec<String> {
    let mut known: Vec<String> = [
        layout::NODES,
        layout::DNS_SERVICE,
        layout::DNS_ENDPOINT_SLICES,
        layout::DNS_PODS,
        layout::DNS_WORKLOAD,
        layout::WORKLOAD_POD,
        layout::WORKLOAD_RESOLV_CONF,
    ]
    .map(str::to_owned)
    .to_vec();
    known.push(layout::config_map("coredns"));
    known.push(layout::config_map("coredns-custom"));
    known.push(layout::log(
        "coredns-a",
        "coredns",
        digpod_bundle::LogStream::Current,
        0,
    ));
    known.push(layout::node_resolv_conf("n1"));
    known.push(layout::probe_records("workload"));
    known.push(layout::probe_resolv_conf("default-aks-system-1"));
    known
}

fn add(bundle: &mut Bundle, entry: &str, bytes: Vec<u8>) {
    bundle.add_with(entry, bytes, Item::default()).unwrap();
    let analysis = analyse(bundle);
    // Every place can be shown, whatever it points into.
    for finding in &analysis.findings {
        for evidence in finding.evidence.iter().chain(&finding.contradicted_by) {
            let _ = bundle.locate(&evidence.place, 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn entries_in_any_order_give_the_same_analysis(order in Just(()).prop_perturb(|(), mut rng| {
        let mut order: Vec<u32> = (0..32).collect();
        for at in (1..order.len()).rev() {
            order.swap(at, rng.random_range(0..=at));
        }
        order
    })) {
        let original = article();
        let mut entries: Vec<(String, Vec<u8>)> =
            original.entries().map(|(name, bytes)| (name.to_string(), bytes.to_vec())).collect();
        let mut position = order.into_iter();
        entries.sort_by_cached_key(|_| position.next());
        let mut shuffled = Bundle::new(original.manifest().clone());
        for item in &original.manifest().items {
            if original.get(&item.entry).is_none() {
                shuffled.add_gap(item.clone()).unwrap();
            }
        }
        for (name, bytes) in entries {
            let item = original.item(&name).cloned().unwrap_or_default();
            shuffled.add_with(&name, bytes, item).unwrap();
        }
        prop_assert_eq!(format!("{:?}", analyse(&original)), format!("{:?}", analyse(&shuffled)));
    }

    #[test]
    fn bytes_of_any_kind_in_any_entry_are_analysed(
        entry in prop::sample::select(known_entries()),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        add(&mut article(), &entry, bytes);
    }

    #[test]
    fn damaged_entries_are_analysed(
        pick in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut bundle = article();
        let entries: Vec<(String, Vec<u8>)> =
            bundle.entries().map(|(name, bytes)| (name.to_string(), bytes.to_vec())).collect();
        let (entry, mut bytes) = entries[pick.index(entries.len())].clone();
        let at = at.index(bytes.len());
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        add(&mut bundle, &entry, bytes);
    }

    #[test]
    fn a_corefile_of_any_words_is_analysed(
        words in prop::collection::vec(prop::sample::select(vec![
            ".:53", "{", "}", "\n", "forward", ".", "/etc/resolv.conf", "10.1.0.4", "tls://9.9.9.9", "policy",
            "sequential", "cache", "30", "denial", "import", "custom/*.server", "custom/x.server", "corp.internal",
            "kubernetes", "cluster.local", "loop", "[::1]:53", "\u{301}", "#", "\"",
        ]), 0..60),
    ) {
        let map = serde_json::json!({"metadata": {"name": "coredns"}, "data": {"Corefile": words.join(" ")}});
        add(&mut article(), &layout::config_map("coredns"), map.to_string().into_bytes());
    }
}

#[test]
fn every_piece_of_evidence_of_every_fixture_points_at_something() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for fixture in all_fixtures(&root).unwrap() {
        for case in fixture.cases {
            for finding in analyse(&case.bundle).findings {
                for evidence in &finding.evidence {
                    let at = case.bundle.locate(&evidence.place, 0);
                    assert!(
                        at.lines.iter().any(|line| !line.trim().is_empty()),
                        "{}, {}: {} of {} shows nothing",
                        fixture.name,
                        case.heading,
                        evidence.note,
                        finding.rule.id,
                    );
                }
            }
        }
    }
}
