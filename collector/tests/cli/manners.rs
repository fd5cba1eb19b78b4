//! How it behaves among other programs: terminals, kubectl, scripts.

use crate::common::{Files, run};

#[test]
fn escape_sequences_of_a_stranger_do_not_reach_the_terminal() {
    let files = Files::new();
    files.write(
        "node-resolv.conf",
        "nameserver 10.1.0.4\n# \u{1b}[31mred\u{7}\n",
    );
    files.write("a\u{1b}[2Jb.txt", "\u{1b}]0;title\u{7}\n");
    let ran = run(&["analyze", files.dir().to_str().unwrap(), "--color", "never"]);
    assert!(!ran.fine().contains(['\u{1b}', '\u{7}']), "{:?}", ran.out);
}

#[test]
fn collect_knows_the_flags_of_kubectl_and_its_own() {
    let help = run(&["collect", "--help"]);
    let words: Vec<&str> = help.fine().split_whitespace().collect();
    for flag in [
        "--kubeconfig",
        "--context",
        "--cluster",
        "--user",
        "--namespace",
        "--as",
        "--as-group",
        "--as-uid",
        "--server",
        "--token",
        "--certificate-authority",
        "--insecure-skip-tls-verify",
        "--request-timeout",
        "--tls-server-name",
        "--proxy-url",
        "--pod",
        "--selector",
        "--since",
        "--ticket",
        "--symptom",
        "--no-probe",
        "--quick",
        "--probe-namespace",
        "--probe-image",
        "--timeout",
        "--fail-on",
    ] {
        assert!(words.contains(&flag), "{flag}: {help:?}");
    }
}

#[cfg(unix)]
#[test]
fn it_works_as_a_plugin_of_kubectl() {
    let files = Files::new();
    let plugin = files.path("kubectl-digpod");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_digpod"), &plugin).unwrap();
    let output = std::process::Command::new(&plugin)
        .arg("version")
        .output()
        .unwrap();
    assert_eq!(
        output.stdout,
        concat!("digpod ", env!("CARGO_PKG_VERSION"), "\n").as_bytes()
    );
}
