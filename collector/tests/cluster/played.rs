//! A cluster that simcluster plays, its log of requests, and a look into its API.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use serde_json::Value;
use tempfile::TempDir;

/// The pod that fails in the scenarios.
pub(crate) const POD: &str = "web-7d9c5bb6c4-x2m8k";
/// Long enough on any machine; only a test that fails waits for it.
pub(crate) const LONG: Duration = Duration::from_mins(2);

/// A played cluster; it ends when this is dropped.
pub(crate) struct Cluster {
    child: Child,
    files: TempDir,
}

impl Cluster {
    /// Plays a scenario with these faults. `None`: nobody said where simcluster is.
    pub(crate) fn start(scenario: &str, faults: &[&str]) -> Option<Self> {
        Self::start_scaled(scenario, "nodes=0", faults)
    }

    /// The same, with objects made up beside the scenario's, as `nodes=500,pods=15000`.
    pub(crate) fn start_scaled(scenario: &str, scale: &str, faults: &[&str]) -> Option<Self> {
        let Some(program) = std::env::var_os("DIGPOD_SIMCLUSTER") else {
            eprintln!("skipped: DIGPOD_SIMCLUSTER is not set");
            return None;
        };
        let files = TempDir::new().unwrap();
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios");
        let mut command = Command::new(program);
        command
            .arg("run")
            .arg(scenarios.join(scenario))
            .arg("--kubeconfig")
            .arg(files.path().join("kubeconfig"))
            .arg("--request-log")
            .arg(files.path().join("requests"))
            .arg("--query-log")
            .arg(files.path().join("queries"))
            .args(["--scale", scale])
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

    /// The bearer token of its user.
    pub(crate) fn token(&self) -> String {
        let kubeconfig = std::fs::read(self.kubeconfig()).unwrap();
        let kubeconfig: Value = serde_json::from_slice(&kubeconfig).unwrap();
        let token = &kubeconfig["users"][0]["user"]["token"];
        token.as_str().unwrap().to_owned()
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.files.path().join("kubeconfig")
    }

    /// All requests so far, as simcluster notes them.
    pub(crate) fn log(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(self.files.path().join("requests")).unwrap_or_default();
        // The last line may be half written.
        let lines = log.lines();
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// All DNS queries so far, as the servers that received them note them.
    pub(crate) fn queries(&self) -> Vec<Value> {
        let log = std::fs::read_to_string(self.files.path().join("queries")).unwrap_or_default();
        let lines = log.lines();
        lines
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// How many requests there were so far.
    pub(crate) fn asked(&self) -> usize {
        let log = std::fs::read_to_string(self.files.path().join("requests")).unwrap_or_default();
        log.matches('\n').count()
    }

    /// Method and path of all requests so far.
    pub(crate) fn requests(&self) -> Vec<(String, String)> {
        let log = self.log().into_iter();
        log.map(|it| {
            let word = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
            (word("method"), word("path"))
        })
        .collect()
    }

    /// An object by its path, or `None` if it is not there.
    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        match self.call("GET", path, None) {
            Ok(value) => Some(value),
            Err(kube::Error::Api(status)) if status.code == 404 => None,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    pub(crate) fn create(&self, path: &str, object: &Value) {
        self.call("POST", path, Some(object)).unwrap();
    }

    /// Waits until a pod runs.
    #[track_caller]
    pub(crate) fn until_running(&self, namespace: &str, name: &str) {
        let begin = Instant::now();
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
        while self
            .get(&path)
            .is_none_or(|pod| pod["status"]["phase"] != "Running")
        {
            assert!(begin.elapsed() < LONG, "{path} never ran");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn delete(&self, path: &str) {
        self.call("DELETE", path, None).unwrap();
    }

    /// Everything of digpod's that is there and stays. A namespace whose end the server has begun is
    /// waited for: `--quick` does not wait itself.
    pub(crate) fn left(&self) -> Vec<Value> {
        let begin = Instant::now();
        loop {
            let left = self.there();
            // Of the two kinds only pods are in a namespace.
            let ends = |it: &Value| {
                let metadata = &it["metadata"];
                metadata["namespace"].is_null() && !metadata["deletionTimestamp"].is_null()
            };
            if !left.iter().any(ends) || begin.elapsed() > LONG {
                return left;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn there(&self) -> Vec<Value> {
        let selector = "labelSelector=app.kubernetes.io%2Fmanaged-by%3Ddigpod";
        ["pods", "namespaces"]
            .into_iter()
            .flat_map(|kind| {
                let mut list = self.get(&format!("/api/v1/{kind}?{selector}")).unwrap();
                match list["items"].take() {
                    Value::Array(items) => items,
                    other => panic!("no list: {other}"),
                }
            })
            .collect()
    }

    #[track_caller]
    pub(crate) fn nothing_is_left(&self) {
        let names: Vec<String> = self
            .left()
            .iter()
            .map(|it| it["metadata"]["name"].to_string())
            .collect();
        assert_eq!(names, [""; 0]);
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> kube::Result<Value> {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(body.map(Value::to_string).unwrap_or_default().into_bytes())
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let file = Kubeconfig::read_from(self.kubeconfig()).unwrap();
            let options = KubeConfigOptions::default();
            let config = Config::from_custom_kubeconfig(file, &options)
                .await
                .unwrap();
            let client = Client::try_from(config)?;
            client.request(request).await
        })
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
