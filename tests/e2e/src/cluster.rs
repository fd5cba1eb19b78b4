//! A cluster, kubectl on it, commands on its nodes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Ended, Run};
use crate::simulated::Simulated;

/// Longer than anything takes that works.
pub(crate) const LONG: Duration = Duration::from_mins(2);

/// A cluster to test on.
#[derive(Debug)]
pub struct Cluster {
    kubeconfig: PathBuf,
    simulated: Option<Simulated>,
    numbers: AtomicU32,
}

impl Cluster {
    /// The real one; `None` where nobody said which.
    pub fn real() -> Option<Self> {
        let Some(kubeconfig) = std::env::var_os("DIGPOD_E2E_KUBECONFIG") else {
            eprintln!("skipped: DIGPOD_E2E_KUBECONFIG is not set (cargo xtask e2e sets it)");
            return None;
        };
        Some(Self {
            kubeconfig: kubeconfig.into(),
            simulated: None,
            numbers: AtomicU32::new(0),
        })
    }

    /// simcluster with the same content and these faults; `None` where nobody said where it is.
    pub fn simulated(faults: &[&str]) -> Option<Self> {
        let simulated = Simulated::start(faults)?;
        Some(Self {
            kubeconfig: simulated.kubeconfig(),
            simulated: Some(simulated),
            numbers: AtomicU32::new(0),
        })
    }

    /// Whether simcluster plays it.
    pub fn is_simulated(&self) -> bool {
        self.simulated.is_some()
    }

    /// File that names it.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Whether its nodes ask two servers that disagree about corp.internal.
    pub fn has_the_fault(&self) -> bool {
        let marked = self.kubectl(&["-n", "shop", "get", "configmap", "digpod-e2e"]);
        if !marked.status.success() {
            eprintln!("skipped: this cluster is not known to have the fault");
        }
        marked.status.success()
    }

    /// Another number at each call.
    pub(crate) fn next_number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// kubectl, whatever comes of it.
    pub fn kubectl(&self, arguments: &[&str]) -> Output {
        self.kubectl_command(arguments).output().unwrap()
    }

    /// kubectl, not started yet.
    pub fn kubectl_command(&self, arguments: &[&str]) -> Command {
        let mut kubectl = self.command("kubectl");
        kubectl.args(arguments);
        kubectl
    }

    /// What kubectl prints when it succeeds.
    #[track_caller]
    pub fn ask(&self, arguments: &[&str]) -> String {
        text(&self.kubectl(arguments), &format!("{arguments:?}"))
    }

    /// An object or list.
    #[track_caller]
    pub fn get(&self, arguments: &[&str]) -> Value {
        let asked = self.ask(&[&["get", "-o", "json"], arguments].concat());
        serde_json::from_str(&asked).unwrap()
    }

    /// Creates or changes objects; they are deleted with what is given.
    #[track_caller]
    #[must_use]
    pub fn apply(&self, objects: &str) -> Guard<'_> {
        let objects = &of_its_images(objects);
        let mut kubectl = self
            .command("kubectl")
            .args(["apply", "-f", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = kubectl.stdin.take().unwrap();
        input.write_all(objects.as_bytes()).unwrap();
        drop(input);
        text(&kubectl.wait_with_output().unwrap(), objects);
        let objects = objects.to_owned();
        Guard::new(move || {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), &objects).unwrap();
            let path = file.path().to_str().unwrap();
            self.ask(&["delete", "--ignore-not-found", "--wait", "-f", path]);
        })
    }

    /// What a shell on a node prints; `None` where nodes cannot be reached.
    #[track_caller]
    pub fn on(&self, node: &str, script: &str) -> Option<String> {
        let xtask = std::env::var_os("DIGPOD_E2E_XTASK").filter(|_| !self.is_simulated())?;
        let mut command = Command::new(xtask);
        command.args(["e2e", "on", node, "sh", "-c", script]);
        Some(text(&command.output().unwrap(), script))
    }

    /// `digpod` with the complaint of all tests and these options, to its end.
    #[track_caller]
    pub fn collect(&self, options: &[&str]) -> Ended {
        Run::start(self, options).end()
    }

    /// `digpod` with a subcommand.
    pub fn digpod(&self, arguments: &[&str]) -> Output {
        let program = std::env::var_os("DIGPOD_E2E_DIGPOD").expect("cargo xtask e2e sets it");
        self.command(program).args(arguments).output().unwrap()
    }

    /// Waits until something holds.
    #[track_caller]
    pub fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let begin = Instant::now();
        while !holds(self) {
            assert!(begin.elapsed() < LONG, "never: {what}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env("KUBECONFIG", &self.kubeconfig);
        command.env("COLUMNS", "100");
        command
    }
}

/// A cluster that somebody else made has not our image: `DIGPOD_E2E_IMAGE` names one with a shell.
fn of_its_images(objects: &str) -> String {
    match std::env::var("DIGPOD_E2E_IMAGE") {
        Ok(image) => objects
            .replace("localhost/busybox:1", &image)
            .replace("imagePullPolicy: Never", "imagePullPolicy: IfNotPresent"),
        Err(_) => objects.to_owned(),
    }
}

#[track_caller]
fn text(output: &Output, of: &str) -> String {
    assert!(
        output.status.success(),
        "{of}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Does something when it goes, whether the test passes or not.
pub struct Guard<'a>(Option<Box<dyn FnOnce() + 'a>>);

impl<'a> Guard<'a> {
    /// What is to be done.
    pub fn new(work: impl FnOnce() + 'a) -> Self {
        Self(Some(Box::new(work)))
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}
