//! One CoreDNS pod: reads its Corefile from the ConfigMaps, answers, forwards, caches.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, Weak};
use std::time::{Duration, Instant};

use digpod_corefile::{Corefile, Forward, Policy, Source, parse};
use hickory_proto::op::{Message, Query, ResponseCode};
use serde_json::Value;

use super::cache::{Cache, copy};
use super::exchange::{READ_TIMEOUT, ask};
use super::health::Health;
use super::{kubernetes, pipeline};
use crate::cluster::Cluster;
use crate::json::{list, lock, text};
use crate::kubelet::resolv_conf;
use crate::logs::LogKey;
use crate::random::Random;
use crate::route::{Vantage, route};

/// How long `forward` goes on trying.
const FORWARD_TIME: Duration = Duration::from_secs(5);

/// The Corefile and the versions of the ConfigMaps it was read from.
type Loaded = (Vec<String>, Arc<Corefile>);

/// A CoreDNS pod.
pub(super) struct CoreDns {
    // The cluster owns the task that owns this.
    cluster: Weak<Cluster>,
    address: IpAddr,
    vantage: Vantage,
    log: LogKey,
    random: Random,
    robin: Mutex<usize>,
    cache: Cache,
    health: Health,
    loaded: Mutex<Option<Loaded>>,
    resolv_conf: String,
}

impl CoreDns {
    /// The pod with this address.
    pub(super) fn new(cluster: &Arc<Cluster>, address: IpAddr, seed: u64) -> Self {
        let pods = cluster.store.all("", "pods");
        let pod = pods
            .iter()
            .find(|pod| text(pod, "status.podIP") == address.to_string());
        let pod = pod.map_or(Value::Null, |pod| Value::clone(pod));
        let container = list(&pod, "spec.containers")
            .first()
            .map_or("", |c| text(c, "name"));
        let name = text(&pod, "metadata.name");
        Self {
            cluster: Arc::downgrade(cluster),
            address,
            vantage: Vantage::of(&pod),
            log: LogKey::new(text(&pod, "metadata.namespace"), name, container, false),
            random: Random::new(seed, name),
            robin: Mutex::default(),
            cache: Cache::default(),
            health: Health::default(),
            loaded: Mutex::default(),
            resolv_conf: resolv_conf(&cluster.settings, &pod),
        }
    }

    /// Answers a query.
    pub(super) async fn answer(
        &self,
        query: &Message,
        tcp: bool,
        question: &Query,
        reply: &mut Message,
    ) {
        let Some(cluster) = self.cluster.upgrade() else {
            return;
        };
        let corefile = self.corefile(&cluster);
        let name = question.name.to_ascii();
        let Some(block) = corefile.block_for(&name) else {
            reply.metadata.response_code = ResponseCode::Refused;
            return;
        };
        if block.directive("cache").is_some() && self.cache.find(query, question, reply) {
            return;
        }
        let answered = pipeline::template(block, question, reply)
            || pipeline::hosts(block, question, reply)
            || kubernetes::answer(&cluster, block, question, reply);
        if !answered {
            let forward = block
                .forwards()
                .into_iter()
                .find(|forward| forward.takes(&name));
            match forward {
                Some(forward) => self.forward(&cluster, &forward, query, tcp, reply).await,
                None => reply.metadata.response_code = ResponseCode::ServFail,
            }
        }
        self.cache.keep(block, query, question, reply);
        // CoreDNS says so for whatever it answers as a resolver.
        reply.metadata.recursion_available |= !answered;
    }

    /// The Corefile as the ConfigMaps have it now; a change empties the cache, as a reload does.
    fn corefile(&self, cluster: &Cluster) -> Arc<Corefile> {
        let mut loaded = lock(&self.loaded);
        if let Some((of, corefile)) = &*loaded
            && *of == versions(&config_maps(cluster))
        {
            return Arc::clone(corefile);
        }
        let (versions, corefile) = corefile(cluster);
        self.cache.clear();
        *loaded = Some((versions, Arc::clone(&corefile)));
        corefile
    }

    /// Asks the upstreams in the order of the policy until one answers; any answer is final.
    async fn forward(
        &self,
        cluster: &Arc<Cluster>,
        forward: &Forward<'_>,
        query: &Message,
        tcp: bool,
        reply: &mut Message,
    ) {
        let upstreams = self.upstreams(forward);
        let order = self.order(forward.policy, &upstreams);
        let started = Instant::now();
        let mut last = None;
        let mut next = order.iter().cycle();
        let mut skipped = 0;
        while started.elapsed() < FORWARD_TIME
            && let Some(&upstream) = next.next()
        {
            if self.health.down(upstream) && skipped < order.len() {
                skipped += 1;
                continue;
            }
            let way = route(cluster, &self.vantage, upstream);
            match ask(way, query, tcp, READ_TIMEOUT).await {
                Ok(answer) => {
                    copy(&answer, reply);
                    let rcode = mnemonic(answer.metadata.response_code);
                    cluster
                        .asked
                        .note(&self.address.to_string(), upstream, rcode);
                    return;
                }
                Err(failure) => {
                    last = Some((upstream, failure));
                    self.health.check(cluster, &self.vantage, upstream);
                    // A refusal comes at once; without a pause this would spin.
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
        reply.metadata.response_code = ResponseCode::ServFail;
        self.log_failure(cluster, query, tcp, last);
    }

    /// The line of the `errors` plugin.
    fn log_failure(
        &self,
        cluster: &Cluster,
        query: &Message,
        tcp: bool,
        last: Option<(SocketAddr, &str)>,
    ) {
        let Some(question) = query.queries.first() else {
            return;
        };
        let (name, kind) = (question.name.to_ascii(), question.query_type);
        let errors = self
            .corefile(cluster)
            .block_for(&name)
            .is_some_and(|b| b.directive("errors").is_some());
        if !errors {
            return;
        }
        let what = last.map_or("no healthy proxies".to_owned(), |(upstream, failure)| {
            let net = if tcp { "tcp" } else { "udp" };
            let port = 32_768 + self.random.below(28_000);
            format!("read {net} {}:{port}->{upstream}: {failure}", self.address)
        });
        cluster.logs.append(
            &self.log,
            &format!("[ERROR] plugin/errors: 2 {name} {kind}: {what}"),
        );
    }

    /// The upstreams of a `forward`, files replaced by the servers they list.
    fn upstreams(&self, forward: &Forward<'_>) -> Vec<SocketAddr> {
        let address = |text: &str| -> Option<SocketAddr> {
            let text = text.strip_prefix("dns://").unwrap_or(text);
            text.parse()
                .ok()
                .or_else(|| Some(SocketAddr::new(text.parse().ok()?, 53)))
        };
        let mut upstreams = Vec::new();
        for word in &forward.to {
            if word.text.starts_with('/') {
                let servers = digpod_probe::nameservers(&self.resolv_conf);
                upstreams.extend(
                    servers
                        .into_iter()
                        .filter_map(|ip| Some(SocketAddr::new(ip.parse().ok()?, 53))),
                );
            } else {
                upstreams.extend(address(&word.text));
            }
        }
        upstreams
    }

    fn order(&self, policy: Policy, upstreams: &[SocketAddr]) -> Vec<SocketAddr> {
        let mut order = upstreams.to_vec();
        match policy {
            Policy::Random => self.random.shuffle(&mut order),
            Policy::RoundRobin if !order.is_empty() => {
                let mut robin = lock(&self.robin);
                *robin = (*robin + 1) % order.len();
                let first = order.remove(*robin);
                order.insert(0, first);
            }
            Policy::RoundRobin | Policy::Sequential | Policy::Unknown => {}
        }
        order
    }
}

/// The main ConfigMap and the custom one.
fn config_maps(cluster: &Cluster) -> [Option<Arc<Value>>; 2] {
    let settings = &cluster.settings.coredns;
    let configs = crate::resources::named("", "configmaps");
    let names = [
        Some(&settings.config_map),
        settings.custom_config_map.as_ref(),
    ];
    names.map(|name| cluster.store.get(configs, &settings.namespace, name?))
}

fn versions(maps: &[Option<Arc<Value>>; 2]) -> Vec<String> {
    let version = |map: &Option<Arc<Value>>| {
        map.as_ref().map_or(String::new(), |map| {
            text(map, "metadata.resourceVersion").to_owned()
        })
    };
    maps.iter().map(version).collect()
}

/// The Corefile as the ConfigMaps have it now, or what the scenario says instead of one.
pub(super) fn corefile(cluster: &Cluster) -> Loaded {
    let maps = config_maps(cluster);
    let data = |map: &Option<Arc<Value>>| {
        let data = map
            .as_ref()
            .and_then(|map| map.get("data")?.as_object().cloned());
        data.unwrap_or_default()
    };
    let [main, custom] = [data(&maps[0]), data(&maps[1])];
    let main = match &maps[0] {
        Some(_) => main.get("Corefile").and_then(Value::as_str),
        None => Some(cluster.settings.coredns.corefile.as_str()),
    };
    let custom = custom
        .iter()
        .filter_map(|(key, text)| Some(Source::new(format!("custom/{key}"), text.as_str()?)));
    let main = Source::new("Corefile", main.unwrap_or_default());
    let corefile = Arc::new(parse(main, custom.collect()));
    (versions(&maps), corefile)
}

/// An rcode as CoreDNS writes it.
fn mnemonic(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        other => other.to_string(),
    }
}
