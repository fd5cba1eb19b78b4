//! ConfigMaps that DNS is set up with: those that CoreDNS mounts, whatever their names, and those
//! that distributions keep beside them.

use digpod_bundle::k8s::{ConfigMap, Pod, Volume};
use digpod_bundle::{Status, layout};

use super::dns::is_dns_container;
use super::source::get;
use super::trail::Trail;
use super::{corefile_secrets, kube_dns, redact};
use crate::api::{Api, CallError};
use crate::sink::{Call, Sink};

/// Names under which distributions keep the Corefile (rule catalogue 0.1), for when no pod shows it.
const COREFILES: &[&str] = &["coredns", "rke2-coredns-rke2-coredns", "dns-default"];
/// ConfigMaps that bear on DNS besides (appendix G): kube-dns's stub domains, autoscalers.
const BESIDE: &[&str] = &[
    KUBE_DNS,
    "node-local-dns",
    "coredns-autoscaler",
    "kube-dns-autoscaler",
    "dns-autoscaler",
];
const KUBE_DNS: &str = "kube-dns";
const COREFILE: &str = "Corefile";

/// The names under which a bundle has them.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ["coredns", "coredns-custom"]
        .into_iter()
        .chain(BESIDE.iter().copied())
}

/// The Corefile, and what it may import by key.
#[derive(Clone, Debug, Default)]
pub(super) struct Config {
    pub(super) corefile: Option<String>,
    pub(super) custom: Vec<(String, String)>,
}

/// Where CoreDNS's container finds its Corefile.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mounted {
    /// ConfigMap and key of the Corefile.
    main: (String, String),
    /// ConfigMap mounted below it.
    custom: Option<String>,
}

/// Reads them all.
pub(super) async fn maps(
    api: &Api,
    sink: &Sink,
    trail: &Trail,
    namespace: &str,
    pods: &[Pod],
) -> Config {
    let mounted = pods.iter().find_map(mounted);
    let custom = mounted.as_ref().and_then(|it| it.custom.clone());
    let custom = custom.unwrap_or_else(|| "coredns-custom".to_owned());
    let (main, custom, others) = futures::join!(
        main_map(api, namespace, mounted.as_ref()),
        read(api, namespace, &custom),
        futures::future::join_all(BESIDE.iter().map(|name| beside(api, sink, namespace, name))),
    );
    let mut config = keep(sink, trail, mounted, main, custom);
    if config.corefile.is_none() && trail.chosen("server").is_some() {
        let mut others = others.iter().flatten();
        let map = others.find(|map| map.metadata.name == KUBE_DNS);
        config.corefile = Some(kube_dns::as_corefile(map));
    }
    config
}

/// Takes secrets out of both together, since one imports the other, and writes them.
fn keep(
    sink: &Sink,
    trail: &Trail,
    mounted: Option<Mounted>,
    main: (Call, Result<ConfigMap, CallError>),
    custom: (Call, Result<ConfigMap, CallError>),
) -> Config {
    let ((main_call, main), (custom_call, custom)) = (main, custom);
    let mut config = Config::default();
    let entry = layout::config_map("coredns");
    match main {
        Ok(mut map) => {
            let name = map.metadata.name.clone();
            let because = match mounted {
                Some(Mounted { main: (_, key), .. }) => {
                    if let Some(text) = map.data.remove(&key) {
                        map.data.insert(COREFILE.to_owned(), text);
                    }
                    format!("key {key}, mounted by the DNS pods")
                }
                None => "the first of the usual names; no DNS pod shows its mounts".to_owned(),
            };
            trail.choose("corefile", name, because);
            redact::config_map(sink, &entry, &mut map);
            config.corefile = map.data.get(COREFILE).cloned();
            sink.json(&entry, &format!("GET {}", main_call.path), &map);
        }
        // kube-dns (dnsmasq) and managed DNS have no Corefile.
        Err(error) if error.status == Status::NotFound && trail.chosen("server").is_some() => {
            sink.missing_because(
                &entry,
                Status::NotApplicable,
                "this cluster's DNS is not CoreDNS and has no Corefile",
            );
        }
        Err(error) => sink.gap(&entry, &main_call, &error),
    }
    let entry = layout::config_map("coredns-custom");
    match custom {
        Ok(mut map) => {
            redact::config_map(sink, &entry, &mut map);
            sink.json(&entry, &format!("GET {}", custom_call.path), &map);
            config.custom = map.data.into_iter().collect();
        }
        // Most clusters have none, and that is fine.
        Err(error) if error.status == Status::NotFound => sink.missing_because(
            &entry,
            Status::NotApplicable,
            "this cluster has no ConfigMap coredns-custom",
        ),
        Err(error) => sink.gap(&entry, &custom_call, &error),
    }
    config
}

async fn main_map(
    api: &Api,
    namespace: &str,
    mounted: Option<&Mounted>,
) -> (Call, Result<ConfigMap, CallError>) {
    if let Some(mounted) = mounted {
        return read(api, namespace, &mounted.main.0).await;
    }
    let mut first = None;
    for name in COREFILES {
        let (call, result) = read(api, namespace, name).await;
        let absent = matches!(&result, Err(error) if error.status == Status::NotFound);
        if !absent {
            return (call, result);
        }
        first = first.or(Some((call, result)));
    }
    match first {
        Some(first) => first,
        None => read(api, namespace, "coredns").await,
    }
}

async fn beside(api: &Api, sink: &Sink, namespace: &str, name: &str) -> Option<ConfigMap> {
    let entry = layout::config_map(name);
    let (call, map) = read(api, namespace, name).await;
    match map {
        Ok(mut map) => {
            redact::config_map(sink, &entry, &mut map);
            sink.json(&entry, &format!("GET {}", call.path), &map);
            return Some(map);
        }
        Err(error) if error.status == Status::NotFound => sink.missing_because(
            &entry,
            Status::NotApplicable,
            format!("this cluster has no ConfigMap {name}"),
        ),
        Err(error) => sink.gap(&entry, &call, &error),
    }
    None
}

async fn read(api: &Api, namespace: &str, name: &str) -> (Call, Result<ConfigMap, CallError>) {
    let path = format!("/api/v1/namespaces/{namespace}/configmaps/{name}");
    let call = get("configmaps", Some(namespace), path);
    let map = api.get::<ConfigMap>(&call.path).await;
    (call, map)
}

/// Follows `-conf` through the mounts of the DNS container to a ConfigMap and its key.
fn mounted(pod: &Pod) -> Option<Mounted> {
    let containers = pod.spec.containers.iter();
    containers
        .filter(|it| is_dns_container(it))
        .find_map(|container| {
            let mut args = container.args.iter();
            let conf = args
                .find_map(|arg| match arg.as_str() {
                    "-conf" | "--conf" => Some(None),
                    _ => arg
                        .strip_prefix("-conf=")
                        .or_else(|| arg.strip_prefix("--conf="))
                        .map(|path| Some(path.to_owned())),
                })
                .map(|path| path.or_else(|| args.next().cloned()));
            let conf = conf
                .flatten()
                .unwrap_or_else(|| "/etc/coredns/Corefile".to_owned());
            let (folder, file) = conf.rsplit_once('/')?;
            let volume = |path: &dyn Fn(&str) -> bool| -> Option<&Volume> {
                let mount = container
                    .volume_mounts
                    .iter()
                    .find(|it| path(it.mount_path.trim_end_matches('/')))?;
                pod.spec.volumes.iter().find(|it| it.name == mount.name)
            };
            let main = volume(&|path| path == folder || path == conf)?;
            let main = main.config_map.as_ref()?;
            let key = main.items.iter().find(|item| item.path == file);
            let key = key.map_or(file, |item| item.key.as_str());
            let below = format!("{folder}/");
            let custom = volume(&|path| path != conf && path.starts_with(&below));
            Some(Mounted {
                main: (main.name.clone(), key.to_owned()),
                custom: custom.and_then(|it| Some(it.config_map.as_ref()?.name.clone())),
            })
        })
}

/// The port and path of the `prometheus` plugin, for pods that serve metrics to others.
/// Without an address it listens on localhost:9153 (<https://coredns.io/plugins/metrics/>).
pub(super) fn metrics_port(config: &Config) -> Result<u16, &'static str> {
    let Some(corefile) = &config.corefile else {
        return Err("no Corefile says where the metrics are");
    };
    let parsed = corefile_secrets::parsed(corefile, &config.custom);
    let directive = parsed
        .blocks
        .iter()
        .find_map(|block| block.directive("prometheus"));
    let Some(directive) = directive else {
        return Err("the Corefile has no plugin `prometheus`");
    };
    let address = directive
        .args
        .first()
        .map_or("localhost:9153", |it| &it.text);
    let Some((host, port)) = address.rsplit_once(':') else {
        return Err("the address of plugin `prometheus` has no port");
    };
    let local = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    if local {
        return Err("plugin `prometheus` listens on the loopback address only");
    }
    port.parse()
        .map_err(|_| "the port of plugin `prometheus` is no number")
}

#[cfg(test)]
mod tests {
    use digpod_bundle::k8s::Pod;
    use serde_json::json;

    use super::mounted;

    #[test]
    fn the_corefile_is_found_by_its_mount_whatever_it_is_called() {
        let pod: Pod = serde_json::from_value(json!({"spec": {
            "containers": [{
                "name": "server", "image": "registry/coredns:1.12.1", "args": ["-conf", "/srv/dns/main.conf"],
                "volumeMounts": [{"name": "a", "mountPath": "/srv/dns"}, {"name": "b", "mountPath": "/srv/dns/more"}],
            }],
            "volumes": [
                {"name": "a", "configMap": {"name": "resolver", "items": [{"key": "config", "path": "main.conf"}]}},
                {"name": "b", "configMap": {"name": "resolver-zones"}},
            ],
        }}))
        .unwrap_or_default();
        let found = mounted(&pod);
        let found = found.map(|it| (it.main, it.custom));
        let main = ("resolver".to_owned(), "config".to_owned());
        assert_eq!(found, Some((main, Some("resolver-zones".to_owned()))));
    }
}
