//! Archives made to do harm, cut short or of another kind: one clear error each, never a panic.

use std::io::{Cursor, Write as _};

use crate::common::{any_bundle, limits, zip_of};
use digpod_bundle::{Bundle, FaultKind, Limits, Manifest, OpenError, Status, write_document};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MANIFEST: &[u8] = b"{\"format\":1}";

/// A zip of these entries, all stored as they are, so that a test can change bytes.
fn stored(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Replaces every occurrence, or only the first.
fn patched(mut bytes: Vec<u8>, from: &[u8], to: &[u8], all: bool) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|w| w == from) {
        bytes[at + found..at + found + to.len()].copy_from_slice(to);
        at += found + to.len();
        if !all {
            break;
        }
    }
    assert!(at > 0, "nothing was patched");
    bytes
}

fn error(bytes: &[u8]) -> OpenError {
    Bundle::open_bytes(bytes, &limits()).unwrap_err()
}

/// The message with its source, as it is shown.
fn message(error: &OpenError) -> String {
    let source =
        std::error::Error::source(error).map_or(String::new(), |source| format!(": {source}"));
    assert!(error.help().is_some_and(|help| !help.is_empty()));
    format!("{error}{source}")
}

#[test]
fn names_that_leave_the_folder_are_refused() {
    for (given, bad) in [
        ("aa/x", "../x"),
        ("a/b/xx", "/etc/x"),
        ("ab/x", "C:/x"),
        ("abcd", "a\\.x"),
    ] {
        let zip = stored(&[("manifest.json", MANIFEST), (given, b"")]);
        let zip = patched(zip, given.as_bytes(), bad.as_bytes(), true);
        let error = error(&zip);
        assert!(matches!(error, OpenError::BadEntry(_)), "{bad}: {error:?}");
        assert!(
            message(&error).contains(&format!("{bad:?}")),
            "{}",
            message(&error)
        );
    }
}

#[test]
fn two_entries_of_one_name_are_refused() {
    let zip = stored(&[
        ("manifest.json", MANIFEST),
        ("aa.txt", b"1"),
        ("ab.txt", b"2"),
    ]);
    let zip = patched(zip, b"ab.txt", b"aa.txt", true);
    assert_eq!(
        message(&error(&zip)),
        "the archive holds two entries named \"aa.txt\""
    );
}

#[test]
fn two_manifests_are_refused() {
    let zip = stored(&[("manifest.json", MANIFEST), ("manifest.jsom", MANIFEST)]);
    let zip = patched(zip, b"manifest.jsom", b"manifest.json", true);
    assert!(matches!(error(&zip), OpenError::Duplicate { .. }));
}

#[test]
fn a_name_that_is_file_and_folder_is_refused() {
    let zip = stored(&[("manifest.json", MANIFEST), ("a", b""), ("a/b", b"")]);
    assert!(matches!(error(&zip), OpenError::BadEntry(_)));
}

#[test]
fn links_are_refused() {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.start_file("manifest.json", options).unwrap();
    zip.write_all(MANIFEST).unwrap();
    zip.add_symlink("dns/log", "/etc/passwd", options).unwrap();
    let zip = zip.finish().unwrap().into_inner();
    assert_eq!(
        message(&error(&zip)),
        "entry \"dns/log\" is a symbolic link or a special file"
    );
}

#[test]
fn headers_that_differ_are_refused() {
    let zip = stored(&[("manifest.json", MANIFEST), ("one.txt", b"1")]);
    // The first occurrence is the local header, the second stands in the table of contents.
    let zip = patched(zip, b"one.txt", b"two.txt", false);
    let error = error(&zip);
    assert!(
        matches!(&error, OpenError::Mismatch { name, .. } if name == "one.txt"),
        "{error:?}"
    );
}

#[test]
fn encrypted_entries_are_refused() {
    let zip = stored(&[("manifest.json", MANIFEST), ("one.txt", b"1")]);
    // Bit 0 of the flags, in the table of contents of the last entry.
    let table = zip.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let mut zip = zip;
    zip[table + 8] |= 1;
    assert_eq!(message(&error(&zip)), "entry \"one.txt\" is encrypted");
}

#[test]
fn an_entry_beyond_the_limit_is_refused_whatever_its_header_claims() {
    let limits = Limits {
        entry_bytes: 1 << 20,
        ..limits()
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("manifest.json", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(MANIFEST).unwrap();
    zip.start_file("bomb.log", SimpleFileOptions::default())
        .unwrap();
    let size: u32 = 3 << 20;
    zip.write_all(&vec![0; size as usize]).unwrap();
    let honest = zip.finish().unwrap().into_inner();
    let error = Bundle::open_bytes(&honest, &limits).unwrap_err();
    assert_eq!(
        message(&error),
        "entry \"bomb.log\" unpacks to more than 1 MiB"
    );
    let lying = patched(honest, &size.to_le_bytes(), &100u32.to_le_bytes(), true);
    let error = Bundle::open_bytes(&lying, &limits).unwrap_err();
    assert_eq!(
        message(&error),
        "the archive contradicts itself about entry \"bomb.log\": \
         100 bytes were announced, more than 100 came out"
    );
}

#[test]
fn an_entry_that_lies_about_its_size_is_refused() {
    let zip = |claimed: u32| {
        let options = SimpleFileOptions::default();
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("manifest.json", options).unwrap();
        zip.write_all(MANIFEST).unwrap();
        zip.start_file("a.log", options).unwrap();
        zip.write_all(&vec![b'x'; 70_000]).unwrap();
        let zip = zip.finish().unwrap().into_inner();
        patched(zip, &70_000u32.to_le_bytes(), &claimed.to_le_bytes(), true)
    };
    for claimed in [1000, 80_000] {
        let error = error(&zip(claimed));
        assert!(
            matches!(&error, OpenError::Mismatch { name, .. } if name == "a.log"),
            "{error:?}"
        );
    }
}

#[test]
fn a_gigabyte_of_zeros_is_refused() {
    let zip = bomb_of_zeros(1 << 30);
    assert!(zip.len() < 20 << 20, "{} bytes", zip.len());
    let error = error(&zip);
    assert_eq!(
        message(&error),
        "entry \"bomb.log\" unpacks to more than 64 MiB"
    );
}

fn bomb_of_zeros(size: u64) -> Vec<u8> {
    let options = SimpleFileOptions::default()
        .compression_level(Some(1))
        .large_file(true);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("manifest.json", options).unwrap();
    zip.write_all(MANIFEST).unwrap();
    zip.start_file("bomb.log", options).unwrap();
    let zeros = vec![0; 16 << 20];
    for _ in 0..size / zeros.len() as u64 {
        zip.write_all(&zeros).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn many_entries_that_are_too_much_together_are_refused() {
    let limits = Limits {
        total_bytes: 10 << 20,
        ..limits()
    };
    let mut bundle = Bundle::new(Manifest::default());
    for number in 0..12 {
        bundle
            .add(&format!("{number:02}.log"), vec![b'0'; 1 << 20], "")
            .unwrap();
    }
    for bytes in [zip_of(&bundle), write_document(&bundle).into_bytes()] {
        let error = Bundle::open_bytes(&bytes, &limits).unwrap_err();
        assert!(
            matches!(error, OpenError::TotalTooLarge { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn too_many_entries_are_refused() {
    let limits = Limits {
        entries: 1000,
        ..limits()
    };
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut document = String::from(
        "{\"digpod\":1,\"manifest\":{\"format\":1},\"entries\":{\"a\":{\"text\":\"\"}",
    );
    for number in 0..100_000 {
        zip.start_file(format!("{number}"), SimpleFileOptions::default())
            .unwrap();
        document.extend([",\"", &number.to_string(), "\":{\"text\":\"\"}"]);
    }
    document.push_str("}}");
    let zip = zip.finish().unwrap().into_inner();
    for bytes in [zip, document.into_bytes()] {
        let error = Bundle::open_bytes(&bytes, &limits).unwrap_err();
        assert!(
            matches!(error, OpenError::TooManyEntries { limit: 1000 }),
            "{error:?}"
        );
    }
}

#[test]
fn an_archive_within_an_archive_stays_closed() {
    let bomb = bomb_of_zeros(128 << 20);
    let mut bundle = Bundle::new(Manifest::default());
    bundle.add("inner.zip", bomb.as_slice(), "").unwrap();
    let back = Bundle::open_bytes(&zip_of(&bundle), &limits()).unwrap();
    assert_eq!(back.get("inner.zip"), Some(bomb.as_slice()));
}

#[test]
fn deep_json_in_a_document_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let document = format!(
        "{{\"digpod\":1,\"manifest\":{{\"format\":1}},\"entries\":{{\"a.json\":{{\"json\":{deep}}}}}}}"
    );
    assert!(matches!(
        error(document.as_bytes()),
        OpenError::TooDeep { .. }
    ));
}

#[test]
fn other_files_are_named_for_what_they_are() {
    for (bytes, expected) in [
        (&b""[..], "the file is empty"),
        (b"\x89PNG\r\n\x1A\n", "this is not a bundle but a PNG image"),
        (
            b"\x1F\x8B\x08",
            "this is not a bundle but a gzip file (perhaps a .tar.gz of another tool)",
        ),
        (
            b"{\"kind\": \"PodList\"}",
            "this is not a bundle but a JSON file of another kind",
        ),
        (
            b"nameserver 10.0.0.10\n",
            "this is not a bundle but a text file",
        ),
        (
            b"\x00\x01\x02",
            "this is not a bundle but a file of an unknown kind",
        ),
    ] {
        assert_eq!(message(&error(bytes)), expected);
    }
}

#[test]
fn a_truncated_zip_is_said_to_be_cut() {
    let mut bundle = Bundle::new(Manifest::default());
    bundle.add("a.log", vec![7; 5000], "").unwrap();
    let zip = zip_of(&bundle);
    for length in [4, 30, zip.len() / 2, zip.len() - 1] {
        let error = error(&zip[..length]);
        assert!(
            matches!(error, OpenError::Archive(_)),
            "{length}: {error:?}"
        );
        assert!(message(&error).starts_with("the archive is cut short or damaged: "));
    }
}

#[test]
fn a_newer_format_is_said_to_be_newer() {
    // The rest of a newer manifest may mean anything.
    let manifest = b"{\"format\": 7, \"items\": \"elsewhere\"}";
    let zip = stored(&[("manifest.json", manifest)]);
    let document = format!(
        "{{\"digpod\":1,\"manifest\":{},\"entries\":{{}}}}",
        String::from_utf8_lossy(manifest)
    );
    for bytes in [zip.as_slice(), document.as_bytes()] {
        let error = error(bytes);
        assert!(matches!(
            error,
            OpenError::TooNew {
                found: 7,
                newest: 1
            }
        ));
        assert_eq!(
            message(&error),
            "bundle format 7 is newer than the newest this digpod reads (1)"
        );
    }
}

#[test]
fn a_missing_or_wrong_manifest_is_said_so() {
    assert!(matches!(
        error(&stored(&[("a.txt", b"")])),
        OpenError::MissingManifest { nested: None }
    ));
    let nested = error(&stored(&[("digpod-x/manifest.json", MANIFEST)]));
    assert!(nested.help().unwrap().contains("digpod-x/manifest.json"));
    for manifest in [
        "",
        "[]",
        "{}",
        "{\"format\":\"1\"}",
        "{\"format\":1,\"items\":3}",
    ] {
        let error = error(&stored(&[("manifest.json", manifest.as_bytes())]));
        assert!(
            matches!(error, OpenError::Manifest(_)),
            "{manifest}: {error:?}"
        );
    }
}

#[test]
fn a_damaged_entry_does_not_hide_the_others() {
    let mut bundle = Bundle::new(Manifest::default());
    let noise: Vec<u8> = (0..4000u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    bundle.add("damaged.bin", noise, "").unwrap();
    bundle.add("whole.txt", "whole\n", "").unwrap();
    let mut zip = zip_of(&bundle);
    let at = zip.windows(11).position(|w| w == b"damaged.bin").unwrap() + 2000;
    zip[at] ^= 0xFF;
    let back = Bundle::open_bytes(&zip, &limits()).unwrap();
    assert_eq!(back.text("whole.txt").unwrap(), "whole\n");
    assert_eq!(back.item("damaged.bin").unwrap().status, Status::Truncated);
    let faults = back.verify();
    assert!(
        matches!(faults.as_slice(), [fault] if fault.entry == "damaged.bin"
        && matches!(fault.kind, FaultKind::Damaged { .. })),
        "{faults:?}"
    );
}

#[test]
fn verify_names_every_difference_between_manifest_and_entries() {
    let mut bundle = Bundle::new(Manifest::default());
    bundle.add("changed.txt", "abc", "").unwrap();
    bundle.add("longer.txt", "abc", "").unwrap();
    bundle.add("gone.txt", "abc", "").unwrap();
    let document = write_document(&bundle)
        .replacen("\"text\": \"abc\"", "\"text\": \"abd\"", 1)
        .replace(
            "\"longer.txt\": {\n      \"text\": \"abc\"",
            "\"longer.txt\": {\n      \"text\": \"abcd\"",
        )
        .replace(
            "\"gone.txt\": {\n      \"text\"",
            "\"new.txt\": {\n      \"text\"",
        );
    let back = Bundle::open_bytes(document.as_bytes(), &limits()).unwrap();
    let faults: Vec<String> = back.verify().iter().map(ToString::to_string).collect();
    assert_eq!(
        faults,
        [
            "changed.txt: changed since it was collected",
            "gone.txt: in the manifest, but not there",
            "longer.txt: 3 bytes were collected, 4 are there",
            "new.txt: not in the manifest",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, form in 0usize..3) {
        let start: &[u8] = [&b""[..], b"PK\x03\x04", b"{\"digpod\":1,"][form];
        let _ = Bundle::open_bytes(&[start, &bytes].concat(), &limits());
    }

    #[test]
    fn mutated_bundles_never_panic(
        bundle in any_bundle(),
        document: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cuts: bool,
    ) {
        let mut bytes = if document { write_document(&bundle).into_bytes() } else { zip_of(&bundle) };
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(bundle) = Bundle::open_bytes(&bytes, &limits()) {
            let _ = bundle.verify();
        }
    }
}
