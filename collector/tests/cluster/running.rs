//! Runs of the binary against a played cluster.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use digpod_bundle::{Bundle, Limits, Status};
use serde_json::Value;
use tempfile::TempDir;

use crate::played::{Cluster, LONG, POD};

/// A run that is going on; its bundle goes to a folder of its own.
pub(crate) struct Run {
    child: Child,
    files: TempDir,
}

/// A run that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
    files: TempDir,
}

/// `digpod collect` for the failing pod and name.
pub(crate) fn collect(cluster: &Cluster, options: &[&str]) -> Ended {
    Run::start(cluster, options).end()
}

/// `digpod cleanup`.
pub(crate) fn cleanup(cluster: &Cluster) -> Output {
    cleanup_with(cluster, &[])
}

/// The same with options.
pub(crate) fn cleanup_with(cluster: &Cluster, options: &[&str]) -> Output {
    command(cluster, "cleanup").args(options).output().unwrap()
}

fn command(cluster: &Cluster, name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digpod"));
    command
        .arg(name)
        .arg("--kubeconfig")
        .arg(cluster.kubeconfig())
        .env("COLUMNS", "100");
    command
}

impl Run {
    pub(crate) fn start(cluster: &Cluster, options: &[&str]) -> Self {
        let asked = ["app.corp.internal", "-n", "shop", "--pod", POD];
        Self::bare(cluster, &[&asked, options].concat())
    }

    /// The same with nothing but these options.
    pub(crate) fn bare(cluster: &Cluster, options: &[&str]) -> Self {
        let files = TempDir::new().unwrap();
        let file: &[&str] = if options.contains(&"-o") {
            &[]
        } else {
            &["-o", "bundle.zip"]
        };
        let child = command(cluster, "collect")
            .args(options)
            .args(file)
            .current_dir(files.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, files }
    }

    /// Waits until a request was made that fits.
    #[track_caller]
    pub(crate) fn until(&mut self, cluster: &Cluster, fits: impl Fn(&str, &str) -> bool) {
        let begin = Instant::now();
        while !cluster
            .requests()
            .iter()
            .any(|(method, path)| fits(method, path))
        {
            let ended = self.child.try_wait().unwrap();
            assert!(
                ended.is_none(),
                "it ended before: {:#?}",
                cluster.requests()
            );
            assert!(begin.elapsed() < LONG, "never: {:#?}", cluster.requests());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits until so many requests were made in all; gives false if it ended before.
    #[track_caller]
    pub(crate) fn until_asked(&mut self, cluster: &Cluster, requests: usize) -> bool {
        let begin = Instant::now();
        while cluster.asked() < requests {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            assert!(begin.elapsed() < LONG, "never: {:#?}", cluster.requests());
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Sends a signal to this run.
    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn end(mut self) -> Ended {
        // Read while it runs: a report may be more than a pipe holds.
        let out = read(self.child.stdout.take().unwrap());
        let err = read(self.child.stderr.take().unwrap());
        let status = wait(&mut self.child);
        Ended {
            code: status.code(),
            out: out.join().unwrap(),
            err: err.join().unwrap(),
            files: self.files,
        }
    }
}

pub(crate) fn signal(process: u32, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &process.to_string()])
        .status();
    assert!(status.unwrap().success());
}

fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    })
}

#[track_caller]
fn wait(child: &mut Child) -> ExitStatus {
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if begin.elapsed() > LONG {
            let _ = child.kill();
            panic!("it did not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Ended {
    /// The bundle, checked, or `None` if there is none; there must be no other file.
    #[track_caller]
    pub(crate) fn bundle(&self) -> Option<Bundle> {
        let names: Vec<String> = std::fs::read_dir(self.files.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        if names.is_empty() {
            return None;
        }
        assert_eq!(names, ["bundle.zip"]);
        let bundle = Bundle::open_path(&self.path(), &Limits::default()).unwrap();
        assert_eq!(bundle.verify(), []);
        Some(bundle)
    }

    #[track_caller]
    pub(crate) fn whole_bundle(&self) -> Bundle {
        let bundle = self.bundle().expect("a bundle was written");
        assert_eq!(bundle.manifest().collected.interrupted, None);
        bundle
    }

    /// The report that `digpod analyze` makes of it.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_digpod"))
            .args(["analyze", "--output", "json"])
            .arg(self.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What was printed, in words, whatever the width of the lines.
    pub(crate) fn words(&self) -> String {
        let words: Vec<&str> = self.out.split_whitespace().collect();
        words.join(" ")
    }

    /// One error and its help, and no file.
    #[track_caller]
    pub(crate) fn no_bundle_but(&self, says: &str) {
        self.ended_before_a_bundle(3, says);
    }

    /// The same with another exit code.
    #[track_caller]
    pub(crate) fn ended_before_a_bundle(&self, code: i32, says: &str) {
        assert_eq!(self.code, Some(code), "{self:?}");
        let errors: Vec<&str> = self
            .err
            .lines()
            .filter(|line| line.starts_with("error: "))
            .collect();
        assert!(
            matches!(errors.as_slice(), [one] if one.contains(says)),
            "{self:?}"
        );
        assert!(self.err.lines().any(|line| line.starts_with(" help: ")));
        assert_eq!(self.out, "");
        assert!(self.bundle().is_none());
    }

    /// Nothing of what the run says it created is there.
    #[track_caller]
    pub(crate) fn is_gone_from(&self, cluster: &Cluster) {
        let removal = self.bundle().unwrap();
        let removal = removal
            .get("probes/removal.json")
            .expect("something was created");
        let removal: Value = serde_json::from_slice(removal).unwrap();
        assert_eq!(removal["left"], Value::Array(Vec::new()));
        for name in removal["removed"].as_array().unwrap() {
            let path = match name.as_str().unwrap().split_once(' ') {
                Some(("namespace", name)) => format!("/api/v1/namespaces/{name}"),
                Some(("pod", name)) => {
                    let (namespace, name) = name.split_once('/').unwrap();
                    format!("/api/v1/namespaces/{namespace}/pods/{name}")
                }
                other => panic!("what is {other:?}?"),
            };
            assert_eq!(cluster.get(&path), None);
        }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.files.path().join("bundle.zip")
    }
}

/// Entries with this status.
pub(crate) fn with_status(bundle: &Bundle, status: Status) -> Vec<String> {
    let items = &bundle.manifest().items;
    items
        .iter()
        .filter(|item| item.status == status)
        .map(|item| item.entry.clone())
        .collect()
}
