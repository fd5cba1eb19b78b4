//! What a run creates, remembered before it is created, so that every way out can remove it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::{admission, runner};
use crate::api::{Api, CallError};
use crate::progress::Progress;
use crate::sink::Sink;
use crate::time;

/// Label of everything digpod creates.
pub(crate) const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Label with the id of the run.
pub(crate) const RUN: &str = "digpod.io/run";
/// Annotation: RFC 3339 time after which a later run may remove the object.
pub(crate) const EXPIRES: &str = "digpod.io/expires";
/// Annotation: the process that created it; see `runner`.
pub(crate) const RUNNER: &str = "digpod.io/runner";

/// Everything one run created.
#[derive(Clone)]
pub(crate) struct Objects {
    run: String,
    expires: String,
    created: Arc<Mutex<Vec<Object>>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Object {
    /// Path of the object.
    path: String,
    /// As it is shown.
    name: String,
    namespace: bool,
    /// Whether the server has answered.
    settled: bool,
}

/// How long removal may take.
const REMOVAL: Duration = Duration::from_secs(40);
/// How long removal waits for creations that are still under way.
const SETTLE: Duration = Duration::from_secs(20);

impl Objects {
    /// A run of its own; `expires_in` seconds from now its objects are leftovers.
    pub(crate) fn new(expires_in: u64) -> Self {
        let mut bytes = [0_u8; 4];
        // Without randomness the process id still tells two runs on one machine apart.
        if getrandom::fill(&mut bytes).is_err() {
            bytes = std::process::id().to_be_bytes();
        }
        let run = format!("{:08x}", u32::from_be_bytes(bytes));
        Self {
            run,
            expires: time::in_seconds(expires_in),
            created: Arc::default(),
        }
    }

    /// Id of the run.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// Metadata of an object of this run.
    pub(crate) fn metadata(
        &self,
        name: &str,
        labels: impl IntoIterator<Item = (String, String)>,
    ) -> Value {
        let mut all = serde_json::Map::new();
        all.extend(
            labels
                .into_iter()
                .map(|(key, value)| (key, Value::String(value))),
        );
        all.insert(MANAGED_BY.to_owned(), "digpod".into());
        all.insert(RUN.to_owned(), self.run.as_str().into());
        let mut annotations = json!({EXPIRES: self.expires});
        if let Some(runner) = runner::own() {
            annotations[RUNNER] = runner.into();
        }
        json!({"name": name, "labels": all, "annotations": annotations})
    }

    /// Creates a namespace for this run.
    pub(crate) async fn create_namespace(
        &self,
        api: &Api,
        sink: &Sink,
        progress: &Progress,
    ) -> Result<String, CallError> {
        let name = format!("digpod-{}", self.run);
        // The probe on the node's network needs "privileged"; the others are "restricted" anyway.
        let labels = [(
            "pod-security.kubernetes.io/enforce".to_owned(),
            "privileged".to_owned(),
        )];
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": self.metadata(&name, labels)});
        let returned = api.create("/api/v1/namespaces?dryRun=All", &object).await?;
        let said = admission::record(sink, "namespace", &object, &returned);
        said.iter().for_each(|line| progress.note(line));
        let created = Object {
            path: format!("/api/v1/namespaces/{name}"),
            name: format!("namespace {name}"),
            namespace: true,
            settled: false,
        };
        self.create(api, created, "/api/v1/namespaces", &object)
            .await?;
        Ok(name)
    }

    /// Creates a pod.
    pub(crate) async fn create_pod(
        &self,
        api: &Api,
        namespace: &str,
        pod: &Value,
    ) -> Result<Value, CallError> {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        let path = format!("/api/v1/namespaces/{namespace}/pods");
        let created = Object {
            path: format!("{path}/{name}"),
            name: format!("pod {namespace}/{name}"),
            namespace: false,
            settled: false,
        };
        self.create(api, created, &path, pod).await
    }

    /// In a task of its own: who stops waiting (Ctrl-C) does not leave the server with a request
    /// whose end nobody sees; removal waits for it.
    async fn create(
        &self,
        api: &Api,
        object: Object,
        collection: &str,
        body: &Value,
    ) -> Result<Value, CallError> {
        let (all, api) = (self.clone(), api.clone());
        let (collection, body) = (collection.to_owned(), body.clone());
        all.all().push(object.clone());
        let task = tokio::spawn(async move {
            let created = api.create(&collection, &body).await;
            let refused = matches!(&created, Err(error) if (400..500).contains(&error.code));
            let mut known = all.all();
            known.retain(|it| !(refused && it.path == object.path));
            for it in known.iter_mut().filter(|it| it.path == object.path) {
                it.settled = true;
            }
            drop(known);
            created
        });
        task.await.unwrap_or_else(|error| {
            Err(CallError {
                status: digpod_bundle::Status::Failed,
                code: 0,
                reason: format!("an error in digpod itself: {error}"),
            })
        })
    }

    /// Waits until no creation is under way any more.
    async fn settled(&self) {
        while self.all().iter().any(|it| !it.settled) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Removes everything and looks whether it is gone. Gives what was removed and what is left.
    pub(crate) async fn remove(&self, api: &Api) -> Removal {
        // One that hangs is tried to be removed all the same.
        let _ = tokio::time::timeout(api.within(SETTLE), self.settled()).await;
        let objects = self.all().clone();
        let (namespaces, pods): (Vec<_>, Vec<_>) = objects.into_iter().partition(|it| it.namespace);
        let mut removal = Removal::default();
        let all = pods.into_iter().chain(namespaces).map(|object| async move {
            let limit = api.within(REMOVAL);
            let gone = tokio::time::timeout(limit, gone(api, &object.path)).await;
            let still = || Err(format!("still there after {} s", limit.as_secs()));
            (object.name, gone.unwrap_or_else(|_| still()))
        });
        for (name, result) in futures::future::join_all(all).await {
            match result {
                Ok(()) => removal.removed.push(name),
                Err(why) => removal.left.push((name, why)),
            }
        }
        removal
    }

    fn all(&self) -> MutexGuard<'_, Vec<Object>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a run's objects.
#[derive(Debug, Default)]
pub(crate) struct Removal {
    /// Removed and verified.
    pub(crate) removed: Vec<String>,
    /// Still there, and why.
    pub(crate) left: Vec<(String, String)>,
}

/// Deletes an object and waits until it is gone.
pub(crate) async fn gone(api: &Api, path: &str) -> Result<(), String> {
    let mut last = api.delete(path).await;
    loop {
        match api.get_text(path).await {
            Err(error) if error.code == 404 => return Ok(()),
            Err(error) if error.code == 403 => {
                return last.map_err(|error| error.reason);
            }
            Err(error) => last = Err(error),
            Ok(_) => {
                if last.is_err() {
                    last = api.delete(path).await;
                    if let Err(error) = &last
                        && error.code == 403
                    {
                        return Err(error.reason.clone());
                    }
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}
