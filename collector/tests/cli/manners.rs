//! How it behaves among other programs: terminals, kubectl, scripts.

#[cfg(target_os = "linux")]
use crate::common::mixed;
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

/// An empty variable of a shell, a slip: said at once, before a cluster is asked.
#[test]
fn values_that_mean_nothing_are_refused() {
    let many: Vec<String> = (0..21).map(|it| format!("name{it}.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let collect: [(&[&str], &str); 10] = [
        (&["--pod", ""], "--pod is empty"),
        (&["-l", " "], "-l is empty"),
        (
            &["--working-pod", "api-0", "a.test"],
            "--working-pod api-0 is compared with the failing pod, and none is named",
        ),
        (&["-n", "Shop"], "\"Shop\" is no name of a namespace"),
        (
            &["--probe-namespace", "a_b"],
            "\"a_b\" is no name of a namespace",
        ),
        (&["--public-name", ""], "\"\" is no DNS name"),
        (&["--probe-image", ""], "\"\" is no name of an image"),
        (&["--probe-image", "UPPER/Case:x"], "is no name of an image"),
        (
            &["-o", "/proc/bundle.zip"],
            "no file can be written in /proc",
        ),
        (&many, "21 names are more than one run asks for"),
    ];
    for (flags, says) in collect {
        let code = if flags.contains(&"-o") { 3 } else { 2 };
        run(&[&["collect"], flags].concat()).one_error(code, says);
    }
    // No zip file under another form's name, and none on the terminal.
    for output in ["-", "x.json", "x.tar.gz", "x.TGZ", "json"] {
        let says = format!("-o {output}: the bundle is written as a zip file");
        run(&["collect", "-o", output]).one_error(2, &says);
    }
    let ran = run(&["collect", "--working-pod", "api-0", "a.test"]);
    let help = " help: name it with --pod or -l, or leave --working-pod out";
    assert!(ran.err.contains(help), "{ran:?}");
    let ran = run(&["collect", "--pod", "web", "--working-pod", ""]);
    let help = " help: name a pod that resolves, or leave the flag out";
    assert!(ran.err.contains(help), "{ran:?}");
    run(&["collect", "--script", "--server", "https://a:b@c"])
        .one_error(2, "the password in --server would stand in the script");
    run(&[
        "collect",
        "--token",
        "a\nb",
        "--server",
        "https://127.0.0.1:1",
    ])
    .one_error(2, "the token has a line end");
    run(&["rbac", "-A", "--pod", "web"]).one_error(2, "-A names no namespace");
    run(&["rbac", "-n", ""]).one_error(2, "\"\" is no name of a namespace");
    run(&["rbac", "-n", "shop", "--user", ""]).one_error(2, "--user is empty");
    run(&["rbac", "-n", "shop", "--role-name", "a b"]).one_error(2, "\"a b\" is no name of a role");
}

/// What stands before `@` may be a password.
#[test]
fn no_password_of_an_address_is_shown() {
    let ran = run(&[
        "collect",
        "--server",
        "https://user:pa55word@127.0.0.1:1",
        "--request-timeout",
        "1s",
    ]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(!ran.err.contains("pa55word"), "{ran:?}");
}

/// Text is as wide as the terminal; COLUMNS wins, as everywhere. `script` is the terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_says_how_wide_it_is() {
    let files = Files::new();
    let bundle = files.write("b.zip", crate::common::zip(&mixed()));
    let shown = |terminal: u32, columns: Option<&str>, arguments: &str| {
        let digpod = env!("CARGO_BIN_EXE_digpod");
        // A shell may set COLUMNS itself after each command.
        let said = columns.map_or_else(|| "-u COLUMNS".to_owned(), |it| format!("COLUMNS={it}"));
        let command = format!("stty rows 24 cols {terminal} && env {said} {digpod} {arguments}");
        let mut script = std::process::Command::new("script");
        script
            .args(["-qec", &command, "/dev/null"])
            .env("TERM", "dumb")
            // Escapes are no columns; where CI is set, clap colours a dumb terminal too.
            .env("NO_COLOR", "1")
            .stdin(std::process::Stdio::null());
        let output = script.output().expect("script (util-linux)");
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        // Commands and lines of files are never wrapped; the first paragraph has neither.
        let lines = text.lines().map(str::trim_end);
        let first = lines.take_while(|it| !it.is_empty() || arguments.ends_with("--help"));
        let widest = first.map(|it| it.chars().count()).max().unwrap();
        (widest, text)
    };
    for arguments in [format!("analyze {bundle}"), "collect --help".to_owned()] {
        for (terminal, columns, most) in [
            (70, None, 70),
            (110, None, 110),
            (110, Some("80"), 80),
            (70, Some("0"), 70),
            (70, Some("wide"), 70),
        ] {
            let (widest, text) = shown(terminal, columns, &arguments);
            let fits = most - 15..=most;
            assert!(
                fits.contains(&widest),
                "{terminal} {columns:?}: {widest}\n{text}"
            );
        }
    }
}
