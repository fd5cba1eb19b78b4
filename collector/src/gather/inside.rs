//! What only the failing pod itself can tell, with `--exec`: its own resolv.conf and the resolver
//! that its program has. Only files are read, with `cat`; no shell is needed.

use std::collections::BTreeSet;

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Item, Status, layout};
use digpod_resolv::{OsRelease, resolver_of};
use serde_json::json;

use super::Request;
use crate::api::{Api, CallError, Exec};
use crate::sink::{Call, Sink};

/// Where a pod's own resolv.conf goes, and what its program resolves with.
struct Entries {
    resolv_conf: &'static str,
    process: &'static str,
}

/// Reads the failing pod's where it is wanted.
pub(super) async fn of_failing(api: &Api, request: &Request, pod: Option<&Pod>, sink: &Sink) {
    let entries = Entries {
        resolv_conf: layout::WORKLOAD_RESOLV_CONF,
        process: layout::WORKLOAD_PROCESS,
    };
    // Who did not ask for it misses nothing: what the kubelet writes is read elsewhere.
    if request.exec {
        let unknown = "no failing pod is known (--pod or -l)";
        inside(api, &request.namespace, pod, unknown, &entries, sink).await;
    }
}

/// Reads that of the pod that resolves where it is wanted.
pub(super) async fn of_working(api: &Api, request: &Request, pod: Option<&Pod>, sink: &Sink) {
    let entries = Entries {
        resolv_conf: layout::WORKING_RESOLV_CONF,
        process: layout::WORKING_PROCESS,
    };
    if let Some(working) = request.working_pod.as_ref().filter(|_| request.exec) {
        let unknown = "the pod that resolves could not be read";
        inside(api, &working.namespace, pod, unknown, &entries, sink).await;
    }
}

async fn inside(
    api: &Api,
    namespace: &str,
    pod: Option<&Pod>,
    unknown: &str,
    entries: &Entries,
    sink: &Sink,
) {
    let nothing = |status: Status, why: &str| {
        for entry in [entries.resolv_conf, entries.process] {
            sink.missing_because(entry, status, why);
        }
    };
    let Some(pod) = pod else {
        return nothing(Status::NotApplicable, unknown);
    };
    let Some(container) = running(pod) else {
        return nothing(Status::NotFound, "none of the pod's containers runs");
    };
    let container = Container {
        api,
        pod,
        name: container,
        namespace,
    };
    let (resolv_conf, maps, os) = futures::join!(
        container.file("/etc/resolv.conf"),
        container.file(mapped(pod)),
        container.file("/etc/os-release"),
    );
    let call = container.call("/etc/resolv.conf");
    match resolv_conf {
        Ok(text) => sink.text(entries.resolv_conf, &call.source(), &text),
        Err(error) => sink.gap(entries.resolv_conf, &call, &error),
    }
    process(&container, &maps, os, entries.process, sink);
}

/// The first container that runs, in the order of the pod's spec.
fn running(pod: &Pod) -> Option<&str> {
    let runs = |name: &str| {
        let statuses = &pod.status.container_statuses;
        statuses
            .iter()
            .any(|it| it.name == name && it.state.running.is_some())
    };
    let mut names = pod.spec.containers.iter().map(|it| it.name.as_str());
    names.find(|name| runs(name))
}

/// Where the program's libraries stand. With a shared process namespace the first process is the
/// sandbox's, so `cat` itself has to do for what is in the image.
fn mapped(pod: &Pod) -> &'static str {
    if pod.spec.share_process_namespace {
        "/proc/self/maps"
    } else {
        "/proc/1/maps"
    }
}

/// A container to look into.
struct Container<'a> {
    api: &'a Api,
    namespace: &'a str,
    pod: &'a Pod,
    name: &'a str,
}

impl Container<'_> {
    fn exec<'b>(&'b self, command: &'b [&'b str]) -> Exec<'b> {
        Exec {
            namespace: self.namespace,
            pod: &self.pod.metadata.name,
            container: self.name,
            command,
            input: None,
        }
    }

    async fn file(&self, path: &str) -> Result<String, CallError> {
        let bytes = self.api.exec(self.exec(&["cat", path])).await?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn call(&self, path: &str) -> Call {
        Call {
            verb: "create",
            resource: "pods/exec",
            namespace: Some(self.namespace.to_owned()),
            path: self.exec(&["cat", path]).path(),
        }
    }
}

fn process(
    container: &Container<'_>,
    maps: &Result<String, CallError>,
    os: Result<String, CallError>,
    entry: &str,
    sink: &Sink,
) {
    let path = mapped(container.pod);
    let call = container.call(path);
    let (libraries, missing) = match maps {
        Ok(maps) => (libraries(maps), None),
        Err(error) if os.is_err() => return sink.gap(entry, &call, error),
        Err(error) => (None, Some(format!("{path}: {}", error.reason))),
    };
    // A file that is not there is what images from scratch have.
    let os = os.ok().map(|text| OsRelease::read(&text));
    let resolver = resolver_of(libraries.as_ref(), os.as_ref());
    let value = json!({
        "container": container.name,
        "libraries": libraries,
        "os": os.as_ref().map(|os| json!({"id": os.id, "version": os.version})),
        "resolver": resolver.as_ref().map(|found| found.implementation.name()),
        "version": resolver
            .as_ref()
            .filter(|found| found.version_known)
            .map(|found| found.implementation.version().to_string()),
    });
    let item = Item {
        source: Some(call.source()),
        status: if missing.is_some() {
            Status::Truncated
        } else {
            Status::Ok
        },
        reason: missing,
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(entry, &value, item)));
}

/// Programs that only start another one and wait for it: theirs is not the resolver that matters.
const STARTERS: [&str; 7] = [
    "tini",
    "tini-static",
    "dumb-init",
    "docker-init",
    "catatonit",
    "s6-svscan",
    "pause",
];

/// The C libraries among what is mapped; nothing else of it is kept. `None` where that does not
/// tell: nothing is mapped, as for a process of another user, or the process only starts another.
fn libraries(maps: &str) -> Option<BTreeSet<String>> {
    let mut paths = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5))
        .filter(|path| path.starts_with('/'))
        .peekable();
    let program = paths.peek()?.rsplit('/').next()?;
    if STARTERS.contains(&program) {
        return None;
    }
    Some(
        paths
            .filter(|path| digpod_resolv::is_c_library(path))
            .map(str::to_owned)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::libraries;

    #[test]
    fn only_c_libraries_are_kept_of_what_is_mapped() {
        let maps = "55d0c0-55d0d0 r--p 00000000 08:01 131 /srv/customer-a/server\n\
                    7f10-7f20 r-xp 00026000 08:01 133 /usr/lib/x86_64-linux-gnu/libc.so.6\n\
                    7f30-7f40 rw-p 00000000 00:00 0\n\
                    7ffd-7ffe r-xp 00000000 00:00 0 [vdso]\n";
        let found: Vec<String> = libraries(maps).unwrap().into_iter().collect();
        assert_eq!(found, ["/usr/lib/x86_64-linux-gnu/libc.so.6"]);
        assert!(libraries("").is_none());
        assert!(libraries("4000-5000 r-xp 00000000 00:1b 7 /usr/bin/tini\n").is_none());
    }
}
