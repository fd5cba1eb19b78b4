//! Bundles as files and folders.

use std::fs;

use crate::common::{limits, zip_of};
use digpod_bundle::{
    Bundle, FORMAT, Manifest, OpenError, WriteError, read_fixture, read_folder, write_document,
    write_folder,
};

fn bundle() -> Bundle {
    let mut bundle = Bundle::new(Manifest::default());
    bundle.edit_manifest(|manifest| {
        manifest.cluster.context = Some("shop/prod".to_owned());
        manifest.collected.started = String::from("2026-11-25T04:56:38Z");
    });
    bundle.add("dns/service.json", "{}\n", "GET /api").unwrap();
    bundle
}

#[test]
fn a_file_is_opened_by_its_content_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.txt");
    bundle().save(&path).unwrap();
    assert_eq!(Bundle::open_path(&path, &limits()).unwrap(), bundle());
    bundle().save_document(&path).unwrap();
    assert_eq!(Bundle::open_path(&path, &limits()).unwrap(), bundle());
    let unpacked = folder.path().join("unpacked");
    write_folder(&bundle(), &unpacked).unwrap();
    assert_eq!(Bundle::open_path(&unpacked, &limits()).unwrap(), bundle());
}

#[test]
fn saving_replaces_a_file_whole_and_leaves_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.zip");
    fs::write(
        &path,
        "older and longer than a bundle would be".repeat(1000),
    )
    .unwrap();
    bundle().save(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), zip_of(&bundle()));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_failed_save_leaves_the_older_file() {
    let folder = tempfile::tempdir().unwrap();
    let taken = folder.path().join("folder.zip");
    fs::create_dir(&taken).unwrap();
    let error = bundle().save(&taken).unwrap_err();
    assert!(matches!(error, WriteError::Io { .. }));
    assert!(error.help().is_some());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert!(bundle().save(&folder.path().join("no/such/x.zip")).is_err());
}

#[test]
fn a_new_bundle_never_takes_the_place_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..3)
        .map(|_| {
            let path = bundle().save_new(folder.path()).unwrap();
            path.file_name().unwrap().to_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(
        names,
        [
            "digpod-shop_prod-20261125T045638Z.zip",
            "digpod-shop_prod-20261125T045638Z-2.zip",
            "digpod-shop_prod-20261125T045638Z-3.zip",
        ]
    );
}

#[test]
fn a_folder_lists_what_it_leaves_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b");
    write_folder(&bundle(), &path).unwrap();
    fs::write(path.join("dns/.DS_Store"), "x").unwrap();
    fs::create_dir(path.join(".git")).unwrap();
    let read = read_folder(&path, &limits()).unwrap();
    assert_eq!(read.bundle, bundle());
    assert_eq!(read.skipped, [".git", "dns/.DS_Store"]);
    assert!(matches!(
        write_folder(&bundle(), &path),
        Err(WriteError::NotEmpty { .. })
    ));
}

#[test]
fn a_fixture_needs_no_manifest() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("dns")).unwrap();
    fs::write(folder.path().join("dns/service.json"), "{}").unwrap();
    let error = Bundle::open_path(folder.path(), &limits()).unwrap_err();
    assert!(matches!(error, OpenError::MissingManifest { nested: None }));
    let fixture = read_fixture(folder.path(), &limits()).unwrap().bundle;
    assert_eq!(fixture.manifest().format, FORMAT);
    assert_eq!(fixture.get("dns/service.json"), Some(&b"{}"[..]));
    assert_eq!(fixture.verify(), []);
}

#[cfg(unix)]
#[test]
fn a_link_in_a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b");
    write_folder(&bundle(), &path).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", path.join("dns/log")).unwrap();
    let error = Bundle::open_path(&path, &limits()).unwrap_err();
    assert!(matches!(error, OpenError::NotPlain { name } if name == "dns/log"));
}

#[test]
fn what_is_not_there_or_not_a_file_is_named() {
    let error = Bundle::open_path("no-such.zip".as_ref(), &limits()).unwrap_err();
    assert_eq!(error.to_string(), "no-such.zip cannot be read");
    #[cfg(unix)]
    {
        let error = Bundle::open_path("/dev/null".as_ref(), &limits()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "/dev/null is neither a file nor a folder"
        );
    }
}

#[test]
fn a_large_document_is_read_from_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.json");
    let mut bundle = bundle();
    bundle.add("a.log", "line\n".repeat(100_000), "").unwrap();
    bundle.save_document(&path).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), write_document(&bundle));
    assert_eq!(Bundle::open_path(&path, &limits()).unwrap(), bundle);
}
