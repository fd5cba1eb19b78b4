//! `digpod bundle` and `digpod report` on good bundles.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::common::{Files, mixed, run, run_with, zip};

const RESOLV_CONF: &str = "probes/default-n1/resolv.conf";

#[test]
fn all_three_forms_lead_back_to_the_same_bytes() {
    let files = Files::new();
    let first = files.write("a.zip", zip(&mixed()));
    let [folder, document, last] = ["folder", "a.json", "b.zip"].map(|name| files.name(name));
    let convert = |from: &str, to: &str, out: &str| {
        run(&["bundle", "convert", from, "--to", to, "-o", out])
            .fine()
            .to_owned()
    };
    convert(&first, "folder", &folder);
    convert(&folder, "json", &document);
    convert(&document, "zip", &last);
    assert_eq!(std::fs::read(&last).unwrap(), zip(&mixed()));
}

#[test]
fn a_document_can_go_to_standard_output() {
    let files = Files::new();
    let path = files.write("a.zip", zip(&mixed()));
    let document = run(&["bundle", "convert", &path, "--to", "json", "-o", "-"]);
    let verified = run_with(document.fine().as_bytes(), &["bundle", "verify", "-"]);
    assert_eq!(verified.fine(), "2 entries, each as its digest says\n");
}

#[test]
fn info_ls_and_cat_show_what_is_in_it() {
    let files = Files::new();
    let path = files.write("a.zip", zip(&mixed()));
    let info = run(&["bundle", "info", &path]);
    assert!(
        info.fine().contains("context        shop-cluster\n"),
        "{info:?}"
    );
    assert!(
        info.out
            .contains("cluster/nodes.json: forbidden nodes is forbidden"),
        "{info:?}"
    );
    let ls = run(&["bundle", "ls", &path]);
    assert!(
        ls.fine()
            .lines()
            .any(|line| line.ends_with(&format!("  {RESOLV_CONF}"))),
        "{ls:?}"
    );
    let cat = run(&["bundle", "cat", &path, RESOLV_CONF]);
    assert!(cat.fine().starts_with("nameserver 10.1.0.4\n"), "{cat:?}");
    run(&["bundle", "cat", &path, "nothing"]).one_error(3, "\"nothing\"");
}

#[test]
fn a_damaged_entry_is_named_and_the_rest_is_still_read() {
    let files = Files::new();
    let path = files.write("a.zip", zip(&mixed()));
    let folder = files.name("folder");
    run(&["bundle", "convert", &path, "--to", "folder", "-o", &folder]).fine();
    files.write(&format!("folder/{RESOLV_CONF}"), "nameserver 192.0.2.1\n");
    let verified = run(&["bundle", "verify", &folder]);
    assert_eq!(verified.code, Some(3), "{verified:?}");
    assert!(verified.out.contains(RESOLV_CONF), "{verified:?}");
    let analysed = run(&["analyze", &folder]);
    assert_eq!(analysed.code, Some(0), "{analysed:?}");
    let warning = format!("warning: the bundle is not as it was collected: {RESOLV_CONF}");
    assert!(analysed.err.starts_with(&warning), "{analysed:?}");
}

#[test]
fn no_file_is_replaced_in_silence() {
    let files = Files::new();
    let path = files.write("a.zip", zip(&mixed()));
    let other = files.write("b.zip", "precious");
    let convert = ["bundle", "convert", &path, "--to", "zip", "-o", &other];
    run(&convert).one_error(2, "b.zip is there already");
    run(&["collect", "app.corp.internal", "-o", &other]).one_error(2, "b.zip is there already");
    assert_eq!(std::fs::read(files.path("b.zip")).unwrap(), b"precious");
}

#[test]
fn the_page_holds_the_bundle_or_says_that_it_was_not_built() {
    let files = Files::new();
    let path = files.write("a.zip", zip(&mixed()));
    let ran = run(&["report", &path]);
    if ran.code == Some(3) {
        ran.one_error(3, "without its page");
        return;
    }
    let page = files.name("a.html");
    assert_eq!(ran.fine(), format!("{page}\n"));
    // It says what the bundle says, so it is as private.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&page).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let page = std::fs::read_to_string(page).unwrap();
    let (_, after) = page.split_once("id=\"digpod-bundle\">").unwrap();
    let (bundle, _) = after.split_once("</script>").unwrap();
    assert_eq!(STANDARD.decode(bundle).unwrap(), zip(&mixed()));
}

#[test]
fn a_bundle_is_never_replaced_by_what_is_made_of_it() {
    let files = Files::new();
    let path = files.write("a.zip", zip(&mixed()));
    let text = files.write("resolv.conf", "nameserver 10.1.0.4\n");
    run(&["bundle", "convert", &path, "--to", "json", "-o", &path])
        .one_error(2, "is the bundle itself");
    run(&["analyze", &path, &text]).one_error(2, "is a bundle among other files");
    assert_eq!(std::fs::read(&path).unwrap(), zip(&mixed()));
}
