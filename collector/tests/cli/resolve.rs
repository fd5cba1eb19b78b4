//! `digpod resolve` with files and answers that are not as they should be.

use std::fmt::Write as _;

use crate::common::{Ran, run, run_with};

/// `resolve NAME` of this file, with these options.
fn resolve(file: &str, name: &str, options: &[&str]) -> Ran {
    let arguments = [&["resolve", name, "--resolv-conf", "-"], options].concat();
    run_with(file.as_bytes(), &arguments)
}

const ONE: &str = "nameserver 10.0.0.10\n";

#[test]
fn a_file_with_many_servers_is_read_at_once_and_twenty_remarks_are_drawn() {
    let ran = resolve(&ONE.repeat(100_000), "web.test", &[]);
    let out = ran.fine();
    assert_eq!(out.matches("is never asked").count(), 20);
    assert!(out.contains("\nnote: 99977 more remarks are not shown\n"));
}

#[test]
fn a_file_with_many_search_domains_is_walked_in_one_pass() {
    let mut file = format!("{ONE}options ndots:5\nsearch");
    for number in 0..20_000 {
        let _ = write!(file, " d{number}.example");
    }
    // One that is very long widens no column.
    let _ = write!(file, " {}", "x".repeat(500_000));
    let ran = resolve(&file, "web", &["--libc", "glibc"]);
    assert!(ran.fine().contains("\n  20000. web.d19999.example."));
    assert!(ran.out.len() < 5_000_000);
    let ran = resolve(&file, "web", &["--libc", "glibc", "--given", "*=NXDOMAIN"]);
    assert!(ran.fine().contains("\n  20000. web.d19999.example."));
}

#[test]
fn a_remark_about_what_stops_every_lookup_is_drawn_before_many_others() {
    let file = format!("{}sortlist foo/8\n", ONE.repeat(50));
    let out = resolve(&file, "web.test", &[]).out;
    assert!(out.starts_with("warning: glibc 2.42: \"sortlist foo/8\" makes glibc loop"));
}

#[test]
fn a_lookup_that_hangs_waits_for_ever() {
    let sortlist = resolve(
        &format!("{ONE}sortlist foo/8\n"),
        "web.test",
        &["--libc", "glibc"],
    );
    assert!(sortlist.fine().contains("Longest wait: for ever.\n"));
    let by_tcp = resolve(
        &format!("{ONE}options use-vc\n"),
        "web.test",
        &["--libc", "glibc"],
    );
    assert!(
        by_tcp
            .fine()
            .contains("Longest wait: for ever when no server replies.\n")
    );
    let literal = resolve(ONE, "192.0.2.1", &[]);
    assert!(!literal.fine().contains("Longest wait"));
}

#[test]
fn of_given_answers_the_most_specific_counts_and_of_equal_ones_the_last() {
    let result = |given: &[&str]| {
        let mut options = vec!["--libc", "go"];
        for given in given {
            options.extend(["--given", given]);
        }
        let ran = resolve(ONE, "web.test.", &options);
        ran.fine()
            .lines()
            .rev()
            .find(|line| !line.is_empty())
            .unwrap()
            .to_owned()
    };
    for (answers, wins) in [
        (vec!["web.test=192.0.2.1", "*=NXDOMAIN"], "192.0.2.1"),
        (
            vec!["web.test=192.0.2.1", "web.test=192.0.2.2"],
            "192.0.2.2",
        ),
        (
            vec!["web.test/A=192.0.2.1", "web.test=NXDOMAIN"],
            "192.0.2.1",
        ),
        (
            vec!["10.0.0.10/*=192.0.2.1", "web.test/A=NXDOMAIN"],
            "192.0.2.1",
        ),
        (
            vec![
                "10.0.0.10/web.test/A=192.0.2.1",
                "10.0.0.10/web.test=NXDOMAIN",
            ],
            "192.0.2.1",
        ),
    ] {
        let line = result(&answers);
        assert!(line.ends_with(&format!(": {wins}")), "{answers:?}: {line}");
    }
}

#[test]
fn given_answers_that_nobody_asks_for_are_named() {
    for (given, why) in [
        ("wbe.test=192.0.2.1", "no resolver asks for that name"),
        (
            "10.0.0.11/web.test=192.0.2.1",
            "no resolver asks that server",
        ),
        (
            "web.test/AAAA=2001:db8::1",
            "no resolver asks for that type",
        ),
    ] {
        let ran = resolve(ONE, "web.test", &["--family", "ipv4", "--given", given]);
        assert_eq!(ran.code, Some(0));
        assert_eq!(ran.err, format!("warning: --given {given}: {why}\n"));
    }
    // A walk that ends before is no mistake.
    let found = [
        "--given",
        "web.corp.test=192.0.2.1",
        "--given",
        "web=192.0.2.2",
    ];
    resolve(&format!("{ONE}search corp.test\n"), "web", &found).fine();
}

#[test]
fn a_file_that_is_no_resolv_conf_is_asked_about_once() {
    let yaml = "kind: Pod\nmetadata:\n  name: web\nspec:\n  dnsPolicy: None\n  nodeName: a\n";
    let ran = resolve(yaml, "web.test", &[]);
    assert_eq!(ran.fine().matches("is this a resolv.conf?").count(), 1);
    assert!(
        ran.out
            .starts_with("warning: standard input has no nameserver line")
    );
    assert_eq!(ran.out.matches("server is named").count(), 0);
    assert_eq!(ran.out.matches("\n --> ").count(), 3);
    resolve("nameserver 10.0.0.10\0\n", "web.test", &[]).one_error(3, "NUL bytes");
}

#[test]
fn windows_line_ends_are_told_with_what_to_do() {
    let file = "nameserver 10.0.0.10\r\nsearch a.example\r\noptions ndots:5\r\n";
    let ran = resolve(file, "web.test", &["--libc", "glibc"]);
    assert_eq!(
        ran.fine()
            .matches("help: the file has Windows line ends")
            .count(),
        3
    );
    assert!(ran.out.contains("option ndots:5 counts all the same"));
    assert!(ran.out.contains("ndots 5,"));
}

#[test]
fn what_is_no_name_says_why() {
    let ran = resolve(ONE, "a..b", &[]);
    assert_eq!(ran.fine().matches("two dots follow each other").count(), 3);
    let ran = resolve(ONE, &"a".repeat(64), &["--libc", "glibc"]);
    assert!(ran.fine().contains("a label is longer than 63 bytes"));
}

#[test]
fn localhost_gets_a_note_about_the_file_that_comes_first() {
    assert!(
        resolve(ONE, "localhost", &[])
            .fine()
            .contains("note: /etc/hosts comes before")
    );
    assert!(!resolve(ONE, "web.test", &[]).fine().contains("/etc/hosts"));
}

#[test]
fn resolvers_of_unknown_versions_follow_the_newest_rules_and_say_so() {
    let note =
        "note: glibc 9.9 is newer than what digpod knows: the rules of glibc 2.42 are applied";
    assert!(
        resolve(ONE, "web.test", &["--libc", "glibc-9.9"])
            .fine()
            .contains(note)
    );
    assert!(
        !resolve(ONE, "web.test", &["--libc", "glibc-2.36"])
            .fine()
            .contains("note:")
    );
    for (named, library) in [("alpine", "musl"), ("debian", "glibc"), ("ubuntu", "glibc")] {
        let refused = run(&["resolve", "x.test", "--libc", named]);
        refused.one_error(2, "names no resolver");
        assert!(
            refused.err.contains(&format!("write {library},")),
            "{refused:?}"
        );
    }
    run(&["resolve", "x.test", "--libc", "glibc-"]).one_error(2, "names no resolver");
}
