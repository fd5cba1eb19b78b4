//! A run of `digpod collect`.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use digpod_bundle::{Bundle, Limits, Status};
use serde_json::Value;
use tempfile::TempDir;

use crate::cluster::{Cluster, LONG};
use crate::{NAME, POD};

/// A run that is going on; its bundle goes to a folder of its own.
#[derive(Debug)]
pub struct Run {
    child: Child,
    files: TempDir,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    files: TempDir,
}

impl Run {
    /// Starts one for the name that fails, and for the pod of all tests unless another is named.
    pub fn start(cluster: &Cluster, options: &[&str]) -> Self {
        Self::start_for(cluster, NAME, options)
    }

    /// The same for another name.
    pub fn start_for(cluster: &Cluster, name: &str, options: &[&str]) -> Self {
        let files = TempDir::new().unwrap();
        let mut command = cluster.command(program());
        command.args(["collect", name]);
        if !options.contains(&"--pod") {
            command.args(POD);
        }
        let named = options.contains(&"--probe-image");
        if let Some(image) = std::env::var_os("DIGPOD_E2E_PROBE_IMAGE").filter(|_| !named) {
            command.arg("--probe-image").arg(image);
        }
        let child = command
            .args(["-o", "bundle.zip"])
            .args(options)
            .current_dir(files.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { child, files }
    }

    /// Sends a signal to it, by its id; it may have ended already.
    pub fn signal(&self, name: &str) {
        let _ = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .output();
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(mut self) -> Ended {
        let begin = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if begin.elapsed() > LONG {
                let _ = self.child.kill();
                panic!("it did not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        // What a run prints is less than a pipe holds, so it may be read now.
        let output = self.child.wait_with_output().unwrap();
        Ended {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
            files: self.files,
        }
    }
}

impl Ended {
    /// The bundle, checked; `None` if none was written.
    #[track_caller]
    pub fn bundle(&self) -> Option<Bundle> {
        if !self.path().exists() {
            return None;
        }
        let bundle = Bundle::open_path(&self.path(), &Limits::default()).unwrap();
        assert_eq!(bundle.verify(), []);
        Some(bundle)
    }

    /// The bundle of a run that nothing ended early.
    #[track_caller]
    pub fn whole_bundle(&self) -> Bundle {
        assert!(matches!(self.code, Some(0 | 4)), "{self:#?}");
        let bundle = self.bundle().expect("a bundle was written");
        assert_eq!(bundle.manifest().collected.interrupted, None);
        bundle
    }

    /// Items of the manifest that are no content, as `status entry: reason`.
    #[track_caller]
    pub fn gaps(&self) -> Vec<String> {
        let bundle = self.whole_bundle();
        let items = bundle.manifest().items.iter();
        items
            .filter(|item| !matches!(item.status, Status::Ok | Status::Empty))
            .map(|item| {
                let reason = item.reason.as_deref().unwrap_or("");
                format!("{} {}: {reason}", item.status.as_str(), item.entry)
            })
            .collect()
    }

    /// The report that `digpod analyze` makes of the bundle.
    #[track_caller]
    pub fn report(&self) -> Value {
        let output = Command::new(program())
            .args(["analyze", "--output", "json"])
            .arg(self.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// What was printed, in words, whatever the width of the lines.
    pub fn words(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn path(&self) -> PathBuf {
        self.files.path().join("bundle.zip")
    }
}

fn program() -> std::ffi::OsString {
    std::env::var_os("DIGPOD_E2E_DIGPOD").expect("cargo xtask e2e sets DIGPOD_E2E_DIGPOD")
}
