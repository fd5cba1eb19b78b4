//! Runs the binary and makes bundles for it.

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use digpod_bundle::{Bundle, FailingName, Item, Manifest, Status, layout, write_zip};
use serde_json::json;
use tempfile::TempDir;

/// What a run gave.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Exactly one error and its help, nothing else on standard error, nothing on standard output.
    #[track_caller]
    pub(crate) fn one_error(&self, code: i32, says: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        let lines: Vec<&str> = self.err.lines().collect();
        let [error, help] = lines.as_slice() else {
            panic!("not one line and its help: {self:?}");
        };
        assert!(error.starts_with("error: "), "{self:?}");
        assert!(error.contains(says), "{says:?} is not in {error:?}");
        assert!(help.starts_with(" help: "), "{self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        assert_eq!(self.out, "");
    }

    /// Went well, without a word on standard error.
    #[track_caller]
    pub(crate) fn fine(&self) -> &str {
        assert_eq!((self.code, self.err.as_str()), (Some(0), ""), "{self:?}");
        &self.out
    }
}

/// The command, with no cluster of the machine in reach.
pub(crate) fn digpod(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digpod"));
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("KUBECONFIG")
        .env_remove("KUBERNETES_SERVICE_HOST")
        .env("HOME", "/nonexistent")
        .env("COLUMNS", "100");
    command
}

pub(crate) fn run(arguments: &[&str]) -> Ran {
    ran(digpod(arguments).output().unwrap())
}

/// With this text on standard input.
pub(crate) fn run_with(input: &[u8], arguments: &[&str]) -> Ran {
    let mut child = digpod(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not want its input may be gone before it has it all.
    let _ = child.stdin.take().unwrap().write_all(input);
    ran(child.wait_with_output().unwrap())
}

pub(crate) fn ran(output: Output) -> Ran {
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with files for one test.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn dir(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The path of a file that need not exist.
    pub(crate) fn name(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), bytes).unwrap();
        self.name(name)
    }
}

pub(crate) const COREFILE: &str = "\
.:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa
    forward . /etc/resolv.conf
    cache 30
}
";

pub(crate) const NODE_RESOLV_CONF: &str = "\
nameserver 10.1.0.4
nameserver 10.1.0.5
nameserver 168.63.129.16
";

/// A bundle in which the nodes' list mixes custom servers with Azure DNS, and something is missing.
pub(crate) fn mixed() -> Bundle {
    let mut manifest = Manifest::default();
    manifest.tool.name = "digpod collect".to_owned();
    manifest.collected.started = "2026-01-15T10:00:00Z".to_owned();
    manifest.collected.finished = "2026-01-15T10:00:20Z".to_owned();
    manifest.cluster.context = Some("shop-cluster".to_owned());
    manifest.symptom.namespace = Some("shop".to_owned());
    manifest.symptom.names = vec![FailingName {
        name: "app.corp.internal".to_owned(),
        expected: None,
    }];
    let mut bundle = Bundle::new(manifest);
    let map = json!({"metadata": {"name": "coredns"}, "data": {"Corefile": COREFILE}});
    bundle
        .add_json(&layout::config_map("coredns"), &map, Item::default())
        .unwrap();
    let resolv_conf = layout::probe_resolv_conf("default-n1");
    bundle.add(&resolv_conf, NODE_RESOLV_CONF, "").unwrap();
    bundle
        .add_gap(Item {
            entry: layout::NODES.to_owned(),
            status: Status::Forbidden,
            reason: Some("nodes is forbidden".to_owned()),
            missing_permission: Some("list nodes in the cluster".to_owned()),
            ..Item::default()
        })
        .unwrap();
    bundle
}

pub(crate) fn zip(bundle: &Bundle) -> Vec<u8> {
    let mut zip = Cursor::new(Vec::new());
    write_zip(bundle, &mut zip).unwrap();
    zip.into_inner()
}
