//! The same program as `kubectl digpod`, and what it tells shells and kubectl to complete.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::{Files, Ran, digpod, ran, run};

/// Runs the program under another name.
fn called(files: &Files, name: &str, arguments: &[&str]) -> Ran {
    let link = files.dir().join(name);
    if !link.exists() {
        symlink(env!("CARGO_BIN_EXE_digpod"), &link).unwrap();
    }
    let mut command = Command::new(link);
    command
        .args(arguments)
        .env("KUBECONFIG", files.name("config"));
    ran(command.stdin(Stdio::null()).output().unwrap())
}

#[test]
fn kubectls_plugin_calls_itself_as_its_user_does() {
    let files = Files::new();
    let help = called(&files, "kubectl-digpod", &["collect", "--help"]).out;
    assert!(
        help.contains("\nUsage: kubectl digpod collect [OPTIONS]"),
        "{help}"
    );
    let ran = called(&files, "kubectl-digpod", &["explain", "nope"]);
    assert!(
        ran.err.contains("`kubectl digpod rules` lists"),
        "{}",
        ran.err
    );
    let help = called(&files, "digpod", &["collect", "--help"]).out;
    assert!(help.contains("\nUsage: digpod collect [OPTIONS]"), "{help}");
}

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: one
contexts:
- {name: one, context: {cluster: near, user: me}}
- {name: other, context: {cluster: near, user: me}}
clusters:
- {name: near, cluster: {server: 'https://127.0.0.1:1'}}
users:
- {name: me, user: {}}
";

#[test]
fn kubectl_is_told_what_may_come_next() {
    let files = Files::new();
    files.write("config", KUBECONFIG);
    let words = |arguments: &[&str]| {
        let ran = called(&files, "kubectl_complete-digpod", arguments);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""));
        let lines = ran.out.lines();
        lines
            .map(|line| line.split('\t').next().unwrap_or_default().to_owned())
            .collect::<Vec<String>>()
    };
    assert_eq!(words(&["coll"]), ["collect", ":4"]);
    assert_eq!(words(&["collect", "--context", ""]), ["one", "other", ":4"]);
    assert_eq!(
        words(&["collect", "--context=o"]),
        ["--context=one", "--context=other", ":4"]
    );
    assert_eq!(
        words(&["--color", "never", "collect", "a", "--us"]),
        ["--user", ":4"]
    );
    assert_eq!(words(&["cleanup", "--cluster", "n"]), ["near", ":4"]);
    assert_eq!(words(&["analyze", ""]), [":0"]);
    assert_eq!(words(&["analyze", "--output", "j"]), ["json", ":4"]);
    assert_eq!(words(&["bundle", "v"]), ["verify", ":4"]);
    assert_eq!(
        words(&["explain", "upstreams/upstreams"]),
        ["upstreams/upstreams-disagree", ":4"]
    );
    // No server answers, and nobody hears of it.
    assert_eq!(words(&["collect", "-n", ""]), [":4"]);
    assert_eq!(
        words(&["collect", "--kubeconfig", "/nowhere", "--pod", ""]),
        [":4"]
    );
    assert_eq!(words(&[]).last().unwrap(), ":4");
}

#[test]
fn scripts_for_shells_work_in_them() {
    let files = Files::new();
    files.write("config", KUBECONFIG);
    called(&files, "digpod", &["version"]);
    let script = |shell| {
        let ran = run(&["completion", shell]);
        assert_eq!(ran.code, Some(0));
        files.write(shell, ran.out)
    };
    let bash = format!(
        "source {}; COMP_WORDS=(digpod collect --context o); COMP_CWORD=3; _digpod; echo ${{COMPREPLY[@]}}",
        script("bash")
    );
    let fish = format!(
        "source {}; complete -C 'digpod collect --context o'",
        script("fish")
    );
    let zsh = format!(
        "autoload -U compinit; compinit -u -D; source {}; whence _digpod",
        script("zsh")
    );
    for (shell, code, wanted) in [
        ("bash", bash, "one other\n"),
        ("fish", fish, "one\nother\n"),
        ("zsh", zsh, "_digpod\n"),
    ] {
        match in_shell(&files, shell, &code) {
            Some(out) => assert_eq!(out, wanted, "{shell}"),
            None => eprintln!("skipped: {shell} is not installed"),
        }
    }
    for shell in ["powershell", "elvish"] {
        assert!(
            run(&["completion", shell])
                .out
                .contains("digpod __complete -- ")
        );
    }
    assert_eq!(
        digpod(&["completion", "tcsh"])
            .output()
            .unwrap()
            .status
            .code(),
        Some(2)
    );
}

fn in_shell(files: &Files, shell: &str, code: &str) -> Option<String> {
    let paths = std::env::var("PATH").unwrap_or_default();
    let output = Command::new(shell)
        .args(["-c", code])
        .env(
            "PATH",
            format!("{}:{paths}", Path::new(files.dir()).display()),
        )
        .env("KUBECONFIG", files.name("config"))
        .env("HOME", files.dir())
        .stdin(Stdio::null())
        .output()
        .ok()?;
    assert!(output.status.success(), "{shell}: {output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}
