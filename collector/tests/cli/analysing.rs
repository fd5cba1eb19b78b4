//! `digpod analyze`: bundles of all forms, loose files, standard input, exit codes.

use digpod_bundle::{write_document, write_folder};

use crate::common::{COREFILE, Files, NODE_RESOLV_CONF, mixed, run, run_with, zip};

const MIX: &str = "upstreams/cloud-dns-mixed-with-custom-dns";

fn report(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn loose_files_get_a_line_each_and_a_diagnosis() {
    let files = Files::new();
    let corefile = files.write("a.txt", COREFILE);
    let resolv_conf = files.write("b.txt", NODE_RESOLV_CONF);
    let other = files.write("c.txt", "hello\n");
    let ran = run(&["analyze", &corefile, &resolv_conf, &other]);
    let lines: Vec<&str> = ran.fine().lines().collect();
    assert!(lines[0].starts_with("a.txt: Corefile ("), "{lines:#?}");
    assert!(
        lines[1].starts_with("b.txt: resolv.conf of a node ("),
        "{lines:#?}"
    );
    assert!(
        lines[2].starts_with("c.txt: not recognised ("),
        "{lines:#?}"
    );
    assert_eq!(lines[3], "");
    assert!(lines[4].starts_with("Cause (likely): "), "{lines:#?}");
    assert!(ran.out.contains("imported/b.txt"), "{}", ran.out);

    let json = run(&["analyze", "-o", "json", &corefile, &resolv_conf, &other]);
    let json = report(json.fine());
    assert_eq!(json["causes"][0]["id"], MIX);
    assert_eq!(json["causes"][0]["confidence"], "likely");
    let inputs = json["inputs"].as_array().unwrap();
    let given = inputs
        .iter()
        .filter(|it| it["entry"].as_str().unwrap().starts_with("imported/"));
    let taken: Vec<_> = given.map(|it| it["takenFor"].clone()).collect();
    assert_eq!(
        taken,
        ["Corefile", "resolv.conf of a node", "not recognised"]
    );
}

#[test]
fn a_folder_without_a_manifest_is_a_folder_of_loose_files() {
    let files = Files::new();
    files.write("b.txt", COREFILE);
    files.write("a.txt", NODE_RESOLV_CONF);
    let ran = run(&["analyze", files.dir().to_str().unwrap()]);
    let lines: Vec<&str> = ran.fine().lines().collect();
    assert!(lines[0].starts_with("a.txt: resolv.conf"), "{lines:#?}");
    assert!(lines[1].starts_with("b.txt: Corefile"), "{lines:#?}");
    assert!(ran.out.contains("Cause (likely)"), "{}", ran.out);
}

#[test]
fn standard_input_holds_a_bundle_or_a_loose_file() {
    let files = Files::new();
    let path = files.write("bundle.zip", zip(&mixed()));
    let by_path = run(&["analyze", &path]);
    let by_pipe = run_with(&zip(&mixed()), &["analyze", "-"]);
    assert_eq!(by_pipe.fine(), by_path.fine());
    let document = run_with(write_document(&mixed()).as_bytes(), &["analyze", "-"]);
    assert_eq!(document.fine(), by_path.out);

    let loose = run_with(NODE_RESOLV_CONF.as_bytes(), &["analyze", "-"]);
    assert!(
        loose.fine().starts_with("stdin: resolv.conf of a node ("),
        "{}",
        loose.out
    );
}

#[test]
fn the_json_report_is_the_same_for_all_forms_of_a_bundle() {
    let files = Files::new();
    let zip = files.write("bundle.zip", zip(&mixed()));
    let document = files.write("bundle.json", write_document(&mixed()));
    let folder = files.path("bundle");
    write_folder(&mixed(), &folder).unwrap();
    let of = |path: &str| {
        run(&["analyze", "--output", "json", path])
            .fine()
            .to_owned()
    };
    let json = of(&zip);
    assert_eq!(report(&json)["version"], 1);
    assert_eq!(report(&json)["causes"][0]["id"], MIX);
    assert_eq!(of(&document), json);
    assert_eq!(of(folder.to_str().unwrap()), json);
    assert_eq!(of(&zip), json, "a second run differs");
}

#[test]
fn what_is_missing_is_said_with_the_permission() {
    let files = Files::new();
    let zip = files.write("bundle.zip", zip(&mixed()));
    let human = run(&["analyze", &zip]);
    let words: Vec<&str> = human.fine().split_whitespace().collect();
    let text = words.join(" ");
    assert!(
        text.contains("missing permission: list nodes in the cluster"),
        "{text}"
    );
    let json = report(run(&["analyze", "-o", "json", &zip]).fine());
    let gaps = json["gaps"].as_array().unwrap();
    let nodes = gaps.iter().find(|gap| gap["entry"] == "cluster/nodes.json");
    assert_eq!(
        nodes.unwrap()["missingPermission"],
        "list nodes in the cluster"
    );
}

#[test]
fn fail_on_decides_between_0_and_1() {
    let files = Files::new();
    let zip = files.write("bundle.zip", zip(&mixed()));
    let code = |limit: &str| run(&["analyze", "--fail-on", limit, &zip]).code;
    assert_eq!(run(&["analyze", &zip]).code, Some(0));
    assert_eq!(code("info"), Some(1));
    assert_eq!(code("high"), Some(1));
    assert_eq!(code("critical"), Some(0));
    assert_eq!(code("extreme"), Some(2));
}

#[test]
fn markdown_is_for_a_ticket() {
    let files = Files::new();
    let zip = files.write("bundle.zip", zip(&mixed()));
    let ran = run(&["analyze", "-o", "markdown", &zip]);
    assert!(ran.fine().lines().any(|line| line.starts_with('#')));
    assert!(!ran.out.contains('\u{1b}'));
}

#[test]
fn colour_is_only_where_it_is_wanted() {
    let files = Files::new();
    let zip = files.write("bundle.zip", zip(&mixed()));
    let plain = run(&["analyze", &zip]);
    assert!(!plain.fine().contains('\u{1b}'), "a pipe gets no colour");
    let colored = run(&["analyze", "--color", "always", &zip]);
    assert!(colored.fine().contains("\u{1b}["));
    let never = run(&["analyze", "--color", "never", &zip]);
    assert_eq!(never.fine(), plain.out);
}
