//! The objects, their resource versions and the history that watches read.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::sync::watch;

use crate::fleet::Fleet;
use crate::json::{at, lock, set, text};
use crate::resources::{self, Resource};
use crate::selector::Selector;

/// Namespace (empty for cluster-wide objects) and name.
pub(crate) type Key = (String, String);

/// How many changes a watch may be behind.
const HISTORY: usize = 10_000;

/// What happened to an object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) resource: &'static Resource,
    pub(crate) old: Option<Arc<Value>>,
    /// `None` when it is gone.
    pub(crate) new: Option<Arc<Value>>,
}

#[derive(Default)]
struct Inner {
    version: u64,
    objects: BTreeMap<(&'static str, &'static str), BTreeMap<Key, Arc<Value>>>,
    history: VecDeque<Change>,
}

/// A part of a list.
pub(crate) struct Page {
    pub(crate) objects: Vec<Arc<Value>>,
    /// Whether there are more.
    pub(crate) more: bool,
    /// How many more, where nothing was selected.
    pub(crate) remaining: Option<usize>,
    pub(crate) version: u64,
}

/// Every object of the cluster.
pub(crate) struct Store {
    inner: Mutex<Inner>,
    /// Those that nobody stored.
    fleet: Option<Fleet>,
    changed: watch::Sender<u64>,
}

impl Store {
    /// An empty one; its first object gets a version after `version`. Those of the fleet are made
    /// up beside what is stored.
    pub(crate) fn new(version: u64, fleet: Option<Fleet>) -> Self {
        let inner = Inner {
            version,
            ..Inner::default()
        };
        Self {
            inner: Mutex::new(inner),
            fleet,
            changed: watch::Sender::new(version),
        }
    }

    /// One object.
    pub(crate) fn get(
        &self,
        resource: &Resource,
        namespace: &str,
        name: &str,
    ) -> Option<Arc<Value>> {
        let stored = {
            let inner = lock(&self.inner);
            let key = (namespace.to_owned(), name.to_owned());
            let objects = inner.objects.get(&(resource.group, resource.plural));
            objects.and_then(|objects| objects.get(&key)).cloned()
        };
        stored.or_else(|| {
            let made = self.fleet?.find(resource, namespace, name)?;
            Some(Arc::new(made))
        })
    }

    /// Those of a type that a selector fits, in order, after a key, and not more than `limit`.
    pub(crate) fn page(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        selector: &Selector,
        after: Option<&Key>,
        limit: usize,
    ) -> Page {
        let (mut stored, version) = self.list(resource, namespace);
        stored.retain(|it| selector.fits(it) && after.is_none_or(|after| key(it) > *after));
        let mut stored = stored.into_iter().peekable();
        let mut left = 0..0;
        if let Some(fleet) = &self.fleet {
            left = fleet.range(resource, namespace, selector);
            if let Some(after) = after {
                left = fleet.after(resource, left, after);
            }
        }
        let mut made = left
            .filter_map(|index| {
                let fleet = self.fleet.as_ref()?;
                if selector.is_empty() {
                    return Some((fleet.key(resource, index), index, None));
                }
                let object = fleet.object(resource, index);
                selector
                    .fits(&object)
                    .then(|| (key(&object), index, Some(object)))
            })
            .peekable();
        let mut objects = Vec::new();
        while objects.len() < limit {
            let first_made = match (stored.peek(), made.peek()) {
                (None, None) => break,
                (Some(first), Some((second, ..))) => *second < key(first),
                (None, Some(_)) => true,
                (Some(_), None) => false,
            };
            if first_made {
                let Some((_, index, object)) = made.next() else {
                    break;
                };
                let anew = || self.fleet.map(|fleet| fleet.object(resource, index));
                objects.extend(object.or_else(anew).map(Arc::new));
            } else {
                objects.extend(stored.next());
            }
        }
        let more = stored.peek().is_some() || made.peek().is_some();
        // As the API server: unknown where a selector was given.
        let remaining = (more && selector.is_empty()).then(|| stored.count() + made.count());
        Page {
            objects,
            more,
            remaining,
            version,
        }
    }

    /// All objects of a type, of one namespace or of all, in order, and the version they are of.
    pub(crate) fn list(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
    ) -> (Vec<Arc<Value>>, u64) {
        let inner = lock(&self.inner);
        let objects = inner.objects.get(&(resource.group, resource.plural));
        let objects = objects
            .into_iter()
            .flatten()
            .filter(|((of, _), _)| namespace.is_none_or(|namespace| namespace == of))
            .map(|(_, object)| Arc::clone(object))
            .collect();
        (objects, inner.version)
    }

    /// All pods and so on by group and plural name.
    pub(crate) fn all(&self, group: &str, plural: &str) -> Vec<Arc<Value>> {
        self.list(resources::named(group, plural), None).0
    }

    /// Adds an object, or gives it back if its name is taken.
    pub(crate) fn create(&self, resource: &'static Resource, object: Value) -> Option<Arc<Value>> {
        let mut inner = lock(&self.inner);
        let objects = inner
            .objects
            .entry((resource.group, resource.plural))
            .or_default();
        if objects.contains_key(&key(&object)) {
            return None;
        }
        Some(self.put(&mut inner, resource, None, object))
    }

    /// Changes an object in place; `None` if it is not there or `change` says no.
    pub(crate) fn update(
        &self,
        resource: &'static Resource,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut Value) -> bool,
    ) -> Option<Arc<Value>> {
        let mut inner = lock(&self.inner);
        let key = (namespace.to_owned(), name.to_owned());
        let old = inner
            .objects
            .get(&(resource.group, resource.plural))?
            .get(&key)
            .cloned()?;
        let mut new = Value::clone(&old);
        if !change(&mut new) {
            return None;
        }
        if new == *old {
            return Some(old);
        }
        Some(self.put(&mut inner, resource, Some(old), new))
    }

    /// Removes an object, if its uid is the one given or none is given.
    pub(crate) fn remove(
        &self,
        resource: &'static Resource,
        namespace: &str,
        name: &str,
        uid: Option<&str>,
    ) -> Option<Arc<Value>> {
        let mut inner = lock(&self.inner);
        let key = (namespace.to_owned(), name.to_owned());
        let objects = inner.objects.get_mut(&(resource.group, resource.plural))?;
        let old = objects.get(&key)?;
        if uid.is_some_and(|uid| uid != text(old, "metadata.uid")) {
            return None;
        }
        let old = objects.remove(&key)?;
        inner.version += 1;
        let mut last = Value::clone(&old);
        set(
            &mut last,
            "metadata.resourceVersion",
            inner.version.to_string(),
        );
        let last = Arc::new(last);
        let version = inner.version;
        let change = Change {
            version,
            resource,
            old: Some(Arc::clone(&last)),
            new: None,
        };
        self.note(&mut inner, change);
        Some(last)
    }

    /// Changes after `version`, or `None` if that is too long ago.
    pub(crate) fn since(&self, version: u64) -> Option<Vec<Change>> {
        let inner = lock(&self.inner);
        let known = inner
            .history
            .front()
            .is_none_or(|first| first.version <= version + 1);
        if !known {
            return None;
        }
        Some(
            inner
                .history
                .iter()
                .filter(|change| change.version > version)
                .cloned()
                .collect(),
        )
    }

    /// Says when something changes.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    fn put(
        &self,
        inner: &mut Inner,
        resource: &'static Resource,
        old: Option<Arc<Value>>,
        mut object: Value,
    ) -> Arc<Value> {
        inner.version += 1;
        let version = inner.version;
        if let Some(old) = &old
            && at(old, "spec") != at(&object, "spec")
            && let Some(generation) = at(old, "metadata.generation").and_then(Value::as_i64)
        {
            set(&mut object, "metadata.generation", generation + 1);
        }
        set(&mut object, "metadata.resourceVersion", version.to_string());
        let new = Arc::new(object);
        let objects = inner
            .objects
            .entry((resource.group, resource.plural))
            .or_default();
        objects.insert(key(&new), Arc::clone(&new));
        self.note(
            inner,
            Change {
                version,
                resource,
                old,
                new: Some(Arc::clone(&new)),
            },
        );
        new
    }

    fn note(&self, inner: &mut Inner, change: Change) {
        self.changed.send_replace(change.version);
        inner.history.push_back(change);
        if inner.history.len() > HISTORY {
            inner.history.pop_front();
        }
    }
}

/// The key of an object.
pub(crate) fn key(object: &Value) -> Key {
    let namespace = text(object, "metadata.namespace");
    (
        namespace.to_owned(),
        text(object, "metadata.name").to_owned(),
    )
}
