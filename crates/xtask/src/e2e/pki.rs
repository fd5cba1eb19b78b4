//! Certificates and kubeconfigs, by openssl; they are good for a month.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::places::{API_SERVICE, Places, named, nodes};
use super::quietly;

/// Makes them all in the state's folder `pki`.
pub(super) fn make(places: &Places) -> Result<()> {
    let pki = places.state.join("pki");
    std::fs::create_dir_all(&pki).with_context(|| format!("cannot make {}", pki.display()))?;
    for name in ["ca", "front-ca"] {
        let subject = format!("/CN=digpod e2e {name}");
        openssl(
            &pki,
            &format!(
                "req -x509 -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -days 30 -keyout {name}.key -out {name}.crt"
            ),
            &["-subj", &subject],
        )?;
    }
    openssl(
        &pki,
        "ecparam -name prime256v1 -genkey -noout -out service-accounts.key",
        &[],
    )?;
    openssl(
        &pki,
        "ec -in service-accounts.key -pubout -out service-accounts.pub",
        &[],
    )?;

    let control = named("control")?.address;
    let api = format!(
        "IP:{control},IP:{API_SERVICE},IP:127.0.0.1,DNS:kubernetes,DNS:kubernetes.default,\
         DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
    );
    certificate(
        &pki,
        "ca",
        "kube-apiserver",
        "/CN=kube-apiserver",
        Some(&api),
    )?;
    certificate(&pki, "front-ca", "front-proxy", "/CN=front-proxy", None)?;
    let kubelet_client = "/O=system:masters/CN=apiserver-to-kubelet";
    certificate(&pki, "ca", "apiserver-to-kubelet", kubelet_client, None)?;

    let user = |name: &str, subject: &str, names: Option<&str>| {
        certificate(&pki, "ca", name, subject, names)?;
        kubeconfig(&pki, name, control)
    };
    user("admin", "/O=system:masters/CN=admin", None)?;
    for name in ["kube-controller-manager", "kube-scheduler"] {
        user(name, &format!("/CN=system:{name}"), None)?;
    }
    user("kube-proxy", "/CN=system:kube-proxy", None)?;
    user("kube-router", "/CN=kube-router", None)?;
    for (node, _) in nodes() {
        let subject = format!("/O=system:nodes/CN=system:node:{}", node.name);
        let names = format!("IP:{},DNS:{}", node.address, node.name);
        user(node.name, &subject, Some(&names))?;
    }
    Ok(())
}

fn certificate(
    pki: &Path,
    ca: &str,
    name: &str,
    subject: &str,
    alternative_names: Option<&str>,
) -> Result<()> {
    let mut extensions =
        "keyUsage=digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\n".to_owned();
    if let Some(names) = alternative_names {
        extensions = format!("{extensions}subjectAltName={names}\n");
    }
    let file = pki.join(format!("{name}.ext"));
    std::fs::write(&file, extensions)
        .with_context(|| format!("cannot write {}", file.display()))?;
    openssl(
        pki,
        &format!(
            "req -new -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout {name}.key -out {name}.csr"
        ),
        &["-subj", subject],
    )?;
    openssl(
        pki,
        &format!(
            "x509 -req -days 30 -CA {ca}.crt -CAkey {ca}.key -CAcreateserial -in {name}.csr -out {name}.crt -extfile {name}.ext"
        ),
        &[],
    )
}

fn kubeconfig(pki: &Path, user: &str, control: &str) -> Result<()> {
    let at = |file: String| pki.join(file).display().to_string();
    let value = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "digpod-e2e",
        "contexts": [{"name": "digpod-e2e", "context": {"cluster": "digpod-e2e", "user": user}}],
        "clusters": [{"name": "digpod-e2e", "cluster": {
            "server": format!("https://{control}:6443"),
            "certificate-authority": at("ca.crt".to_owned()),
        }}],
        "users": [{"name": user, "user": {
            "client-certificate": at(format!("{user}.crt")),
            "client-key": at(format!("{user}.key")),
        }}],
    });
    let file = pki.join(format!("{user}.kubeconfig"));
    std::fs::write(&file, format!("{value:#}\n"))
        .with_context(|| format!("cannot write {}", file.display()))
}

fn openssl(pki: &Path, words: &str, more: &[&str]) -> Result<()> {
    quietly(
        Command::new("openssl")
            .current_dir(pki)
            .args(words.split(' '))
            .args(more),
    )
}
