//! `digpod collect` and `cleanup` where there is no cluster: one clear line, exit code 3, no file.

use std::net::TcpListener;

use crate::common::{Files, Ran, digpod, ran, run};

/// A kubeconfig for a server at this address.
fn kubeconfig(files: &Files, server: &str) -> String {
    let text = format!(
        "apiVersion: v1
kind: Config
current-context: shop
clusters:
- name: shop
  cluster: {{server: \"{server}\"}}
users:
- name: shop
  user: {{token: secret-token}}
contexts:
- name: shop
  context: {{cluster: shop, user: shop, namespace: shop}}
"
    );
    files.write("kubeconfig", text)
}

/// A port of loopback at which nothing listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn collect_in(files: &Files, arguments: &[&str]) -> Ran {
    let mut all = vec!["collect", "app.corp.internal"];
    all.extend(arguments);
    ran(digpod(&all).current_dir(files.dir()).output().unwrap())
}

fn names(files: &Files) -> Vec<String> {
    let entries = std::fs::read_dir(files.dir()).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn no_kubeconfig() {
    let files = Files::new();
    collect_in(&files, &[]).one_error(3, "there is no kubeconfig");
    run(&["cleanup"]).one_error(3, "there is no kubeconfig");
    assert_eq!(names(&files), [""; 0]);
}

#[test]
fn a_kubeconfig_that_is_missing_or_none() {
    let files = Files::new();
    let nowhere = files.name("nowhere");
    collect_in(&files, &["--kubeconfig", &nowhere]).one_error(3, "nowhere is no kubeconfig");
    let text = files.write("text", "hello: [\n");
    collect_in(&files, &["--kubeconfig", &text]).one_error(3, "text is no kubeconfig");
}

#[test]
fn a_context_that_is_not_in_the_kubeconfig() {
    let files = Files::new();
    let kubeconfig = kubeconfig(&files, "https://127.0.0.1:1");
    let ran = collect_in(&files, &["--kubeconfig", &kubeconfig, "--context", "other"]);
    ran.one_error(3, "other");
}

#[test]
fn a_server_that_is_not_there() {
    let files = Files::new();
    let kubeconfig = kubeconfig(&files, &format!("https://127.0.0.1:{}", closed_port()));
    let ran = collect_in(&files, &["--kubeconfig", &kubeconfig, "--quiet"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let lines: Vec<&str> = ran.err.lines().collect();
    let [context, error, help] = lines.as_slice() else {
        panic!("not three lines: {ran:?}");
    };
    assert!(context.starts_with("context shop (https://127.0.0.1:"));
    assert!(error.starts_with("error: the API server cannot be reached: "));
    assert!(error.contains("onnection refused"), "{error}");
    assert_eq!(error.matches("onnection refused").count(), 1, "{error}");
    assert!(help.starts_with(" help: "));
    assert_eq!(ran.out, "");
    assert!(!ran.err.contains("secret-token"));
    assert_eq!(names(&files), ["kubeconfig"], "a file was written");
}

#[test]
fn cleanup_says_so_too() {
    let files = Files::new();
    let kubeconfig = kubeconfig(&files, &format!("https://127.0.0.1:{}", closed_port()));
    let ran = run(&["cleanup", "--kubeconfig", &kubeconfig]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let error = ran.err.lines().nth(1).unwrap_or_default();
    assert!(error.starts_with("error: the API server cannot be reached: "));
    assert!(error.contains("onnection refused"), "{ran:?}");
}
