//! From kubectl's flags to a client. The kubeconfig is only read.

mod credentials;
mod files;
mod pem;
mod plugin;
mod proxy;
mod refresh;
mod selected;
mod server;

use std::time::Duration;

use kube::client::ClientBuilder;
use kube::{Client, Config};
use tower::buffer::BufferLayer;
use tower::filter::AsyncFilterLayer;

use crate::api::Api;
use crate::cli::Connection;
use crate::error::Failure;

use refresh::Refresh;
use selected::Selected;

pub(crate) use files::read as read_kubeconfig;

/// A cluster to talk to.
pub(crate) struct Cluster {
    pub(crate) api: Api,
    /// Name of the context, or of the server where there is none.
    pub(crate) context: String,
    /// Namespace of the context.
    pub(crate) default_namespace: String,
    /// Address of the API server.
    pub(crate) server: String,
    /// The kubeconfig's name for the user, if it has one.
    pub(crate) user: Option<String>,
}

/// Default time limit of one call.
const CALL_SECONDS: u64 = 15;
/// Longest that making a connection may take.
const CONNECT_SECONDS: u64 = 10;
/// Requests that may wait for a credential at once.
const WAITING: usize = 64;

/// Makes a client; nothing is sent yet, but a credential plugin may run.
pub(crate) async fn connect(flags: &Connection) -> Result<Cluster, Failure> {
    let limit = if flags.request_timeout.is_zero() {
        Duration::from_secs(CALL_SECONDS)
    } else {
        flags.request_timeout
    };
    let (mut config, about, refresh) = match files::read(flags.kubeconfig.as_deref())? {
        Some(file) => from_file(&file, flags).await?,
        None => without_file(flags).await?,
    };
    // kube's own retries repeat any verb for minutes; ours repeat GET alone (see `Api`).
    config.default_retry = false;
    config.connect_timeout = Some(limit.min(Duration::from_secs(CONNECT_SECONDS)));
    let server = server::without_password(&config.cluster_url.to_string());
    let default_namespace = config.default_namespace.clone();
    let client = client(config, refresh)?;
    Ok(Cluster {
        api: Api::new(client, limit),
        context: about.context.unwrap_or_else(|| server.clone()),
        default_namespace,
        server,
        user: about.user,
    })
}

/// What is told of where a connection comes from.
struct About {
    context: Option<String>,
    user: Option<String>,
}

type Prepared = (Config, About, Option<Refresh>);

async fn from_file(
    file: &kube::config::Kubeconfig,
    flags: &Connection,
) -> Result<Prepared, Failure> {
    let selected = selected::select(file, flags)?;
    let about = About {
        context: selected.context.clone(),
        user: selected.user_name.clone(),
    };
    let (config, refresh) = prepare(selected, flags.request_timeout).await?;
    Ok((config, about, refresh))
}

/// In a pod there is no kubeconfig but a ServiceAccount; `--server` alone will do, too.
async fn without_file(flags: &Connection) -> Result<Prepared, Failure> {
    let incluster = Config::incluster().ok();
    if incluster.is_none() && flags.server.is_none() {
        return Err(files::none());
    }
    let selected = selected::select(
        &kube::config::Kubeconfig::default(),
        &Connection {
            server: flags
                .server
                .clone()
                .or_else(|| incluster.as_ref().map(|it| it.cluster_url.to_string())),
            ..flags.clone()
        },
    )?;
    let (mut config, refresh) = prepare(selected, flags.request_timeout).await?;
    let mut about = About {
        context: None,
        user: None,
    };
    if let Some(pod) = incluster {
        about.context = Some("in-cluster".to_owned());
        config.default_namespace = pod.default_namespace;
        // Flags come first, then the ServiceAccount.
        if config.root_cert.is_none() && !config.accept_invalid_certs {
            config.root_cert = pod.root_cert;
            config.root_cert_file = pod.root_cert_file;
        }
        let auth = &mut config.auth_info;
        if flags.token.is_none() && flags.client_certificate.is_none() {
            auth.token_file = pod.auth_info.token_file;
        }
    }
    Ok((config, about, refresh))
}

/// What was selected as kube wants it, with credentials in hand.
async fn prepare(
    selected: Selected,
    request_timeout: Duration,
) -> Result<(Config, Option<Refresh>), Failure> {
    let Selected {
        context: _,
        namespace,
        cluster,
        user_name,
        user,
    } = selected;
    let url = server::url(&cluster)?;
    // Credentials never go over a line that anybody can read, nor does kubectl send them there.
    let user = if url.scheme_str() == Some("https") {
        user
    } else {
        kube::config::AuthInfo::default()
    };
    let (auth, refresh) =
        credentials::credentials(user, user_name.as_deref(), &cluster, request_timeout).await?;
    let mut config = Config::new(url.clone());
    config.default_namespace = namespace;
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.root_cert = server::authorities(&cluster)?;
    config.disable_compression = cluster.disable_compression.unwrap_or(false);
    config.tls_server_name = cluster.tls_server_name.filter(|name| !name.is_empty());
    config.proxy_url = proxy::choose(cluster.proxy_url.as_deref(), &url)?;
    config.auth_info = auth;
    Ok((config, refresh))
}

fn client(config: Config, refresh: Option<Refresh>) -> Result<Client, Failure> {
    let wrong = |error: kube::Error| {
        Failure::from_chain("the kubeconfig's credentials cannot be used", &error)
            .help("`kubectl config view --minify` shows them")
    };
    let builder = ClientBuilder::try_from(config).map_err(wrong)?;
    Ok(match refresh {
        None => builder.build(),
        Some(refresh) => builder
            .with_layer(&BufferLayer::new(WAITING))
            .with_layer(&AsyncFilterLayer::new(refresh))
            .build(),
    })
}
