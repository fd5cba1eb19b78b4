//! What a run creates, remembered before it is created, so that every way out can remove it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::removal::{self, Fate, Namespaces, Removal, Target};
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
    target: Target,
    /// Whether the server has answered.
    settled: bool,
    /// Whether it was seen to be gone.
    gone: bool,
}

/// How long removal waits for creations that are still under way.
const SETTLE: Duration = Duration::from_secs(20);
/// How long the removal of a pod that is done may hold up its run; the end tries again.
const RELEASE: Duration = Duration::from_secs(5);

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

    /// The namespace of this run: its name and the object to create.
    pub(super) fn namespace(&self) -> (String, Value) {
        let name = format!("digpod-{}", self.run);
        // The probe on the node's network needs "privileged"; the others are "restricted" anyway.
        let labels = [(
            "pod-security.kubernetes.io/enforce".to_owned(),
            "privileged".to_owned(),
        )];
        let metadata = self.metadata(&name, labels);
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        (name, object)
    }

    /// Has the API server judge the namespace without storing it; gives what it would change.
    pub(super) async fn try_namespace(
        api: &Api,
        sink: &Sink,
        object: &Value,
    ) -> Result<Option<String>, CallError> {
        let returned = api.create("/api/v1/namespaces?dryRun=All", object).await?;
        Ok(admission::record(sink, "namespace", object, &returned))
    }

    /// Creates a namespace for this run.
    pub(crate) async fn create_namespace(
        &self,
        api: &Api,
        sink: &Sink,
        progress: &Progress,
    ) -> Result<String, CallError> {
        let (name, object) = self.namespace();
        if let Some(line) = Self::try_namespace(api, sink, &object).await? {
            progress.note(&line);
        }
        let created = Object {
            target: Target {
                path: format!("/api/v1/namespaces/{name}"),
                name: format!("namespace {name}"),
                is_namespace: true,
            },
            settled: false,
            gone: false,
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
            target: Target {
                path: format!("{path}/{name}"),
                name: format!("pod {namespace}/{name}"),
                is_namespace: false,
            },
            settled: false,
            gone: false,
        };
        self.create(api, created, &path, pod).await
    }

    /// Removes a pod that is done, so that less is left to do at the end.
    pub(crate) async fn release(&self, api: &Api, namespace: &str, pod: &str) {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}");
        if let Fate::Gone = removal::remove(api, &path, RELEASE).await {
            let mut all = self.all();
            all.iter_mut()
                .filter(|it| it.target.path == path)
                .for_each(|it| it.gone = true);
        }
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
            known.retain(|it| !(refused && it.target == object.target));
            for it in known.iter_mut().filter(|it| it.target == object.target) {
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

    /// Begins to remove a namespace of this run, if all its pods are known to be gone: the wait for
    /// its end can go on beside other things then.
    pub(crate) async fn close(&self, api: &Api, namespace: &str) {
        let own = format!("/api/v1/namespaces/{namespace}");
        let inside = format!("{own}/");
        let closes = {
            let all = self.all();
            all.iter().any(|it| it.target.path == own)
                && all
                    .iter()
                    .all(|it| it.gone || !it.target.path.starts_with(&inside))
        };
        if closes {
            // The end looks what became of it.
            let _ = api.delete(&own).await;
        }
    }

    /// Removes everything that is not yet gone, and looks whether it is.
    pub(crate) async fn remove(&self, api: &Api, until: Namespaces) -> Removal {
        // One that hangs is tried to be removed all the same.
        let _ = tokio::time::timeout(api.within(SETTLE), self.settled()).await;
        let objects = self.all().clone();
        let (gone, there): (Vec<_>, Vec<_>) = objects.into_iter().partition(|it| it.gone);
        let there = there.into_iter().map(|it| it.target).collect();
        let mut removal = removal::remove_all(api, there, until).await;
        let before = gone.into_iter().map(|it| it.target.name);
        removal.removed.splice(..0, before);
        removal
    }

    fn all(&self) -> MutexGuard<'_, Vec<Object>> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
