//! Tables of `kubectl top`.

use std::collections::BTreeMap;

use digpod_bundle::k8s::{
    ContainerMetrics, NodeMetrics, NodeMetricsList, ObjectMeta, PodMetrics, PodMetricsList,
};
use digpod_bundle::layout;

use crate::found::{Found, Name, Output, json, value};
use crate::kinds::is_dns_name;
use crate::section::{Section, option};

/// The header that `kubectl top pods` or `kubectl top nodes` prints, then rows below it.
pub(crate) fn recognise(section: &Section<'_>) -> Option<Found> {
    let mut lines = (1..).zip(section.text.lines());
    let (_, header) = lines.by_ref().find(|(_, line)| !line.trim().is_empty())?;
    let columns: Vec<&str> = header.split_ascii_whitespace().collect();
    let column = |name: &str| columns.iter().position(|column| *column == name);
    let table = Table {
        cpu: column("CPU(cores)")?,
        memory: column("MEMORY(bytes)")?,
        name: column("NAME"),
        pod: column("POD"),
        namespace: column("NAMESPACE"),
        rows: lines
            .map(|(number, line)| (number, line.split_ascii_whitespace().collect::<Vec<_>>()))
            .filter(|(_, cells)| cells.len() == columns.len())
            .collect(),
    };
    let why = format!("header `{}`", columns.join(" "));
    let nodes = columns
        .iter()
        .any(|column| matches!(*column, "CPU%" | "CPU(%)"));
    if nodes {
        return Some(table.nodes(why));
    }
    let namespace = section
        .command
        .and_then(|command| option(command, Some("-n"), "--namespace"));
    Some(table.pods(why, namespace))
}

struct Table<'a> {
    cpu: usize,
    memory: usize,
    name: Option<usize>,
    pod: Option<usize>,
    namespace: Option<usize>,
    rows: Vec<(usize, Vec<&'a str>)>,
}

impl Table<'_> {
    fn nodes(&self, why: String) -> Found {
        let mut list = NodeMetricsList::default();
        let mut values = vec![value("", 1, 0)];
        for (line, cells) in &self.rows {
            values.push(value(format!("/items/{}", list.items.len()), *line, 0));
            list.items.push(NodeMetrics {
                metadata: ObjectMeta {
                    name: cell(cells, self.name).to_owned(),
                    ..ObjectMeta::default()
                },
                usage: self.usage(cells),
                ..NodeMetrics::default()
            });
        }
        let mut found = Found::new("`kubectl top nodes` table", why);
        found.outputs.push(Output {
            entry: Name::Only(layout::NODE_METRICS.to_owned()),
            bytes: json(&list),
            values,
        });
        found
    }

    fn pods(&self, why: String, namespace: Option<&str>) -> Found {
        let mut found = Found::new("`kubectl top pods` table", why);
        let pod_column = self.pod.or(self.name);
        let mut list = PodMetricsList::default();
        let mut values = vec![value("", 1, 0)];
        for (line, cells) in &self.rows {
            let name = cell(cells, pod_column);
            if !is_dns_name(name) {
                continue;
            }
            let container = ContainerMetrics {
                // Without `--containers` a row is the sum over the pod.
                name: self.pod.map_or("", |_| cell(cells, self.name)).to_owned(),
                usage: self.usage(cells),
            };
            let index_above = list.items.len().checked_sub(1);
            if let Some((index, pod)) = index_above
                .zip(list.items.last_mut())
                .filter(|(_, pod)| pod.metadata.name == name)
            {
                let pointer = format!("/items/{index}/containers/{}", pod.containers.len());
                values.push(value(pointer, *line, 0));
                pod.containers.push(container);
                continue;
            }
            values.push(value(format!("/items/{}", list.items.len()), *line, 0));
            let row_namespace = self.namespace.map(|at| cell(cells, Some(at))).or(namespace);
            list.items.push(PodMetrics {
                metadata: ObjectMeta {
                    name: name.to_owned(),
                    namespace: row_namespace.map(str::to_owned),
                    ..ObjectMeta::default()
                },
                containers: vec![container],
                ..PodMetrics::default()
            });
        }
        if list.items.is_empty() {
            found.why.push_str("; no row of a DNS pod");
        } else {
            found.outputs.push(Output {
                entry: Name::Only(layout::DNS_POD_METRICS.to_owned()),
                bytes: json(&list),
                values,
            });
        }
        found
    }

    /// What the API would say; a cell without a number (`<unknown>`) is left out.
    fn usage(&self, cells: &[&str]) -> BTreeMap<String, String> {
        [("cpu", self.cpu), ("memory", self.memory)]
            .into_iter()
            .map(|(key, at)| (key, cell(cells, Some(at))))
            .filter(|(_, text)| text.starts_with(|c: char| c.is_ascii_digit()))
            .map(|(key, text)| (key.to_owned(), text.to_owned()))
            .collect()
    }
}

fn cell<'a>(cells: &[&'a str], at: Option<usize>) -> &'a str {
    at.and_then(|at| cells.get(at)).copied().unwrap_or("")
}
