//! What every file of `tests/files` is taken for, and what is made of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;
use std::path::Path;

use digpod_import::{Imported, LooseFile, import};

fn files(folder: &Path) -> Vec<LooseFile> {
    let mut files: Vec<LooseFile> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let entry = entry.unwrap();
            LooseFile {
                name: entry.file_name().into_string().unwrap(),
                bytes: std::fs::read(entry.path()).unwrap(),
            }
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

fn shown(imported: &Imported) -> String {
    let mut text = String::new();
    for file in &imported.recognised {
        writeln!(
            text,
            "{}: {}\n  because {}",
            file.file, file.taken_for, file.why
        )
        .unwrap();
        for entry in &file.entries {
            writeln!(text, "  -> {entry}").unwrap();
        }
    }
    text
}

#[test]
fn files_are_recognised_by_what_is_in_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files");
    let imported = import(files(&folder));
    insta::assert_snapshot!(shown(&imported));
}
