//! `digpod collect --script`: a shell script of plain kubectl commands, for people who may not run
//! a foreign program on their cluster. No cluster is asked for it.

mod fields;

use std::fmt::Write as _;

use digpod_bundle::FailingName;

use crate::cli::{Collect, Connection};
use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

const HEAD: &str = include_str!("script/head.sh");
const BODY: &str = include_str!("script/body.sh");

/// Prints it.
pub(super) fn run(options: &Collect, names: &[FailingName]) -> Result<Exit, Failure> {
    if options.connection.token.is_some() {
        return Err(
            Failure::usage("--token would stand in the script for all to read").help(
                "leave it out, and put the token into the kubeconfig that the script will use",
            ),
        );
    }
    let connection = &options.connection;
    for (flag, address) in [
        ("--server", &connection.server),
        ("--proxy-url", &connection.proxy_url),
    ] {
        let secret = |it: &String| it.split('/').nth(2).unwrap_or(it).contains('@');
        if address.as_ref().is_some_and(secret) {
            return Err(Failure::usage(format!(
                "the password in {flag} would stand in the script for all to read"
            ))
            .help("put it into the kubeconfig that the script will use"));
        }
    }
    output::print(&script(options, names)).map(|()| Exit::Done)
}

fn script(options: &Collect, names: &[FailingName]) -> String {
    let mut text = HEAD.replace("DIGPOD_VERSION", env!("CARGO_PKG_VERSION"));
    text += "\n# What is asked for.\n";
    let mut set = |name: &str, value: &str| {
        let _ = writeln!(text, "{name}={}", quoted(value));
    };
    let names: Vec<String> = names
        .iter()
        .map(|it| match &it.expected {
            Some(address) => format!("{}={address}", it.name),
            None => it.name.clone(),
        })
        .collect();
    set("names", &names.join(" "));
    set(
        "namespace",
        options.namespace.as_deref().unwrap_or_default(),
    );
    set("pod", options.pod.as_deref().unwrap_or_default());
    set(
        "pod_selector",
        options.selector.as_deref().unwrap_or_default(),
    );
    let since = options.since.map(|seconds| format!("--since={seconds}s"));
    set("since", &since.unwrap_or_default());
    set("symptom", &one_line(options.symptom.as_deref()));
    set("ticket", &one_line(options.ticket.as_deref()));
    text += "\n# Every call to the cluster.\n";
    let flags: Vec<String> = flags(&options.connection)
        .iter()
        .map(|flag| quoted(flag))
        .collect();
    let flags = flags.join(" ");
    let _ = writeln!(
        text,
        "kc() {{\n    limited kubectl {flags} \"$@\" </dev/null\n}}"
    );
    text += "\n# The fields that are read of each kind of object, and no others.\n";
    for field in fields::all() {
        let _ = writeln!(text, "{}={}", field.name, quoted(&field.template));
    }
    text.push('\n');
    text + BODY
}

/// kubectl's flags as typed; without a limit for calls, one is set.
fn flags(connection: &Connection) -> Vec<String> {
    let path = |path: &Option<std::path::PathBuf>| {
        path.as_ref()
            .map(|path| path.to_string_lossy().into_owned())
    };
    let mut flags = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        flags.extend(value.map(|value| format!("--{name}={value}")));
    };
    add("kubeconfig", path(&connection.kubeconfig));
    add("context", connection.context.clone());
    add("cluster", connection.cluster.clone());
    add("user", connection.user.clone());
    add("server", connection.server.clone());
    add("as", connection.as_user.clone());
    add("as-uid", connection.as_uid.clone());
    for group in &connection.as_group {
        add("as-group", Some(group.clone()));
    }
    add(
        "certificate-authority",
        path(&connection.certificate_authority),
    );
    add("client-certificate", path(&connection.client_certificate));
    add("client-key", path(&connection.client_key));
    let insecure = connection
        .insecure_skip_tls_verify
        .then(|| "true".to_owned());
    add("insecure-skip-tls-verify", insecure);
    add("tls-server-name", connection.tls_server_name.clone());
    add("proxy-url", connection.proxy_url.clone());
    let limit = if connection.request_timeout.is_zero() {
        "20s".to_owned()
    } else {
        format!("{}ms", connection.request_timeout.as_millis())
    };
    add("request-timeout", Some(limit));
    flags
}

/// A word that a POSIX shell reads as it is.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,%@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn one_line(text: Option<&str>) -> String {
    let words: Vec<&str> = text.unwrap_or_default().split_whitespace().collect();
    words.join(" ")
}
