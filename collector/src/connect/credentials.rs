//! Who the user is: one way of authentication, ready for use.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kube::config::{AuthInfo, AuthProviderConfig, Cluster};
use secrecy::ExposeSecret as _;

use super::pem;
use super::plugin;
use super::refresh::Refresh;
use crate::error::Failure;

/// Reads files, runs a plugin; what comes out needs neither.
///
/// Precedence is client-go's: a plugin runs only where no token, password or client certificate
/// is given (`plugin/pkg/client/auth/exec`, `UpdateTransportConfig`).
pub(super) async fn credentials(
    mut user: AuthInfo,
    name: Option<&str>,
    cluster: &Cluster,
    request_timeout: Duration,
) -> Result<(AuthInfo, Option<Refresh>), Failure> {
    let whose = match name {
        Some(name) => format!("user {name:?} of the kubeconfig"),
        None => "the user".to_owned(),
    };
    token(&mut user)?;
    let certificate = certificate(&mut user, &whose)?;
    user.username = user.username.filter(|it| !it.is_empty());
    let password = user.username.is_some() || user.password.is_some();
    if password && user.token.is_some() {
        return Err(Failure::new(format!("{whose} has a token and a password"))
            .help("only one of them can count: take the other out"));
    }
    if password {
        // kube sends none of them where one is missing.
        user.username.get_or_insert_default();
        user.password.get_or_insert_with(|| String::new().into());
    }
    let known = certificate || password || user.token.is_some();
    if let Some(provider) = user.auth_provider.take()
        && !known
    {
        user.token = Some(provider_token(&provider, &whose)?.into());
        user.exec = None;
        return Ok((user, None));
    }
    let Some(exec) = user.exec.take().filter(|_| !known) else {
        return Ok((user, None));
    };
    let plugin = plugin::Plugin::new(exec, whose, cluster, request_timeout)?;
    let credential = plugin.run().await?;
    if let Some((certificate, key)) = credential.certificate {
        user.client_certificate_data = Some(BASE64_STANDARD.encode(certificate));
        user.client_key_data = Some(
            BASE64_STANDARD
                .encode(with_newline(key.into_bytes()))
                .into(),
        );
    }
    match (credential.token, credential.expires) {
        (Some(token), Some(expires)) => Ok((user, Some(Refresh::new(plugin, token, expires)))),
        (token, _) => {
            user.token = token.map(Into::into);
            Ok((user, None))
        }
    }
}

/// The token of the file where both are given (client-go, `AuthInfo.TokenFile`), without the line
/// break that files end with.
fn token(user: &mut AuthInfo) -> Result<(), Failure> {
    if let Some(path) = user.token_file.take().filter(|path| !path.is_empty()) {
        let bytes = pem::read(Path::new(&path));
        match bytes {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).trim().to_owned();
                if text.is_empty() {
                    return Err(Failure::new(format!("the token file {path} is empty")));
                }
                user.token = Some(text.into());
            }
            Err(_) if user.token.is_some() => {}
            Err(failure) => return Err(failure.help("the kubeconfig names it as tokenFile")),
        }
    }
    user.token
        .take_if(|token| token.expose_secret().trim().is_empty());
    let token = user
        .token
        .as_ref()
        .map(secrecy::SecretString::expose_secret);
    if token.is_some_and(|it| !it.bytes().all(|byte| (0x20..0x7f).contains(&byte))) {
        return Err(Failure::usage(
            "the token has a line end or another character that no token has",
        )
        .help("a file or variable it came from may end with one: `tr -d '\\r\\n'` takes it out"));
    }
    Ok(())
}

/// Client certificate and key as data; gives whether there are some.
fn certificate(user: &mut AuthInfo, whose: &str) -> Result<bool, Failure> {
    let certificate = pem::load(
        "client-certificate",
        user.client_certificate_data.as_deref(),
        user.client_certificate.as_deref(),
    )?;
    let key = pem::load(
        "client-key",
        user.client_key_data
            .as_ref()
            .map(secrecy::SecretString::expose_secret),
        user.client_key.as_deref(),
    )?;
    user.client_certificate = None;
    user.client_key = None;
    let (certificate, key) = match (certificate, key) {
        (Some(certificate), Some(key)) => (certificate, key),
        (None, None) => {
            user.client_certificate_data = None;
            user.client_key_data = None;
            return Ok(false);
        }
        (Some(_), None) => {
            return Err(
                Failure::new(format!("{whose} has a client certificate but no key"))
                    .help("it needs client-key or client-key-data, too"),
            );
        }
        (None, Some(_)) => {
            return Err(
                Failure::new(format!("{whose} has a client key but no certificate"))
                    .help("it needs client-certificate or client-certificate-data, too"),
            );
        }
    };
    user.client_certificate_data = Some(BASE64_STANDARD.encode(certificate));
    user.client_key_data = Some(BASE64_STANDARD.encode(with_newline(key)).into());
    Ok(true)
}

/// The key is put before the certificate, so its last line has to end.
fn with_newline(mut key: Vec<u8>) -> Vec<u8> {
    if key.last() != Some(&b'\n') {
        key.push(b'\n');
    }
    key
}

/// `auth-provider` is older than credential plugins; only an OIDC token in it is still of use.
fn provider_token(provider: &AuthProviderConfig, whose: &str) -> Result<String, Failure> {
    let name = provider.name.as_str();
    if name == "oidc" {
        let token = provider.config.get("id-token").filter(|it| !it.is_empty());
        return token.cloned().ok_or_else(|| {
            Failure::new(format!("auth-provider oidc of {whose} has no id-token"))
                .help("log in anew as your cluster's guide says, or use `--token`")
        });
    }
    let instead = match name {
        "gcp" => {
            "install gke-gcloud-auth-plugin and run `gcloud container clusters get-credentials`"
        }
        "azure" => "install kubelogin and run `kubelogin convert-kubeconfig`",
        _ => "use a credential plugin (`exec` in the kubeconfig) or --token",
    };
    Err(Failure::new(format!(
        "{whose} logs in by auth-provider {name}, which kubectl has not known since 1.26"
    ))
    .help(instead))
}
