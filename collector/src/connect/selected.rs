//! The context, cluster and user that count: what the kubeconfig says, then what the flags say.
//!
//! The rules are those of client-go's `tools/clientcmd/client_config.go` (`getContext`,
//! `getCluster`, `getAuthInfo`, `ConfirmUsable`), so that digpod talks to the server that kubectl
//! would talk to, as the same user.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kube::config::{AuthInfo, Cluster, Context, Kubeconfig};

use crate::cli::Connection;
use crate::error::Failure;

/// What counts.
pub(super) struct Selected {
    /// Name of the context, if one is in use.
    pub(super) context: Option<String>,
    pub(super) namespace: String,
    pub(super) cluster: Cluster,
    pub(super) user_name: Option<String>,
    pub(super) user: AuthInfo,
}

/// Chooses.
pub(super) fn select(file: &Kubeconfig, flags: &Connection) -> Result<Selected, Failure> {
    let name = given(flags.context.as_ref()).or(given(file.current_context.as_ref()));
    let context = match name {
        Some(name) => context(file, name)?,
        None => Context::default(),
    };
    let cluster_name = given(flags.cluster.as_ref())
        .or(Some(context.cluster.as_str()).filter(|it| !it.is_empty()));
    let user_name = given(flags.user.as_ref()).or(given(context.user.as_ref()));
    let cluster = cluster(file, flags, cluster_name, name)?;
    let user = user(file, flags, user_name)?;
    Ok(Selected {
        context: name.map(str::to_owned),
        namespace: given(context.namespace.as_ref())
            .unwrap_or("default")
            .to_owned(),
        cluster,
        user_name: user_name.map(str::to_owned),
        user,
    })
}

/// What is said; an empty text says nothing.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

fn context(file: &Kubeconfig, name: &str) -> Result<Context, Failure> {
    let found = file.contexts.iter().find(|it| it.name == name);
    found.and_then(|it| it.context.clone()).ok_or_else(|| {
        let names = file.contexts.iter().map(|it| it.name.as_str());
        missing("context", name, names.collect())
    })
}

/// Names a thing that the kubeconfig does not have, and what it has instead.
fn missing(what: &str, name: &str, mut names: Vec<&str>) -> Failure {
    const MOST: usize = 12;
    names.sort_unstable();
    let failure = Failure::new(format!("the kubeconfig has no {what} {name:?}"));
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    names.truncate(MOST);
    match names.as_slice() {
        [] => failure.help(format!(
            "it has no {what} at all: check --kubeconfig and KUBECONFIG"
        )),
        names => failure.help(format!("it has {}{more}", names.join(", "))),
    }
}

fn cluster(
    file: &Kubeconfig,
    flags: &Connection,
    name: Option<&str>,
    context: Option<&str>,
) -> Result<Cluster, Failure> {
    let found = name.and_then(|name| file.clusters.iter().find(|it| it.name == name));
    let mut cluster = match (found, name) {
        (Some(found), _) => found.cluster.clone().unwrap_or_default(),
        // A server will do where the context's cluster is not there, but a cluster that was
        // asked for must be.
        (None, Some(name)) if flags.cluster.is_some() || flags.server.is_none() => {
            let names = file.clusters.iter().map(|it| it.name.as_str());
            return Err(missing("cluster", name, names.collect()));
        }
        (None, None) if flags.server.is_none() => {
            return Err(match context {
                Some(context) => Failure::new(format!(
                    "context {context:?} of the kubeconfig names no cluster"
                )),
                None => Failure::new("the kubeconfig has no current context"),
            }
            .help("name one with --context; `kubectl config get-contexts` lists them"));
        }
        (None, _) => Cluster::default(),
    };
    if let Some(server) = given(flags.server.as_ref()) {
        cluster.server = Some(server.to_owned());
    }
    // Another server has another name, so the kubeconfig's goes unless one is given, too.
    if flags.server.is_some() || flags.tls_server_name.is_some() {
        cluster.tls_server_name.clone_from(&flags.tls_server_name);
    }
    if flags.insecure_skip_tls_verify || flags.certificate_authority.is_some() {
        cluster.insecure_skip_tls_verify = Some(flags.insecure_skip_tls_verify);
        cluster.certificate_authority_data = None;
        cluster.certificate_authority = flags
            .certificate_authority
            .as_deref()
            .map(|path| path.to_string_lossy().into_owned());
    }
    if flags.proxy_url.is_some() {
        cluster.proxy_url.clone_from(&flags.proxy_url);
    }
    Ok(cluster)
}

fn user(file: &Kubeconfig, flags: &Connection, name: Option<&str>) -> Result<AuthInfo, Failure> {
    let found = name.and_then(|name| file.auth_infos.iter().find(|it| it.name == name));
    let mut user = match (found, name) {
        (Some(found), _) => found.auth_info.clone().unwrap_or_default(),
        (None, Some(name)) if flags.user.is_some() => {
            let names = file.auth_infos.iter().map(|it| it.name.as_str());
            return Err(missing("user", name, names.collect()));
        }
        // kubectl goes on as nobody, and so the server says who may not.
        (None, _) => AuthInfo::default(),
    };
    if let Some(token) = given(flags.token.as_ref()) {
        user.token = Some(token.to_owned().into());
        user.token_file = None;
        user.exec = None;
        user.auth_provider = None;
        user.username = None;
        user.password = None;
    }
    if let Some(path) = &flags.client_certificate {
        user.client_certificate = None;
        user.client_certificate_data = Some(encoded(path)?);
    }
    if let Some(path) = &flags.client_key {
        user.client_key = None;
        user.client_key_data = Some(encoded(path)?.into());
    }
    if flags.as_user.is_some() {
        user.impersonate.clone_from(&flags.as_user);
    }
    if flags.as_uid.is_some() {
        user.impersonate_uid.clone_from(&flags.as_uid);
    }
    if !flags.as_group.is_empty() {
        user.impersonate_groups = Some(flags.as_group.clone());
    }
    let acts = given(user.impersonate.as_ref()).is_some();
    let needs = user.impersonate_uid.is_some()
        || user
            .impersonate_groups
            .as_ref()
            .is_some_and(|it| !it.is_empty())
        || user
            .impersonate_user_extra
            .as_ref()
            .is_some_and(|it| !it.is_empty());
    if needs && !acts {
        return Err(Failure::usage(
            "groups, a UID or extra fields are to be impersonated, but no user",
        )
        .help("name the user with --as"));
    }
    Ok(user)
}

fn encoded(path: &Path) -> Result<String, Failure> {
    Ok(BASE64_STANDARD.encode(super::pem::read(path)?))
}
