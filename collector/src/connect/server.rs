//! The API server's address and who vouches for it.

use http::Uri;
use kube::config::Cluster;

use super::pem;
use crate::error::Failure;

/// The address; without a scheme it is http, as in kubectl: client-go looks at the scheme before
/// it looks at certificates (`DirectClientConfig.ClientConfig`).
pub(super) fn url(cluster: &Cluster) -> Result<Uri, Failure> {
    let text = cluster.server.as_deref().unwrap_or_default();
    if text.is_empty() {
        return Err(Failure::new("the kubeconfig's cluster names no server")
            .help("name it with --server, like https://10.0.0.4:6443"));
    }
    let full = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let wrong = || {
        Failure::usage(format!("{text:?} is no address of an API server"))
            .help("write it like https://10.0.0.4:6443")
    };
    let uri: Uri = full.parse().map_err(|_| wrong())?;
    if uri.host().is_none_or(str::is_empty) || !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(wrong());
    }
    Ok(uri)
}

/// An address as it may be shown: what stands before `@` may be a password.
pub(crate) fn without_password(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    match authority.rsplit_once('@') {
        Some((_, host)) if scheme.is_empty() => format!("{host}{path}"),
        Some((_, host)) => format!("{scheme}://{host}{path}"),
        None => address.to_owned(),
    }
}

/// Certificates that vouch for the server; `None`: those of the system.
pub(super) fn authorities(cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>, Failure> {
    let Some(text) = pem::load(
        "certificate-authority",
        cluster.certificate_authority_data.as_deref(),
        cluster.certificate_authority.as_deref(),
    )?
    else {
        return Ok(None);
    };
    if cluster.insecure_skip_tls_verify == Some(true) {
        return Err(Failure::new(
            "a certificate authority is named, and it is said not to check certificates",
        )
        .help("take certificate-authority or insecure-skip-tls-verify out of the kubeconfig"));
    }
    let certificates = pem::certificates(&text);
    if certificates.is_empty() {
        return Err(Failure::new(
            "the certificate authority has no certificate in PEM form",
        ));
    }
    Ok(Some(certificates))
}
