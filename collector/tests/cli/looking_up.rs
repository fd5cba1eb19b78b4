//! What digpod says of itself, and command lines that are wrong.

use std::process::Stdio;

use crate::common::{Files, digpod, mixed, ran, run, zip};

#[test]
fn every_rule_is_listed_and_explained() {
    let rules = run(&["rules"]);
    let ids: Vec<&str> = rules
        .fine()
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(ids.contains(&"upstreams/cloud-dns-mixed-with-custom-dns"));
    for id in ids {
        let explained = run(&["explain", id]);
        assert!(explained.fine().starts_with(id));
        assert!(explained.out.contains("WHAT IT DOES"), "{}", explained.out);
    }
}

#[test]
fn an_unknown_rule_is_a_usage_error_that_proposes_one() {
    run(&["explain", "no/such-rule"]).one_error(2, "there is no rule \"no/such-rule\"");
    let near = run(&["explain", "upstreams-disagree"]);
    near.one_error(2, "there is no rule");
    assert!(
        near.err
            .contains("did you mean upstreams/upstreams-disagree?")
    );
}

#[test]
fn wrong_command_lines_end_with_2() {
    for wrong in [
        &["--no-such-flag"][..],
        &["collect", "--no-such-flag"],
        &["no-such-command"],
        &["analyze"],
        &[],
        &["collect", "x.test", "--timeout", "soon"],
        &["collect", "x.test", "--pod", "a", "-l", "b=c"],
        &["bundle", "convert", "a.zip"],
    ] {
        let ran = run(wrong);
        assert_eq!(ran.code, Some(2), "{wrong:?}: {ran:?}");
        assert!(ran.err.contains("--help"), "{wrong:?}: {ran:?}");
        assert_eq!(ran.out, "");
    }
}

#[test]
fn a_name_that_is_none_is_a_usage_error() {
    let long = format!("{}.test", "a".repeat(64));
    for name in ["bad name", "a..b", ".", "https://app.corp.internal", &long] {
        run(&["collect", "--", name]).one_error(2, "is no DNS name");
    }
    let ran = run(&["collect", "app.corp.internal=10.1.0"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("\"10.1.0\""), "{ran:?}");
}

/// Why it is none, and what to type instead.
#[test]
fn a_name_that_is_refused_is_told_why() {
    let (label, name) = ("a".repeat(64), vec!["a".repeat(49); 6].join("."));
    let long = format!("{label}.test");
    for (typed, why, instead) in [
        ("", "it is empty", "type it as the application does"),
        (".", "it is the root", "type it as the application does"),
        (
            "10.0.0.1",
            "it is the address 10.0.0.1",
            "app.corp.internal=10.0.0.1",
        ),
        (
            "10.0.0.1.",
            "it is the address 10.0.0.1",
            "app.corp.internal=10.0.0.1",
        ),
        (
            "fd00::a",
            "it is the address fd00::a",
            "app.corp.internal=fd00::a",
        ),
        (
            "[fd00::a]",
            "it is the address fd00::a",
            "app.corp.internal=fd00::a",
        ),
        (
            "10.0.0.1=10.0.0.1",
            "it is the address 10.0.0.1",
            "the name that fails",
        ),
        (
            "https://a.test:8443/x",
            "it is a URL",
            "its host alone: a.test",
        ),
        ("a.test:443", "it has a port, 443", "its host alone: a.test"),
        (
            "10.0.0.1:53",
            "it has a port, 53",
            "the name of its host alone",
        ),
        (
            "a..test",
            "it has an empty label",
            "type it as the application does",
        ),
        (
            ".a.test",
            "it has an empty label",
            "type it as the application does",
        ),
        (
            "a.test..",
            "it has an empty label",
            "type it as the application does",
        ),
        (
            "a b.test",
            "the character ' ' cannot",
            "type it as the application does",
        ),
        (
            "*.test",
            "the character '*' cannot",
            "type it as the application does",
        ),
        ("b\u{fc}ro.test", "the character '\u{fc}' cannot", "xn--"),
        (
            &long,
            "the label aaaaaaaaaaaa… has 64 characters, and 63",
            "type it as",
        ),
        (&name, "it has 299 characters, and 253", "type it as"),
    ] {
        let ran = run(&["collect", "--", typed]);
        ran.one_error(2, why);
        assert!(ran.err.contains(instead), "{ran:?}");
        if !typed.contains('=') {
            let ran = run(&["collect", "--public-name", typed, "a.test"]);
            ran.one_error(2, why);
            assert!(ran.err.contains("error: --public-name "), "{ran:?}");
        }
    }
    run(&["collect", "a.test=b"]).one_error(2, "\"b\", expected for a.test, is no address");
}

#[test]
fn the_help_shows_the_exit_codes() {
    let help = run(&["--help"]);
    for code in 0..=4 {
        let line = format!("\n  {code}  ");
        assert!(help.fine().contains(&line), "{code} is not in {}", help.out);
    }
}

#[test]
fn the_version_and_the_schema_are_printed() {
    let version = run(&["version"]);
    assert_eq!(
        version.fine(),
        concat!("digpod ", env!("CARGO_PKG_VERSION"), "\n")
    );
    assert_eq!(run(&["--version"]).fine(), version.out);
    let schema: serde_json::Value = serde_json::from_str(run(&["schema"]).fine()).unwrap();
    assert!(schema["properties"]["causes"].is_object());
}

#[test]
fn a_reader_that_went_away_is_no_error() {
    let files = Files::new();
    let bundle = files.write("bundle.zip", zip(&mixed()));
    for arguments in [
        &["rules"][..],
        &["schema"],
        &["--help"],
        &["analyze", &bundle],
        &["bundle", "cat", &bundle, "dns/configmaps/coredns.json"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let child = digpod(arguments)
            .stdout(Stdio::from(writer))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let ran = ran(child.wait_with_output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}
