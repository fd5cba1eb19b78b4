//! Evidence in what was made of a file points into the file itself; nothing of a file is lost.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use digpod_bundle::{Bundle, Place};
use digpod_import::{Imported, LooseFile, import};
use proptest::prelude::*;

fn one(name: &str, text: &str) -> Imported {
    import(vec![LooseFile {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }])
}

/// The text at a located place, on its first line.
fn shown(bundle: &Bundle, place: &Place) -> (String, String) {
    let at = bundle.locate(place, 0);
    let line = at.lines.first().cloned().unwrap_or_default();
    let from = at.column as usize - 1;
    let length = (at.end_column - at.column) as usize;
    assert_eq!(at.line, at.end_line, "a word is on one line");
    (at.entry, line.chars().skip(from).take(length).collect())
}

/// The word in the Corefile of an entry, as a fact would cite it.
fn word(bundle: &Bundle, word: &str) -> Place {
    let entry = "dns/configmaps/coredns.json";
    let map: serde_json::Value = serde_json::from_slice(bundle.get(entry).unwrap()).unwrap();
    let text = map["data"]["Corefile"].as_str().unwrap();
    let at = text.find(word).unwrap();
    Place::json(entry, "/data/Corefile").within(at..at + word.len())
}

const COREFILE: &str = ".:53 {\n    errors\n\n    forward . 10.1.0.4 # zwölf\n}\n";

fn indented(by: &str) -> String {
    COREFILE
        .lines()
        .map(|line| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("{by}{line}\n")
            }
        })
        .collect()
}

fn forms() -> Vec<(&'static str, String)> {
    vec![
        ("plain", COREFILE.to_owned()),
        ("after a command", format!("$ cat /etc/coredns/Corefile\n{COREFILE}")),
        (
            "describe",
            format!("Name:         coredns\nNamespace:    kube-system\n\nData\n====\nCorefile:\n----\n{COREFILE}\n\nBinaryData\n====\n"),
        ),
        (
            "YAML",
            format!("apiVersion: v1\ndata:\n  Corefile: |\n{}kind: ConfigMap\nmetadata:\n  name: coredns\n", indented("    ")),
        ),
        (
            "YAML list after a document",
            format!("a: b\n---\nkind: List\nitems:\n  - kind: ConfigMap\n    metadata: {{name: coredns}}\n    data:\n      Corefile: |-\n{}", indented("         ")),
        ),
        (
            "windows",
            format!("Name:         coredns\nNamespace:    kube-system\n\nData\n====\nCorefile:\n----\n{COREFILE}").replace('\n', "\r\n"),
        ),
    ]
}

#[test]
fn a_word_of_a_corefile_is_shown_where_it_stands_in_the_file() {
    for (form, text) in forms() {
        let imported = one("it.txt", &text);
        for cited in ["errors", "10.1.0.4", "zwölf"] {
            let place = word(&imported.bundle, cited);
            let expected = ("imported/it.txt".to_owned(), cited.to_owned());
            assert_eq!(shown(&imported.bundle, &place), expected, "{form}");
        }
    }
}

#[test]
fn a_corefile_within_json_is_shown_decoded() {
    let map = serde_json::json!({
        "kind": "ConfigMap", "metadata": {"name": "coredns"}, "data": {"Corefile": COREFILE},
    });
    let imported = one("cm.json", &serde_json::to_string_pretty(&map).unwrap());
    let at = imported
        .bundle
        .locate(&word(&imported.bundle, "10.1.0.4"), 0);
    assert!(at.in_value);
    assert_eq!((at.line, at.column), (4, 15));
    let name = Place::json("dns/configmaps/coredns.json", "/metadata/name");
    let at = imported.bundle.locate(&name, 0);
    assert_eq!(at.entry, "imported/cm.json");
    assert_eq!(at.lines, ["    \"name\": \"coredns\""]);
}

#[test]
fn a_row_of_a_table_is_shown_as_the_row() {
    let table =
        "\n$ kubectl top pods\nNAME CPU(cores) MEMORY(bytes)\nweb 1m 2Mi\ncoredns-x 3m 25Mi\n";
    let imported = one("top.txt", table);
    let cpu = Place::json("dns/pod-metrics.json", "/items/0/containers/0/usage/cpu");
    let at = imported.bundle.locate(&cpu, 0);
    assert_eq!((at.entry.as_str(), at.line), ("imported/top.txt", 5));
    assert_eq!(at.lines, ["coredns-x 3m 25Mi"]);
}

#[test]
fn a_field_of_an_object_is_shown_where_it_stands() {
    let list = "kind: PodList\nitems:\n- metadata:\n    name: coredns-1\n    namespace: kube-system\n- metadata:\n    name: coredns-2\n  status:\n    phase: Pending\n";
    let imported = one("pods.yaml", list);
    let phase = Place::json("dns/pods.json", "/items/1/status/phase");
    let at = imported.bundle.locate(&phase, 0);
    assert_eq!(
        (at.entry.as_str(), at.line, at.column),
        ("imported/pods.yaml", 9, 12)
    );
}

#[test]
fn a_line_of_a_log_and_of_a_resolv_conf_is_shown_in_the_file() {
    let log = "$ kubectl logs coredns-1\n[INFO] Reloading\n[INFO] plugin/reload: x\n";
    let bundle = one("a.txt", log).bundle;
    let place = Place::text("dns/logs/coredns-1/coredns/current-000.log", 17..23);
    assert_eq!(
        shown(&bundle, &place),
        ("imported/a.txt".to_owned(), "[INFO]".to_owned())
    );
    assert_eq!(bundle.locate(&place, 0).line, 3);
    let bundle = one("b.txt", "$ cat x\nnameserver 10.1.0.4\n").bundle;
    let place = Place::text("nodes/unknown/resolv.conf", 11..19);
    assert_eq!(
        shown(&bundle, &place),
        ("imported/b.txt".to_owned(), "10.1.0.4".to_owned())
    );
}

#[test]
fn nothing_of_a_secret_is_kept() {
    for text in [
        "kind: Secret\ndata:\n  a: ZG8tbm90\n",
        "kind: ConfigMap\nmetadata: {name: coredns}\ndata: {Corefile: '.:53 { errors }'}\n---\nkind: Secret\ndata:\n  a: ZG8tbm90\n",
        "{\"kind\":\"List\",\"items\":[{\"kind\":\"Secret\",\"data\":{\"a\":\"ZG8tbm90\"}}]}",
    ] {
        let imported = one("s.yaml", text);
        let document = digpod_bundle::write_document(&imported.bundle);
        assert!(!document.contains("ZG8tbm90"), "{document}");
        assert!(imported.recognised[0].taken_for.ends_with("not kept"));
        assert_eq!(
            imported.bundle.manifest().redactions[0].entry,
            "imported/s.yaml"
        );
        assert!(
            imported
                .bundle
                .item("imported/s.yaml")
                .unwrap()
                .taken_for()
                .is_some()
        );
    }
}

#[test]
fn files_of_one_name_are_all_kept() {
    let file = |text: &str| LooseFile {
        name: "../dns/out put.txt".to_owned(),
        bytes: text.into(),
    };
    let imported = import(vec![file("a"), file("b"), file("c")]);
    let names: Vec<&str> = imported
        .bundle
        .entries()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "imported/.._dns_out_put-2.txt",
            "imported/.._dns_out_put-3.txt",
            "imported/.._dns_out_put.txt"
        ]
    );
}

/// Pieces of the formats, so that arbitrary texts come near to them.
fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "$ kubectl top pods\n",
        "NAME CPU(cores) MEMORY(bytes)\n",
        "coredns-1 3m 4Mi\n",
        "Name:  x\n",
        "Data\n====\n",
        "Corefile:\n----\n",
        ".:53 {\n",
        "  errors\n",
        "}\n",
        "nameserver 10.0.0.10\n",
        "kind: ConfigMap\n",
        "kind: List\n",
        "items:\n",
        "- kind: Pod\n",
        "metadata:\n",
        "  name: coredns\n",
        "data:\n",
        "  Corefile: |\n",
        "    é text\n",
        "---\n",
        "{\"kind\":\"Pod\",",
        "\"items\":[",
        "]}",
        "[INFO] Reloading\n",
        "Server: 1\nAddress: 2\n",
        "\u{feff}",
        "\r\n",
        "\t",
        "\"",
        "|",
        ":",
        "- ",
        "ü",
    ])
    .prop_map(str::as_bytes);
    let any = prop_oneof![
        9 => piece.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(any, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_file_is_accounted_for_once_and_none_is_lost(
        files in prop::collection::vec(("\\PC{0,8}", any_text()), 0..5)
    ) {
        let files: Vec<LooseFile> = files
            .into_iter()
            .map(|(name, bytes)| LooseFile { name, bytes })
            .collect();
        let imported = import(files.clone());
        let bundle = &imported.bundle;
        let named: Vec<&str> = imported.recognised.iter().map(|file| file.file.as_str()).collect();
        prop_assert_eq!(named, files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>());
        for file in &files {
            let kept = bundle.entries().any(|(name, bytes)| name.as_str().starts_with("imported/") && bytes == file.bytes);
            prop_assert!(kept);
        }
        prop_assert_eq!(bundle.verify(), []);
        let derived: usize = imported.recognised.iter().map(|file| file.entries.len()).sum();
        prop_assert_eq!(bundle.entries().count(), derived + files.len());
        for item in &bundle.manifest().items {
            prop_assert!(item.taken_for().is_some());
            for value in item.derived.iter().flat_map(|derived| &derived.values) {
                let at = bundle.locate(&Place::json(&item.entry, value.pointer.clone()), 1);
                prop_assert_eq!(at.line, value.line);
                prop_assert_eq!(Some(&at.entry), item.derived.as_ref().map(|derived| &derived.from));
            }
        }
        prop_assert_eq!(import(files), imported);
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
        let imported = import(vec![LooseFile { name: String::new(), bytes: bytes.clone() }]);
        prop_assert_eq!(imported.bundle.get("imported/_"), Some(bytes.as_slice()));
    }

    #[test]
    fn the_lines_of_any_text_are_found_in_every_form(
        lines in prop::collection::vec("( {0,4}[a-z]{1,6}( [a-zé.:/0-9]{1,5}){0,3})?", 0..8),
        first in "[a-z]{1,6}",
        indent in 1usize..6,
    ) {
        let text = format!("{first}\n{}\n", lines.join("\n"));
        let spaces = " ".repeat(indent + 2);
        let block: Vec<String> = text.lines().map(|line| format!("{spaces}{line}\n")).collect();
        let block = block.concat();
        for file in [
            format!("Name:  coredns\n\nData\n====\nCorefile:\n----\n{text}\n\nBinaryData\n====\n"),
            format!("kind: ConfigMap\nmetadata:\n  name: coredns\ndata:\n  Corefile: |+\n{block}"),
        ] {
            let bundle = one("f", &file).bundle;
            let entry = "dns/configmaps/coredns.json";
            let mut at = 0;
            for line in text.lines() {
                let word = line.trim();
                let start = at + (line.len() - line.trim_start().len());
                at += line.len() + 1;
                if word.is_empty() {
                    continue;
                }
                let place = Place::json(entry, "/data/Corefile").within(start..start + word.len());
                prop_assert_eq!(shown(&bundle, &place), ("imported/f".to_owned(), word.to_owned()), "{}", file);
            }
        }
    }
}

#[test]
fn nesting_that_nobody_writes_is_refused_and_not_followed() {
    for text in [
        format!(
            "kind: List\napiVersion: v1\nitems:\n{}x\n",
            "- ".repeat(50_000)
        ),
        format!(
            "kind: List\napiVersion: v1\nitems: {}\n",
            "[".repeat(50_000)
        ),
        format!(
            "{{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":{}",
            "[".repeat(50_000)
        ),
    ] {
        let imported = one("deep", &text);
        assert!(
            imported.recognised[0].why.contains("does not parse"),
            "{imported:?}"
        );
    }
}
