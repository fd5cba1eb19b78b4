//! Starts a scenario and stops it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::cluster::{Cluster, Parts};
use crate::dns::Servers;
use crate::fault::{Fault, Faults};
use crate::fleet::{Fleet, Scale};
use crate::json::{default, set, text};
use crate::logs::Logs;
use crate::queries::{Queries, ReceivedQuery};
use crate::random::{Random, any_seed};
use crate::requests::{Request, Requests};
use crate::scenario::Scenario;
use crate::store::Store;
use crate::tls::{Peer, TlsListener, identity};
use crate::{api, dns, kubeconfig, resources, store, time};

/// How a scenario is played.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where the kubeconfig is written; a temporary folder if not said.
    pub kubeconfig: Option<PathBuf>,
    /// Port of the API; 0 is any free one.
    pub port: u16,
    /// Makes every draw repeatable: upstreams, endpoints, names.
    pub seed: Option<u64>,
    /// Objects that are made up beside the scenario's; `None`: as the scenario says.
    pub scale: Option<Scale>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Where requests are written, one JSON line each.
    pub request_log: Option<PathBuf>,
    /// Where the DNS queries that servers received are written, one JSON line each.
    pub query_log: Option<PathBuf>,
}

/// A running cluster; it ends when this is dropped.
pub struct Running {
    kubeconfig: PathBuf,
    api: SocketAddr,
    cluster: Arc<Cluster>,
    _folder: Option<TempDir>,
}

impl Running {
    /// The kubeconfig that leads here.
    pub fn kubeconfig(&self) -> &Path {
        &self.kubeconfig
    }

    /// Where the API listens.
    pub fn api(&self) -> SocketAddr {
        self.api
    }

    /// The bearer token of the kubeconfig's user.
    pub fn token(&self) -> &str {
        &self.cluster.token
    }

    /// Every DNS server's address in the scenario and on loopback.
    pub fn dns_servers(&self) -> &BTreeMap<IpAddr, SocketAddr> {
        self.cluster.servers.all()
    }

    /// All requests up to now.
    pub fn requests(&self) -> Vec<Request> {
        self.cluster.requests.all()
    }

    /// All DNS queries that servers received up to now.
    pub fn queries(&self) -> Vec<ReceivedQuery> {
        self.cluster.queries.all()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cluster.stop();
    }
}

/// Reads a scenario folder and starts everything in it on loopback.
pub async fn start(scenario: &Path, options: Options) -> Result<Running> {
    let Scenario {
        settings,
        objects,
        logs,
    } = Scenario::load(scenario)?;
    for (name, records) in &settings.zones {
        dns::check_zone(name, records)?;
    }
    if let Some(ahead) = Faults::clock(&options.faults) {
        time::set_ahead(ahead);
    }
    let clock = time::parse(&settings.clock).context("scenario.yaml: clock is no UTC time")?;
    let shift = time::now().duration_since(clock);
    let scale = options.scale.or(settings.scale);
    let fleet =
        scale.map(|scale| Fleet::new(scale, time::now() - SignedDuration::from_hours(24 * 24)));
    let seed = options.seed.unwrap_or_else(any_seed);
    let servers = Servers::bind(&settings, &objects).await?;
    let identity = identity(&settings.user)?;
    let tcp = TcpListener::bind(("127.0.0.1", options.port))
        .await
        .with_context(|| format!("cannot listen on 127.0.0.1:{}", options.port))?;
    let api = tcp.local_addr()?;
    // Not from the seed: whoever knows the seed must not know the token.
    let token = Random::new(any_seed(), "token").uuid();
    let (folder, path) = if let Some(path) = options.kubeconfig {
        (None, path)
    } else {
        let folder = tempfile::Builder::new()
            .prefix("digpod-simcluster-")
            .tempdir()?;
        let path = folder.path().join("kubeconfig");
        (Some(folder), path)
    };
    kubeconfig::write(&path, &settings, api, &identity, &token)?;
    let cluster = Arc::new(Cluster::new(Parts {
        store: filled(objects, shift, seed, fleet),
        logs: Logs::new(&logs, shift),
        servers,
        faults: Faults::new(options.faults),
        requests: Requests::new(options.request_log.as_deref())?,
        queries: Queries::new(options.query_log.as_deref())?,
        token,
        settings,
        seed,
    }));
    dns::start(&cluster, seed);
    let listener = TlsListener::new(tcp, identity.config)?;
    let router = api::router(Arc::clone(&cluster));
    cluster.spawn(async move {
        // axum's server ends only when it is dropped.
        let _ = axum::serve(
            listener,
            router.into_make_service_with_connect_info::<Peer>(),
        )
        .await;
    });
    Ok(Running {
        kubeconfig: path,
        api,
        cluster,
        _folder: folder,
    })
}

/// The scenario's objects, as if written by a cluster that lives now.
fn filled(objects: Vec<Value>, shift: SignedDuration, seed: u64, fleet: Option<Fleet>) -> Store {
    let store = Store::new(100_000, fleet);
    let uids = Random::new(seed, "uids");
    for mut object in objects {
        time::shift(&mut object, shift);
        default(&mut object, "metadata.uid", uids.uuid());
        let Some(resource) = resources::of(&object) else {
            continue;
        };
        if resource.namespaced {
            default(&mut object, "metadata.namespace", "default");
        } else if resource.kind == "Namespace" {
            let name = text(&object, "metadata.name").to_owned();
            let mut labels = object
                .pointer("/metadata/labels")
                .cloned()
                .unwrap_or_else(|| Value::Object(serde_json::Map::new()));
            labels["kubernetes.io/metadata.name"] = name.into();
            set(&mut object, "metadata.labels", labels);
            default(&mut object, "status.phase", "Active");
        }
        store.create(resource, object);
    }
    connect_events(&store);
    store
}

/// Gives events the uid of what they are about, which `kubectl describe` looks for.
fn connect_events(store: &Store) {
    let events = resources::named("", "events");
    for event in store.list(events, None).0 {
        let kind = text(&event, "involvedObject.kind");
        let Some(about) = resources::RESOURCES
            .iter()
            .find(|resource| resource.kind == kind)
        else {
            continue;
        };
        let (namespace, name) = store::key(&event);
        let place = if about.namespaced {
            namespace.as_str()
        } else {
            ""
        };
        let Some(object) = store.get(about, place, text(&event, "involvedObject.name")) else {
            continue;
        };
        store.update(events, &namespace, &name, |event| {
            default(event, "involvedObject.uid", text(&object, "metadata.uid"));
            true
        });
    }
}
