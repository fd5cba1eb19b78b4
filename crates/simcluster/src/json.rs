//! Small helpers for API objects, which are kept as JSON values.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

/// The text at a dotted path, or the empty text.
pub(crate) fn text<'a>(object: &'a Value, path: &str) -> &'a str {
    at(object, path).and_then(Value::as_str).unwrap_or_default()
}

/// The value at a dotted path.
pub(crate) fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.')
        .try_fold(object, |value, key| value.get(key))
}

/// The list at a dotted path, or an empty one.
pub(crate) fn list<'a>(object: &'a Value, path: &str) -> &'a [Value] {
    at(object, path)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// The number at a dotted path, or 0.
pub(crate) fn number(object: &Value, path: &str) -> i64 {
    at(object, path).and_then(Value::as_i64).unwrap_or_default()
}

/// Whether the value at a dotted path is `true`.
pub(crate) fn truth(object: &Value, path: &str) -> bool {
    at(object, path)
        .and_then(Value::as_bool)
        .unwrap_or_default()
}

/// Sets the value at a dotted path, with the objects on the way to it.
pub(crate) fn set(object: &mut Value, path: &str, new: impl Into<Value>) {
    let mut value = object;
    for key in path.split('.') {
        if !value.is_object() {
            *value = Value::Object(Map::new());
        }
        let Some(map) = value.as_object_mut() else {
            return;
        };
        value = map.entry(key).or_insert(Value::Null);
    }
    *value = new.into();
}

/// Sets the value at a dotted path if there is none.
pub(crate) fn default(object: &mut Value, path: &str, new: impl Into<Value>) {
    if at(object, path).is_none_or(Value::is_null) {
        set(object, path, new);
    }
}

/// Lays `patch` over `target` as RFC 7396 says: objects merge, null removes, the rest replaces.
pub(crate) fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Some(map) = target.as_object_mut() else {
        return;
    };
    for (key, value) in patch {
        if value.is_null() {
            map.remove(&key);
        } else {
            merge(map.entry(key).or_insert(Value::Null), value);
        }
    }
}

/// Locks; a panic elsewhere does not spread.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
