//! Files that programs in pods have written.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;

use crate::json::{list, lock, text, truth};

/// All of them, by the pod's uid and the path.
#[derive(Debug, Default)]
pub(crate) struct Written(Mutex<BTreeMap<(String, String), File>>);

#[derive(Debug)]
struct File {
    bytes: Vec<u8>,
    executable: bool,
}

impl Written {
    /// Writes a file, as a shell in the container may.
    pub(crate) fn write(
        &self,
        pod: &Value,
        container: &Value,
        path: &str,
        bytes: Vec<u8>,
    ) -> Result<(), &'static str> {
        if !is_writable(pod, container, path) {
            return Err("Read-only file system");
        }
        let file = File {
            bytes,
            executable: false,
        };
        lock(&self.0).insert(key(pod, path), file);
        Ok(())
    }

    /// Lets a file be executed; gives whether it is there.
    pub(crate) fn make_executable(&self, pod: &Value, path: &str) -> bool {
        let mut files = lock(&self.0);
        let file = files.get_mut(&key(pod, path));
        file.map(|file| file.executable = true).is_some()
    }

    /// What the kernel says of executing a file: `None` if it is not there.
    pub(crate) fn execute(&self, pod: &Value, path: &str) -> Option<Result<(), &'static str>> {
        let files = lock(&self.0);
        let file = files.get(&key(pod, path))?;
        Some(if !file.executable {
            Err("permission denied")
        } else if !file.bytes.starts_with(b"\x7fELF") {
            Err("exec format error")
        } else {
            Ok(())
        })
    }
}

fn key(pod: &Value, path: &str) -> (String, String) {
    (text(pod, "metadata.uid").to_owned(), path.to_owned())
}

/// In a volume of the pod's own, or anywhere where the image's files may be changed.
fn is_writable(pod: &Value, container: &Value, path: &str) -> bool {
    if !truth(container, "securityContext.readOnlyRootFilesystem") {
        return true;
    }
    let own = |name: &str| {
        let mut volumes = list(pod, "spec.volumes").iter();
        volumes.any(|it| text(it, "name") == name && it.get("emptyDir").is_some())
    };
    list(container, "volumeMounts").iter().any(|mount| {
        let inside = format!("{}/", text(mount, "mountPath"));
        path.starts_with(&inside) && own(text(mount, "name"))
    })
}
