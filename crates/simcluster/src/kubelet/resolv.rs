//! The resolv.conf that the kubelet writes for a pod.

use serde_json::Value;

use crate::json::{at, list, text, truth};
use crate::scenario::Settings;

/// Most nameservers and search domains that the kubelet hands on.
const NAMESERVERS: usize = 3;
const SEARCHES: usize = 32;

#[derive(Default)]
struct Conf {
    nameservers: Vec<String>,
    searches: Vec<String>,
    options: Vec<String>,
}

/// A pod's resolv.conf, by its dnsPolicy and dnsConfig and the file of its node.
pub(crate) fn resolv_conf(settings: &Settings, pod: &Value) -> String {
    let node = text(pod, "spec.nodeName");
    let file = settings
        .nodes
        .get(node)
        .or_else(|| settings.nodes.get("default"));
    let host = Conf::read(file.map_or("", |node| node.resolv_conf.as_str()));
    let cluster = |host: Conf| {
        let (namespace, domain) = (text(pod, "metadata.namespace"), &settings.cluster_domain);
        let mut searches = vec![
            format!("{namespace}.svc.{domain}"),
            format!("svc.{domain}"),
            domain.clone(),
        ];
        searches.extend(host.searches);
        Conf {
            nameservers: vec![settings.cluster_dns.to_string()],
            searches,
            options: vec!["ndots:5".to_owned()],
        }
    };
    let mut conf = match (text(pod, "spec.dnsPolicy"), truth(pod, "spec.hostNetwork")) {
        ("None", _) => Conf::default(),
        ("Default", _) | ("ClusterFirst" | "", true) => host,
        _ => cluster(host),
    };
    conf.add(at(pod, "spec.dnsConfig").unwrap_or(&Value::Null));
    conf.write()
}

impl Conf {
    fn read(file: &str) -> Self {
        let mut conf = Self::default();
        for line in file.lines() {
            let mut words = line.split_whitespace().map(str::to_owned);
            match words.next().as_deref() {
                Some("nameserver") => conf.nameservers.extend(words.next()),
                Some("search") => conf.searches = words.collect(),
                Some("options") => conf.options = words.collect(),
                _ => {}
            }
        }
        conf
    }

    /// Lays a dnsConfig over it.
    fn add(&mut self, config: &Value) {
        let texts = |key| {
            list(config, key)
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
        };
        self.nameservers.extend(texts("nameservers"));
        self.searches.extend(texts("searches"));
        for option in list(config, "options") {
            let name = text(option, "name");
            self.options
                .retain(|old| old.split(':').next() != Some(name));
            self.options.push(match text(option, "value") {
                "" => name.to_owned(),
                value => format!("{name}:{value}"),
            });
        }
    }

    /// As containerd writes it.
    fn write(mut self) -> String {
        self.nameservers.truncate(NAMESERVERS);
        self.searches.truncate(SEARCHES);
        let line = |key: &str, words: &[String]| match words {
            [] => String::new(),
            words => format!("{key} {}\n", words.join(" ")),
        };
        let nameservers = self
            .nameservers
            .iter()
            .map(|ip| format!("nameserver {ip}\n"));
        let nameservers: String = nameservers.collect();
        line("search", &self.searches) + &nameservers + &line("options", &self.options)
    }
}
