//! `digpod corefile` and what people hand to it: the wrong file, half of the ConfigMaps, names that
//! nobody can ask for.

use crate::common::{Files, Ran, digpod, ran, run, run_with};

fn run_in(files: &Files, arguments: &[&str]) -> Ran {
    ran(digpod(arguments).current_dir(files.dir()).output().unwrap())
}

fn lint(text: &str) -> Ran {
    run_with(text.as_bytes(), &["corefile", "lint"])
}

fn show(text: &str, arguments: &[&str]) -> Ran {
    let arguments = [&["corefile", "show", "-"], arguments].concat();
    run_with(text.as_bytes(), &arguments)
}

/// How often a text says something.
#[track_caller]
fn says(text: &str, what: &str, times: usize) {
    assert_eq!(text.matches(what).count(), times, "{what:?} in:\n{text}");
}

fn map(name: &str, data: &str) -> String {
    let data = data.trim_end().replace('\n', "\n  ");
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n  namespace: kube-system\ndata:\n  {data}\n"
    )
}

fn coredns() -> String {
    map(
        "coredns",
        "Corefile: |\n  .:53 {\n    errors\n    import custom/*.override\n    forward . 10.1.0.4\n  }\n",
    )
}

fn node_local() -> String {
    map(
        "node-local-dns",
        "Corefile: |\n  .:53 {\n    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__\n    \
         forward . __PILLAR__CLUSTER__DNS__ {\n      force_tcp\n    }\n    \
         health __PILLAR__LOCAL__DNS__:8080\n  }\n",
    )
}

#[test]
fn nothing_is_not_accepted() {
    lint("").one_error(3, "standard input is empty");
    lint("\u{feff}\n \n").one_error(3, "standard input is empty");
    let files = Files::new();
    files.write("Corefile", "");
    run_in(&files, &["corefile", "lint", "Corefile"]).one_error(3, "Corefile is empty");
    run_in(&files, &["corefile", "show", "."]).one_error(3, "Corefile is empty");
    lint(&map("coredns", "Corefile: ''\n")).one_error(3, "ConfigMap coredns, Corefile is empty");
}

#[test]
fn fmt_writes_nothing_unless_everything_can_be_read() {
    let files = Files::new();
    let untidy = ".:53 {\nwhoami\n}\n";
    for name in ["a", "c"] {
        files.write(name, untidy);
    }
    files.write("zeros", b"\x7fELF\0\0");
    files.write("latin", b".:53 {\n# caf\xe9\n}\n");
    let fmt = |names: &[&str]| run_in(&files, &[&["corefile", "fmt"], names].concat());
    fmt(&["-w", "a", "missing", "c"]).one_error(3, "missing cannot be read");
    fmt(&["-w", "a", "zeros"]).one_error(3, "zeros is no text");
    fmt(&["-w", "a", "latin"]).one_error(3, "latin is not UTF-8 text");
    fmt(&["a", "c"]).one_error(2, "several files");
    let read = |name: &str| std::fs::read_to_string(files.path(name)).unwrap();
    assert_eq!([read("a"), read("c")], [untidy, untidy]);
    fmt(&["-w", "a", "c"]).fine();
    let tidy = ".:53 {\n    whoami\n}\n";
    assert_eq!([read("a"), read("c")], [tidy, tidy]);
}

#[cfg(unix)]
#[test]
fn fmt_leaves_a_file_that_is_read_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = Files::new();
    let untidy = ".:53 {\nwhoami\n}\n";
    files.write("a", untidy);
    files.write("kept", untidy);
    let mode = std::fs::Permissions::from_mode(0o444);
    std::fs::set_permissions(files.path("kept"), mode).unwrap();
    run_in(&files, &["corefile", "fmt", "-w", "a", "kept"]).one_error(3, "kept cannot be written");
    for name in ["a", "kept"] {
        assert_eq!(std::fs::read_to_string(files.path(name)).unwrap(), untidy);
    }
}

#[test]
fn a_name_is_asked_on_the_port_that_is_served() {
    let shown = show(".:5353 {\n    whoami\n}\n", &["--ask", "a.example"]);
    let out = shown.fine();
    says(out, "asked on port 5353", 1);
    says(out, "whoami: answers", 1);
    says(out, "REFUSED", 0);
    // Where port 53 is served, it is asked, and the other one is a hint.
    let both = "a.example:53 {\n    whoami\n}\nb.example:1053 {\n    whoami\n}\n";
    let shown = show(both, &["--ask", "b.example"]);
    says(shown.fine(), "REFUSED: no server block", 1);
    says(shown.fine(), "a block serves the name on port 1053", 1);
}

#[test]
fn keys_to_import_are_no_corefile() {
    let custom = map("coredns-custom", "log.override: log\nnotes.txt: none\n");
    lint(&custom).one_error(3, "this is coredns-custom without coredns");
    lint(&map("coredns", "corefile: x\n")).one_error(3, "no key Corefile; its keys: corefile");
    lint(&map("kube-dns", "stubDomains: '{}'\n")).one_error(3, "kube-dns");
    let files = Files::new();
    files.write("log.override", "log\n");
    run_in(&files, &["corefile", "lint", "log.override"]).one_error(3, "there is no Corefile");
    // With the Corefile only the key that nothing imports is left.
    let all = lint(&format!("{}---\n{custom}", coredns()));
    says(all.fine(), "warning: nothing imports", 1);
    says(&all.out, "ConfigMap coredns-custom, notes.txt", 1);
    says(&all.out, "accepts this configuration.", 1);
}

#[test]
fn a_file_that_a_plugin_names_is_not_unread() {
    let files = Files::new();
    files.write(
        "Corefile",
        ".:53 {\n    file /etc/coredns/db.example example.org\n}\n",
    );
    files.write("db.example", "@ 60 IN A 10.1.0.4\n");
    files.write("old.txt", "unused\n");
    let linted = run_in(&files, &["corefile", "lint", "."]);
    says(linted.fine(), "nothing imports old.txt", 1);
    says(&linted.out, "db.example", 0);
}

#[test]
fn of_several_corefiles_one_is_read_and_the_others_are_named() {
    let both = format!("{}---\n{}", node_local(), coredns());
    let first = lint(&both);
    says(first.fine(), "left out: kube-system/node-local-dns", 1);
    says(&first.out, "note: this is a Corefile of node-cache", 0);
    let arguments = |name| ["corefile", "lint", "--configmap", name];
    for name in ["node-local-dns", "kube-system/node-local-dns"] {
        let chosen = run_with(both.as_bytes(), &arguments(name));
        says(chosen.fine(), "left out: kube-system/coredns", 1);
        says(&chosen.out, "note: this is a Corefile of node-cache", 1);
    }
    run_with(both.as_bytes(), &arguments("other")).one_error(2, "--configmap other");
}

#[test]
fn node_cache_replaces_its_placeholders_and_lacks_plugins() {
    let fine = lint(&node_local());
    says(fine.fine(), "warning", 0);
    says(&fine.out, "node-cache with CoreDNS", 1);
    let ready = lint(&node_local().replace("force_tcp", "force_tcp\n      }\n      ready {"));
    assert_eq!(ready.code, Some(1), "{ready:?}");
    says(&ready.out, "node-cache is built without this plugin", 1);
}

#[test]
fn a_quote_that_is_never_closed_is_the_culprit() {
    let linted = lint(".:53 {\n    forward . \"8.8.8.8\n}\n");
    assert_eq!(linted.code, Some(1), "{linted:?}");
    says(&linted.out, "standard input:2:15", 1);
    says(&linted.out, "This quote is never closed", 1);
    says(&linted.out, "warning", 0);
    says(&linted.out, "'8.8.8.8\\n}\\n'", 2);
}

#[test]
fn a_brace_on_the_next_line_is_one_mistake() {
    for plugin in [
        "forward . 10.1.0.4",
        "cache 30",
        "hosts",
        "health",
        "errors",
        "acl",
        "log",
    ] {
        let text = format!(
            ".:53 {{\n    {plugin}\n    {{\n        max_fails 3\n        policy random\n    }}\n    whoami\n}}\n"
        );
        let linted = lint(&text);
        says(&linted.out, " --> standard input:3:5", 1);
        says(&linted.out, " --> ", 1);
        let name = plugin.split(' ').next().unwrap_or_default();
        says(
            &linted.out,
            &format!("Put `{{` on the line of `{name}`."),
            1,
        );
    }
}

#[test]
fn kubernetes_yaml_without_a_corefile_is_one_error() {
    lint("apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n")
        .one_error(3, "Kubernetes YAML without a ConfigMap: it has Deployment");
    lint("apiVersion: v1\nitems: []\nkind: List\n").one_error(3, "it has no objects at all");
    lint("apiVersion: v1\nkind: ConfigMap\ndata:\n\tCorefile: x\n").one_error(3, "line 4");
    lint("data:\n  Corefile: |\n    .:53 {\n    }\n").one_error(3, "a piece of a ConfigMap");
}

#[test]
fn many_problems_are_counted_and_advice_comes_once() {
    let lines: Vec<String> = (0..50).map(|number| format!("    zzqq{number}")).collect();
    let linted = lint(&format!(".:53 {{\n{}\n}}\n", lines.join("\n")));
    assert_eq!(linted.code, Some(1), "{linted:?}");
    says(&linted.out, "error: Unknown directive", 20);
    says(&linted.out, "30 more errors not drawn", 1);
    says(&linted.out, "= help:", 1);
}

#[test]
fn behind_a_refusal_for_some_clients_the_way_goes_on() {
    let text = ".:53 {\n    acl {\n        allow net 10.0.0.0/8\n        block\n    }\n    hosts {\n        10.1.1.1 a.example\n    }\n}\n";
    let anyone = show(text, &["--ask", "a.example"]);
    says(anyone.fine(), "if so, REFUSED", 1);
    says(&anyone.out, "hosts: answers 10.1.1.1", 1);
    let stranger = show(text, &["--ask", "a.example", "--client", "192.0.2.1"]);
    says(stranger.fine(), "acl: REFUSED", 1);
    says(&stranger.out, "hosts", 0);
    let own = show(text, &["--ask", "a.example", "--client", "10.1.2.3"]);
    says(own.fine(), "hosts: answers 10.1.1.1", 1);
    show(text, &["--ask", "a.example", "--client", "me"]).one_error(2, "--client");
}

#[test]
fn what_dns_cannot_ask_is_not_asked() {
    let text = ".:53 {\n    whoami\n}\n";
    let long = "a".repeat(64);
    for (asked, why) in [
        ("a.example/FOO", "no record type 'FOO'"),
        ("a..b", "an empty label"),
        (long.as_str(), "64 bytes"),
        ("/A", "no name"),
        ("a b", "a blank"),
    ] {
        show(text, &["--ask", asked]).one_error(2, why);
    }
    says(show(text, &["--ask", "."]).fine(), ". A\n", 1);
    let address = show(text, &["--ask", "1.2.3.4/PTR"]);
    says(address.fine(), "4.3.2.1.in-addr.arpa/PTR", 1);
}

#[test]
fn a_version_that_nobody_knows_is_read_as_the_newest_and_that_is_said() {
    let text = b".:53 {\n    whoami\n}\n";
    let new = run_with(text, &["corefile", "lint", "--coredns", "9.9.9"]);
    says(new.fine(), "CoreDNS 9.9.9 is not known; read as 1.", 1);
    says(&new.out, "CoreDNS 9.9.9 accepts", 0);
    run_with(text, &["corefile", "lint", "--coredns", "0.1.0"]).one_error(2, "--coredns 0.1.0");
}

#[test]
fn what_is_taken_otherwise_than_meant_is_said() {
    for (text, remark) in [
        ("*.example.com {\n    whoami\n}\n", "'*' is no wildcard"),
        (
            ".:53 {\n    forward . 10.8.8.8:99999\n}\n",
            "there is no port 99999",
        ),
        (
            ".:53 {\n    forward . 10.8.8.8#a comment\n}\n",
            "Put a blank before the '#'",
        ),
        (".:53 {\n    whoami\n}\n}\n", "Remove the '}'"),
        (
            ".:{$PORT} {\n    whoami\n}\n",
            "as far as the variables are known",
        ),
    ] {
        says(lint(text).fine(), remark, 1);
    }
}

#[test]
fn long_words_are_clipped_and_no_line_ends_in_a_blank() {
    let text = format!(
        ".:53 {{\n    hosts {{\n        10.1.1.1 {}\n        fallthrough\n    }}\n}}\n",
        "a".repeat(5000)
    );
    let shown = show(&text, &[]);
    let longest = shown.fine().lines().map(str::len).max();
    assert!(longest < Some(300), "{longest:?}");
    assert!(
        shown.out.lines().all(|line| line == line.trim_end()),
        "{shown:?}"
    );
}

#[test]
fn inputs_that_are_no_text_are_refused() {
    let files = Files::new();
    let binary = files.write("program", b"\x7fELF\0");
    run(&["corefile", "lint", &binary]).one_error(3, "is no text");
}
