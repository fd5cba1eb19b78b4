//! Removing objects, and looking whether they are gone.
//!
//! Pods go first and without a grace period, so that nothing is in a namespace any more when its
//! turn comes: what its controller still finds there after its 5 s (`namespaceDeletionGracePeriod`,
//! kubernetes/kubernetes, `pkg/controller/namespace/namespace_controller.go`) costs another round.

use std::time::Duration;

use digpod_bundle::k8s::ObjectMeta;
use futures::future::join_all;
use serde::Deserialize;

use crate::api::{Api, Lines};

/// How long one object may take to go.
const LIMIT: Duration = Duration::from_secs(40);
/// How long namespaces wait for pods to be gone: a server that takes longer has little time left,
/// and its controller's 5 s are to come anyway.
const HEAD_START: Duration = Duration::from_millis(500);
/// Pauses between looks where no watch is allowed.
const FIRST_PAUSE: Duration = Duration::from_millis(30);
const LAST_PAUSE: Duration = Duration::from_millis(250);
/// After so long without a word of the watch, somebody looks: a proxy may hold the words back.
const SILENCE: Duration = Duration::from_secs(1);

/// An object to remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Path of the object.
    pub(super) path: String,
    /// As it is shown.
    pub(super) name: String,
    /// Whether it is a namespace, which goes last.
    pub(super) is_namespace: bool,
}

/// What became of objects.
#[derive(Debug, Default)]
pub(crate) struct Removal {
    /// Removed and seen to be gone.
    pub(crate) removed: Vec<String>,
    /// Namespaces that are empty and end without anybody's help.
    pub(crate) ending: Vec<String>,
    /// Seen to be there still, and why.
    pub(crate) left: Vec<(String, String)>,
    /// Nobody could see whether they are gone, and why.
    pub(crate) unseen: Vec<(String, String)>,
}

/// What became of one object.
pub(super) enum Fate {
    Gone,
    Ending,
    Left(String),
    Unseen(String),
}

impl Removal {
    /// Whether there was nothing to remove.
    pub(crate) fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.ending.is_empty() && self.is_clean()
    }

    /// Whether everything is known to be gone, or to go.
    pub(crate) fn is_clean(&self) -> bool {
        self.left.is_empty() && self.unseen.is_empty()
    }

    /// What may still be there, with the reason.
    pub(crate) fn rest(&self) -> impl Iterator<Item = (&str, String)> {
        let left = self.left.iter();
        let left = left.map(|(name, why)| (name.as_str(), why.clone()));
        let unseen = self.unseen.iter();
        left.chain(unseen.map(|(name, why)| {
            (
                name.as_str(),
                format!("whether it is gone could not be seen: {why}"),
            )
        }))
    }

    fn of(pods: Vec<(String, Fate)>, namespaces: Vec<(String, Fate)>) -> Self {
        let mut removal = Self::default();
        for (name, fate) in pods.into_iter().chain(namespaces) {
            removal.add(name, fate);
        }
        removal
    }

    fn add(&mut self, name: String, fate: Fate) {
        match fate {
            Fate::Gone => self.removed.push(name),
            Fate::Ending => self.ending.push(name),
            Fate::Left(why) => self.left.push((name, why)),
            Fate::Unseen(why) => self.unseen.push((name, why)),
        }
    }
}

/// How long a namespace is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespaces {
    /// Until it is gone, which its controller does not even begin before 5 s.
    Gone,
    /// Until the server says that it ends, if nothing is in it any more.
    Ending,
}

/// Removes everything, pods before namespaces.
pub(super) async fn remove_all(api: &Api, targets: Vec<Target>, until: Namespaces) -> Removal {
    let (namespaces, pods): (Vec<_>, Vec<_>) = targets.into_iter().partition(|it| it.is_namespace);
    let each = |target: Target| async move {
        let fate = remove(api, &target.path, LIMIT).await;
        (target.name, fate)
    };
    let mut pods = Box::pin(join_all(pods.into_iter().map(each)));
    if until == Namespaces::Ending {
        let pods = pods.await;
        let empty = pods.iter().all(|(_, fate)| matches!(fate, Fate::Gone));
        let namespaces = namespaces.into_iter().map(|target| async move {
            let fate = if empty {
                end(api, &target.path).await
            } else {
                remove(api, &target.path, LIMIT).await
            };
            (target.name, fate)
        });
        return Removal::of(pods, join_all(namespaces).await);
    }
    let namespaces = join_all(namespaces.into_iter().map(each));
    let early = tokio::time::timeout(HEAD_START, &mut pods).await;
    let (pods, namespaces) = if let Ok(pods) = early {
        (pods, namespaces.await)
    } else {
        futures::join!(pods, namespaces)
    };
    Removal::of(pods, namespaces)
}

/// Deletes an empty namespace and looks whether its end has begun: nothing can be made in it then.
async fn end(api: &Api, path: &str) -> Fate {
    let deleted = api.delete(path).await;
    match api.get::<Object>(path).await {
        Err(error) if error.code == 404 => Fate::Gone,
        Ok(object) if object.metadata.deletion_timestamp.is_some() => Fate::Ending,
        Err(error) if error.code == 403 && deleted.is_ok() => Fate::Ending,
        _ => remove(api, path, LIMIT).await,
    }
}

/// Deletes an object and waits until it is gone, for so long at most.
pub(super) async fn remove(api: &Api, path: &str, limit: Duration) -> Fate {
    let limit = api.within(limit);
    let mut look = Look::default();
    let ended = tokio::time::timeout(limit, gone(api, path, &mut look)).await;
    ended.unwrap_or_else(|_| match look {
        Look::Never(Some(why)) => Fate::Unseen(why),
        Look::Never(None) => Fate::Unseen(format!("no answer within {} s", limit.as_secs())),
        Look::There => Fate::Left(format!("still there after {} s", limit.as_secs())),
    })
}

/// What was seen of an object since it was to go.
enum Look {
    /// Nothing, and the last reason for that.
    Never(Option<String>),
    There,
}

impl Default for Look {
    fn default() -> Self {
        Self::Never(None)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    metadata: ObjectMeta,
}

async fn gone(api: &Api, path: &str, look: &mut Look) -> Fate {
    let mut deleted = api.delete(path).await;
    let mut watch = Watch::Unasked;
    let mut pause = FIRST_PAUSE;
    loop {
        match api.get::<Object>(path).await {
            Err(error) if error.code == 404 => return Fate::Gone,
            // Who may not look has the server's word for the deletion, or nothing.
            Err(error) if error.code == 403 => {
                return match deleted {
                    Ok(()) => Fate::Gone,
                    Err(why) => Fate::Unseen(why.reason),
                };
            }
            Err(error) => {
                if let Look::Never(why) = look {
                    *why = Some(error.reason);
                }
            }
            Ok(object) => {
                *look = Look::There;
                let goes = object.metadata.deletion_timestamp.is_some();
                if deleted.is_err() && !goes {
                    deleted = api.delete(path).await;
                }
                match &deleted {
                    Err(error) if error.code == 403 && !goes => {
                        return Fate::Left(error.reason.clone());
                    }
                    Ok(()) if matches!(watch, Watch::Unasked) => {
                        watch = Watch::begin(api, path, &object).await;
                    }
                    _ => {}
                }
            }
        }
        watch.wait(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

/// A watch that tells when an object has gone.
enum Watch {
    Unasked,
    Open(Lines),
    /// Not allowed, or it has ended.
    Closed,
}

impl Watch {
    /// From the version that was seen, so that no change is missed in between.
    async fn begin(api: &Api, path: &str, object: &Object) -> Self {
        let Some((collection, name)) = path.rsplit_once('/') else {
            return Self::Closed;
        };
        let version = object.metadata.resource_version.as_deref();
        let version = version.unwrap_or_default();
        let watched = format!(
            "{collection}?watch=true&fieldSelector=metadata.name%3D{name}\
             &resourceVersion={version}&timeoutSeconds=60"
        );
        match api.lines(&watched).await {
            Ok(lines) => Self::Open(lines),
            Err(_) => Self::Closed,
        }
    }

    /// Waits until there is a reason to look again.
    async fn wait(&mut self, pause: Duration) {
        let Self::Open(lines) = self else {
            tokio::time::sleep(pause).await;
            return;
        };
        match tokio::time::timeout(SILENCE, lines.next()).await {
            // Something changed, or nothing was said for a while.
            Ok(Some(Ok(_))) | Err(_) => {}
            Ok(Some(Err(_)) | None) => *self = Self::Closed,
        }
    }
}
