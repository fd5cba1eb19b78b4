//! simcluster with the content of the real cluster.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// A played cluster; it ends with this.
#[derive(Debug)]
pub(crate) struct Simulated {
    child: Child,
    files: TempDir,
}

impl Simulated {
    pub(crate) fn start(faults: &[&str]) -> Option<Self> {
        let Some(program) = std::env::var_os("DIGPOD_SIMCLUSTER") else {
            eprintln!("skipped: DIGPOD_SIMCLUSTER is not set (cargo xtask e2e sets it)");
            return None;
        };
        let (scenario, faults) = match faults {
            ["healthy", faults @ ..] => ("healthy", faults),
            faults => ("disagree", faults),
        };
        let files = TempDir::new().unwrap();
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let mut command = Command::new(program);
        command
            .arg("run")
            .arg(scenarios.join(scenario))
            .arg("--kubeconfig")
            .arg(files.path().join("kubeconfig"))
            .arg("--exit-with-stdin");
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("DIGPOD_SIMCLUSTER names a program");
        let mut ready = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut ready).unwrap();
        assert!(ready.starts_with("ready "), "{ready:?}");
        Some(Self { child, files })
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.files.path().join("kubeconfig")
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
