//! Files that are no bundles, or were made to do harm: one clear error each, exit code 3.

use std::io::{Cursor, Write as _};

use digpod_bundle::write_folder;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::common::{Files, Ran, mixed, run, run_with, zip};

const MANIFEST: &[u8] = b"{\"format\":1}";

/// Every command that opens a bundle.
fn opened(path: &str) -> Vec<Ran> {
    vec![
        run(&["analyze", path]),
        run(&["analyze", "-o", "json", path]),
        run(&["report", path]),
        run(&["bundle", "info", path]),
        run(&["bundle", "verify", path]),
        run(&["bundle", "ls", path]),
        run(&["bundle", "cat", path, "manifest.json"]),
        run(&["bundle", "convert", path, "--to", "json", "--output", "-"]),
    ]
}

#[track_caller]
fn refused(path: &str, says: &str) {
    for ran in opened(path) {
        ran.one_error(3, says);
        assert!(ran.err.contains(path), "{path} is not named: {ran:?}");
    }
}

fn stored(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_zip_that_is_cut_short() {
    let files = Files::new();
    let whole = zip(&mixed());
    for keep in [whole.len() - 1, whole.len() / 2, 30] {
        let path = files.write("cut.zip", &whole[..keep]);
        refused(&path, "the archive is cut short or damaged");
    }
}

#[test]
fn a_zip_with_a_name_that_leads_out_of_it() {
    let files = Files::new();
    let mut bytes = stored(&[("manifest.json", MANIFEST), ("aa/x", b"harm")]);
    // The writer refuses such names, so both places are changed afterwards.
    let mut changed = 0;
    for at in 0..bytes.len() - 4 {
        if &bytes[at..at + 4] == b"aa/x" {
            bytes[at..at + 4].copy_from_slice(b"../x");
            changed += 1;
        }
    }
    assert_eq!(changed, 2);
    let path = files.write("out.zip", bytes);
    refused(&path, "\"../x\"");
    assert!(!files.dir().join("../x").exists());
}

#[test]
fn a_bomb() {
    let files = Files::new();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    zip.start_file("manifest.json", options).unwrap();
    zip.write_all(MANIFEST).unwrap();
    zip.start_file("dns/logs/a/coredns/current-0.log", options)
        .unwrap();
    let mebibyte = vec![0; 1 << 20];
    for _ in 0..65 {
        zip.write_all(&mebibyte).unwrap();
    }
    let zip = zip.finish().unwrap().into_inner();
    assert!(zip.len() < 1 << 20, "{} bytes are no bomb", zip.len());
    let path = files.write("bomb.zip", zip);
    refused(&path, "unpacks to more than 64 MiB");
}

#[test]
fn a_manifest_of_a_newer_format() {
    let files = Files::new();
    let path = files.write("new.zip", stored(&[("manifest.json", b"{\"format\":2}")]));
    refused(
        &path,
        "bundle format 2 is newer than the newest this digpod reads (1)",
    );
    let folder = files.path("new");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("manifest.json"), "{\"format\":2}").unwrap();
    refused(folder.to_str().unwrap(), "bundle format 2 is newer");
}

#[test]
fn an_empty_file_whatever_it_is_called() {
    let files = Files::new();
    for name in ["empty.zip", "empty"] {
        let path = files.write(name, b"");
        refused(&path, "the file is empty");
    }
    run_with(b"", &["analyze", "-"]).one_error(3, "standard input: the file is empty");
}

#[test]
fn an_image() {
    let files = Files::new();
    let path = files.write("shot.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    run(&["analyze", &path]).one_error(3, "shot.png is no bundle");
    run(&["bundle", "info", &path]).one_error(3, "shot.png: this is not a bundle but a PNG image");
    run(&["report", &path]).one_error(3, "a PNG image");
    // Misnamed as a bundle it gets the bundle's error.
    let path = files.write("shot.zip", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    refused(&path, "this is not a bundle but a PNG image");
}

#[test]
fn a_file_that_is_not_there() {
    let files = Files::new();
    refused(&files.name("nowhere.zip"), "cannot be read: No such file");
}

#[test]
fn files_of_which_none_is_known() {
    let files = Files::new();
    let one = files.write("one.txt", "hello\n");
    let two = files.write("two.txt", "see you\n");
    run(&["analyze", &one]).one_error(3, "one.txt is no bundle and nothing else");
    run(&["analyze", &one, &two]).one_error(3, "none of the 2 files");
    let empty = files.path("empty");
    std::fs::create_dir(&empty).unwrap();
    run(&["analyze", empty.to_str().unwrap()]).one_error(3, "no files");
}

#[test]
fn a_folder_with_a_broken_manifest() {
    let files = Files::new();
    let folder = files.path("bundle");
    write_folder(&mixed(), &folder).unwrap();
    std::fs::write(folder.join("manifest.json"), "{").unwrap();
    refused(
        folder.to_str().unwrap(),
        "manifest.json is not the manifest of a bundle",
    );
}

#[test]
fn a_target_that_cannot_be_written() {
    let files = Files::new();
    let bundle = files.write("bundle.zip", zip(&mixed()));
    let nowhere = files.name("nowhere/out.zip");
    run(&["bundle", "convert", &bundle, "--to", "zip", "-o", &nowhere])
        .one_error(3, "cannot be written");
    let full = files.dir().to_str().unwrap();
    run(&["bundle", "convert", &bundle, "--to", "folder", "-o", full]).one_error(3, "is not empty");
}
