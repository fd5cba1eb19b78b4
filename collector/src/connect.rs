//! From kubectl's flags to a client. The kubeconfig is only read.

use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use crate::api::Api;
use crate::cli::Connection;
use crate::error::{Failure, chain};

/// A cluster to talk to.
pub(crate) struct Cluster {
    pub(crate) api: Api,
    /// Name of the context, or of the server where there is none.
    pub(crate) context: String,
    /// Namespace of the context.
    pub(crate) default_namespace: String,
    /// Address of the API server.
    pub(crate) server: String,
}

/// Default time limit of one call.
const CALL_SECONDS: u64 = 15;

/// Makes a client; nothing is sent yet.
pub(crate) async fn connect(flags: &Connection) -> Result<Cluster, Failure> {
    let options = KubeConfigOptions {
        context: flags.context.clone(),
        cluster: flags.cluster.clone(),
        user: flags.user.clone(),
    };
    let (mut config, context) = load(flags, &options).await?;
    apply(flags, &mut config)?;
    // kube's own retries repeat any verb for minutes; ours repeat GET alone (see `Api`).
    config.default_retry = false;
    let seconds = if flags.request_timeout == 0 {
        CALL_SECONDS
    } else {
        flags.request_timeout
    };
    config.connect_timeout = Some(Duration::from_secs(seconds.min(10)));
    let server = config.cluster_url.to_string();
    let default_namespace = config.default_namespace.clone();
    let client = Client::try_from(config).map_err(|error| {
        Failure::from_chain("the kubeconfig's credentials cannot be used", &error)
    })?;
    let api = Api::new(client, Duration::from_secs(seconds));
    let context = context.unwrap_or_else(|| server.clone());
    Ok(Cluster {
        api,
        context,
        default_namespace,
        server,
    })
}

async fn load(
    flags: &Connection,
    options: &KubeConfigOptions,
) -> Result<(Config, Option<String>), Failure> {
    let help =
        "name one with --kubeconfig or KUBECONFIG; `kubectl config get-contexts` lists contexts";
    let file = match &flags.kubeconfig {
        Some(path) => Kubeconfig::read_from(path).map_err(|error| {
            Failure::from_chain(&format!("{} is no kubeconfig", path.display()), &error).help(help)
        })?,
        None => match Kubeconfig::read() {
            Ok(file) => file,
            Err(error) => {
                // In a pod there is no kubeconfig but a ServiceAccount.
                if let Ok(config) = Config::incluster() {
                    return Ok((config, Some("in-cluster".to_owned())));
                }
                if let Some(server) = &flags.server {
                    let url = server
                        .parse()
                        .map_err(|_| Failure::usage(format!("{server:?} is no URL")))?;
                    return Ok((Config::new(url), None));
                }
                return Err(
                    Failure::new(format!("there is no kubeconfig: {}", chain(&error))).help(help),
                );
            }
        },
    };
    let context = flags
        .context
        .clone()
        .or_else(|| file.current_context.clone());
    let config = Config::from_custom_kubeconfig(file, options)
        .await
        .map_err(|error| Failure::from_chain("the kubeconfig cannot be used", &error).help(help))?;
    Ok((config, context))
}

fn apply(flags: &Connection, config: &mut Config) -> Result<(), Failure> {
    if let Some(server) = &flags.server {
        config.cluster_url = server
            .parse()
            .map_err(|_| Failure::usage(format!("{server:?} is no URL")))?;
    }
    if let Some(proxy) = &flags.proxy_url {
        config.proxy_url = Some(
            proxy
                .parse()
                .map_err(|_| Failure::usage(format!("{proxy:?} is no URL")))?,
        );
    }
    if let Some(file) = &flags.certificate_authority {
        config.root_cert = None;
        config.root_cert_file = Some(file.clone());
    }
    config.accept_invalid_certs |= flags.insecure_skip_tls_verify;
    if flags.tls_server_name.is_some() {
        config.tls_server_name.clone_from(&flags.tls_server_name);
    }
    let auth = &mut config.auth_info;
    if let Some(token) = &flags.token {
        auth.token = Some(token.clone().into());
        auth.token_file = None;
        auth.exec = None;
    }
    if flags.as_user.is_some() {
        auth.impersonate.clone_from(&flags.as_user);
    }
    if flags.as_uid.is_some() {
        auth.impersonate_uid.clone_from(&flags.as_uid);
    }
    if !flags.as_group.is_empty() {
        auth.impersonate_groups = Some(flags.as_group.clone());
    }
    Ok(())
}
