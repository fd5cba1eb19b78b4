//! What a run creates, remembered before it is created, so that every way out can remove it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

use super::runner;
use crate::api::{Api, CallError};
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
    /// Whether it was seen to be gone.
    gone: bool,
}

/// How long removal may take.
const REMOVAL: Duration = Duration::from_secs(40);
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

    /// Creates a namespace for this run.
    pub(crate) async fn create_namespace(&self, api: &Api) -> Result<String, CallError> {
        let name = format!("digpod-{}", self.run);
        // The probe on the node's network needs "privileged"; the others are "restricted" anyway.
        let labels = [(
            "pod-security.kubernetes.io/enforce".to_owned(),
            "privileged".to_owned(),
        )];
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": self.metadata(&name, labels)});
        api.create("/api/v1/namespaces?dryRun=All", &object).await?;
        let created = Object {
            path: format!("/api/v1/namespaces/{name}"),
            name: format!("namespace {name}"),
            namespace: true,
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
            path: format!("{path}/{name}"),
            name: format!("pod {namespace}/{name}"),
            namespace: false,
            settled: false,
            gone: false,
        };
        self.create(api, created, &path, pod).await
    }

    /// Removes a pod that is done, so that less is left to do at the end.
    pub(crate) async fn release(&self, api: &Api, namespace: &str, pod: &str) {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}");
        if let Ok(Ok(())) = tokio::time::timeout(RELEASE, gone(api, &path)).await {
            let mut all = self.all();
            all.iter_mut()
                .filter(|it| it.path == path)
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
    ///
    /// A namespace takes 5 s at least (`namespaceDeletionGracePeriod` of its controller). Who is in
    /// a hurry does not wait for its end: no pod is left in it, and none can be created any more.
    pub(crate) async fn remove(&self, api: &Api, hurry: bool) -> Removal {
        // One that hangs is tried to be removed all the same.
        let _ = tokio::time::timeout(SETTLE, self.settled()).await;
        let objects = self.all().clone();
        let (namespaces, pods): (Vec<_>, Vec<_>) = objects.into_iter().partition(|it| it.namespace);
        let mut removal = Removal::default();
        let pods = pods.into_iter().map(|object| async move {
            let gone = async {
                if object.gone {
                    Ok(())
                } else {
                    gone(api, &object.path).await
                }
            };
            (object.name, limited(gone).await)
        });
        // First the pods: who sees a namespace go knows that nothing of the run is in it.
        let pods = futures::future::join_all(pods).await;
        let namespaces = namespaces.into_iter().map(|object| async move {
            let gone = async {
                if hurry {
                    going(api, &object.path).await
                } else {
                    gone(api, &object.path).await.map(|()| false)
                }
            };
            (object.name, limited(gone).await)
        });
        for (name, result) in pods {
            match result {
                Ok(()) => removal.removed.push(name),
                Err(why) => removal.left.push((name, why)),
            }
        }
        for (name, result) in futures::future::join_all(namespaces).await {
            match result {
                Ok(true) => removal.going.push(name),
                Ok(false) => removal.removed.push(name),
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
    /// Namespaces without any pod that the cluster is about to remove.
    pub(crate) going: Vec<String>,
    /// Still there, and why.
    pub(crate) left: Vec<(String, String)>,
}

impl Removal {
    /// Whether there was nothing to remove.
    pub(crate) fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.going.is_empty() && self.left.is_empty()
    }
}

async fn limited<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    tokio::time::timeout(REMOVAL, work)
        .await
        .unwrap_or_else(|_| Err(format!("still there after {} s", REMOVAL.as_secs())))
}

/// Deletes a namespace; gives whether it is still there, waiting for its controller.
async fn going(api: &Api, path: &str) -> Result<bool, String> {
    api.delete(path).await.map_err(|error| error.reason)?;
    match api.get::<Terminating>(path).await {
        Err(error) if error.code == 404 => Ok(false),
        Ok(namespace) if namespace.metadata.deletion_timestamp.is_some() => Ok(true),
        _ => gone(api, path).await.map(|()| false),
    }
}

#[derive(serde::Deserialize)]
struct Terminating {
    metadata: digpod_bundle::k8s::ObjectMeta,
}

/// Pauses between looks whether something is gone.
const FIRST_PAUSE: Duration = Duration::from_millis(30);
const LAST_PAUSE: Duration = Duration::from_millis(250);

/// Deletes an object and waits until it is gone.
pub(crate) async fn gone(api: &Api, path: &str) -> Result<(), String> {
    let mut last = api.delete(path).await;
    let mut pause = FIRST_PAUSE;
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
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}
