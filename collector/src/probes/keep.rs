//! What probes brought back, as entries of the bundle.

use std::borrow::Cow;
use std::fmt::Write as _;

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Item, Status, layout};
use digpod_probe::{FetchedPage, ProbeOutput, ReadFile, ReadStatus};

use super::mounts::{
    ETC_RESOLV_CONF, LEASES, LOCAL_DNS, NETWORK_MANAGER, SANDBOXES, SYSTEMD_RESOLVED,
};
use super::places::Vantage;
use super::until;
use super::why::Why;
use crate::gather::redact_pod;
use crate::sink::Sink;
use crate::time;

/// The probe's pod as the API server stored it.
pub(super) fn pod(sink: &Sink, vantage: &Vantage, name: &str, mut pod: Pod) {
    redact_pod(&mut pod, false);
    let namespace = &vantage.place.namespace;
    let source = format!("GET /api/v1/namespaces/{namespace}/pods/{name}");
    sink.json(&layout::probe_pod(&vantage.id), &source, &pod);
}

/// Everything that one probe brought back.
pub(super) fn output(sink: &Sink, vantage: &Vantage, output: &ProbeOutput) {
    let id = vantage.id.as_str();
    let mut source = format!("pod in namespace {}", vantage.place.namespace);
    if let Some(sent) = &vantage.sent {
        source = format!("{source}, {sent}");
    }
    sink.json(&layout::probe_plan(id), &source, &vantage.plan);
    output.pages.iter().for_each(|it| page(sink, it, id));
    let output = &after_watch(sink, id, output);
    if let Some(node) = vantage.node_of_files() {
        files(sink, node, vantage, &output.files);
        return;
    }
    if let Some(node) = id.strip_prefix("node-") {
        conntrack(sink, node, &output.files);
    }
    sink.text(&layout::probe_resolv_conf(id), &source, &output.resolv_conf);
    let truncated = !output.complete || !output.missing().is_empty();
    let reason = if truncated {
        Some("the probe's log ended early: records may be missing".to_owned())
    } else {
        let notes: Vec<&str> = vantage
            .note
            .iter()
            .chain(&vantage.sent)
            .map(String::as_str)
            .collect();
        (!notes.is_empty()).then(|| notes.join("; "))
    };
    let status = if truncated {
        Status::Truncated
    } else {
        Status::Ok
    };
    let item = Item {
        status,
        reason,
        source: Some(source),
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(&layout::probe_records(id), &**output, item)));
}

/// The answers of a probe that asked until something failed, dated when it had failed.
fn after_watch<'a>(sink: &Sink, id: &str, output: &'a ProbeOutput) -> Cow<'a, ProbeOutput> {
    let Some(watched) = &output.watched else {
        return Cow::Borrowed(output);
    };
    until::keep(sink, id, watched);
    let seconds = i64::try_from(watched.lasted_ms / 1_000).unwrap_or(i64::MAX);
    Cow::Owned(ProbeOutput {
        started: time::shifted(&output.started, seconds),
        ..output.clone()
    })
}

/// That a probe brought nothing back.
pub(super) fn gap(sink: &Sink, vantage: &Vantage, why: &Why) {
    let entry = match vantage.node_of_files() {
        Some(node) => layout::node_resolv_conf(node),
        None => layout::probe_records(&vantage.id),
    };
    sink.missing(why.clone().item(entry));
}

/// Metrics of a DNS pod; where there are none, they are asked for in another way later.
fn page(sink: &Sink, page: &FetchedPage, vantage: &str) {
    if page.status == 200 {
        let source = format!("GET http://{}/metrics by the probe {vantage}", page.id);
        sink.text(
            &format!("dns/metrics/{}.prom", page.id),
            &source,
            &page.text,
        );
    }
}

/// Counters of the node's connection tracking: a full table drops DNS over UDP first.
fn conntrack(sink: &Sink, node: &str, files: &[ReadFile]) {
    let entry = layout::node_file(node, "conntrack.txt");
    let mut text = String::new();
    for file in files {
        if file.text.is_empty() {
            continue;
        }
        // A text takes everything.
        let _ = writeln!(text, "# {}\n{}", file.path, file.text.trim_end());
    }
    if text.is_empty() {
        let why = "the kernel of the node shows no counters of connection tracking";
        sink.missing_because(&entry, Status::NotApplicable, why);
    } else {
        sink.text(&entry, &format!("/proc as probe node-{node} saw it"), &text);
    }
}

/// The node's own files.
fn files(sink: &Sink, node: &str, vantage: &Vantage, files: &[ReadFile]) {
    let mut leases = String::new();
    for file in files {
        let kind = file.id.split('/').next().unwrap_or_default();
        match kind {
            LEASES => leases += &file.text,
            _ => add(sink, &entry(node, &file.id), file),
        }
    }
    kubelets_own(sink, node, files);
    let dhcp = layout::node_file(node, "dhcp-dns.txt");
    if leases.is_empty() {
        let why = "no DHCP lease was found where systemd-networkd and dhclient keep them";
        sink.missing_because(&dhcp, Status::NotApplicable, why);
    } else {
        sink.text(&dhcp, &format!("DHCP leases of node {node}"), &leases);
    }
    for mount in &vantage.lacking {
        for id in mount.files.iter().map(|file| file.id.as_str()) {
            if id != LEASES {
                let why = format!("node {node} has no {}", mount.path);
                sink.missing_because(&entry(node, id), Status::NotApplicable, why);
            }
        }
    }
}

/// Of the two files that a node with systemd-resolved has, the kubelet hands on the one that does
/// not lead back to the node itself.
fn kubelets_own(sink: &Sink, node: &str, files: &[ReadFile]) {
    let of = |id: &str| {
        let read = |it: &&ReadFile| it.id == id && it.status == ReadStatus::Ok;
        files.iter().find(read)
    };
    let is_stub = |file: &&ReadFile| {
        let servers = digpod_probe::nameservers(&file.text);
        !servers.is_empty() && servers.iter().all(|it| it.starts_with("127."))
    };
    let (etc, resolved) = (of(ETC_RESOLV_CONF), of(SYSTEMD_RESOLVED));
    let own = match (etc, resolved) {
        (Some(etc), Some(resolved)) if is_stub(&etc) => Some(resolved),
        (etc, resolved) => etc.or(resolved),
    };
    let entry = layout::node_resolv_conf(node);
    match own {
        Some(file) => add(sink, &entry, file),
        None => sink.missing_because(
            &entry,
            Status::NotFound,
            format!("no resolv.conf of node {node} could be read"),
        ),
    }
}

fn entry(node: &str, id: &str) -> String {
    match id.split_once('/') {
        Some((SANDBOXES, pod)) => layout::sandbox_resolv_conf(node, pod),
        Some((LOCAL_DNS, name)) => layout::node_file(node, name),
        _ if id == SANDBOXES => layout::node_file(node, "sandboxes"),
        _ => layout::node_file(node, id),
    }
}

fn add(sink: &Sink, entry: &str, file: &ReadFile) {
    let path = file.path.strip_prefix("/host").unwrap_or(&file.path);
    let written = match &file.modified {
        Some(time) => format!("{path}, written {time}"),
        None => path.to_owned(),
    };
    let (status, reason) = match file.status {
        ReadStatus::Ok if file.text.is_empty() => (Status::Empty, None),
        ReadStatus::Ok => (Status::Ok, None),
        ReadStatus::Truncated => (Status::Truncated, Some("only its beginning was read")),
        ReadStatus::NotFound if file.id == NETWORK_MANAGER => (Status::NotApplicable, None),
        ReadStatus::NotFound => (Status::NotFound, None),
        ReadStatus::Forbidden => (
            Status::Failed,
            Some("the probe may not read it: its mode, or SELinux on the node"),
        ),
        ReadStatus::Failed => (Status::Failed, None),
    };
    let reason = reason.map(str::to_owned).or_else(|| file.error.clone());
    let item = Item {
        entry: entry.to_owned(),
        status,
        reason,
        source: Some(written),
        ..Item::default()
    };
    if status.has_content() || status == Status::Truncated {
        sink.with(|bundle| drop(bundle.add_with(entry, file.text.as_str(), item)));
    } else {
        sink.missing(item);
    }
}
