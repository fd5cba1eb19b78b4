//! Starts scenarios and talks to their API with bare HTTP.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use digpod_simcluster::{Options, Running, start};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The folder of a scenario.
pub(crate) fn scenario(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/scenarios")
        .join(name)
}

/// Plays a scenario with faults.
pub(crate) async fn play(name: &str, faults: &[&str]) -> Running {
    let faults = faults
        .iter()
        .map(|fault| fault.parse().expect("a fault"))
        .collect();
    let options = Options {
        faults,
        seed: Some(7),
        ..Options::default()
    };
    start(&scenario(name), options)
        .await
        .expect("the scenario starts")
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|err| panic!("{err}: {}", self.body))
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"]
            .as_str()
            .expect("a message")
            .to_owned()
    }
}

/// One request as the kubeconfig's user.
pub(crate) async fn call(
    running: &Running,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Reply> {
    let kind = if method == "PATCH" {
        "application/merge-patch+json"
    } else {
        "application/json"
    };
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: api\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        running.token(),
        body.len()
    );
    send(running, &request).await
}

/// One request as written; the certificate is checked against the kubeconfig's authority.
pub(crate) async fn send(running: &Running, request: &str) -> Result<Reply> {
    let kubeconfig: Value = serde_json::from_str(&std::fs::read_to_string(running.kubeconfig())?)?;
    let ca = kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"]
        .as_str()
        .context("no CA")?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(
        &BASE64_STANDARD
            .decode(ca)
            .map_err(|err| anyhow::anyhow!("{err}"))?,
    )?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(running.api()).await?;
    let name = ServerName::try_from("127.0.0.1")?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let mut stream = connector.connect(name, stream).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    // A cut connection ends without a TLS goodbye; the length below finds it out.
    let _ = stream.read_to_end(&mut bytes).await;
    let text = String::from_utf8(bytes)?;
    let (head, rest) = text.split_once("\r\n\r\n").context("no answer")?;
    let lower = head.to_ascii_lowercase();
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let body = if lower.contains("transfer-encoding: chunked") {
        chunks(rest)?
    } else {
        rest.to_owned()
    };
    let length = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    if length.is_some_and(|length| body.len() < length) {
        bail!("the body ended early");
    }
    Ok(Reply {
        status,
        head: lower,
        body,
    })
}

fn chunks(mut text: &str) -> Result<String> {
    let mut body = String::new();
    loop {
        let (size, rest) = text.split_once("\r\n").context("the body ended early")?;
        let size = usize::from_str_radix(size, 16)?;
        if size == 0 {
            return Ok(body);
        }
        body.push_str(rest.get(..size).context("the body ended early")?);
        text = rest.get(size + 2..).context("the body ended early")?;
    }
}

/// One GET that must answer.
pub(crate) async fn get(running: &Running, path: &str) -> Reply {
    call(running, "GET", path, None).await.expect("an answer")
}

/// Waits for a pod's phase.
pub(crate) async fn phase(running: &Running, namespace: &str, name: &str, wanted: &str) -> Value {
    for _ in 0..400 {
        let pod = get(
            running,
            &format!("/api/v1/namespaces/{namespace}/pods/{name}"),
        )
        .await
        .json();
        if pod["status"]["phase"] == wanted {
            return pod;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("pod {name} never became {wanted}");
}

/// A probe pod with these questions: server, name, type, tries.
pub(crate) fn probe_pod(name: &str, questions: &[(&str, &str, &str, u32)]) -> Value {
    let questions: Vec<Value> = questions
        .iter()
        .map(|(server, name, kind, tries)| {
            json!({
                "target": {"kind": "server", "address": server, "role": "upstream"},
                "name": name, "type": kind, "transport": "udp", "class": "custom",
                "tries": tries, "intervalMs": 5,
            })
        })
        .collect();
    let plan = json!({
        "format": 1, "vantage": "workload", "timeoutMs": 800, "budgetMs": 8000, "questions": questions,
    });
    json!({
        "metadata": {"name": name},
        "spec": {
            "restartPolicy": "Never",
            "containers": [{
                "name": "probe", "image": "localhost/digpod-probe:test",
                "args": ["--plan", plan.to_string()],
            }],
        },
    })
}

/// Creates a probe pod, waits for its end and reads its log.
pub(crate) async fn probe(
    running: &Running,
    namespace: &str,
    pod: &Value,
) -> digpod_probe::ProbeOutput {
    let pods = format!("/api/v1/namespaces/{namespace}/pods");
    let created = call(running, "POST", &pods, Some(pod))
        .await
        .expect("an answer");
    assert_eq!(created.status, 201, "{}", created.body);
    let name = pod["metadata"]["name"].as_str().expect("a name");
    phase(running, namespace, name, "Succeeded").await;
    let log = get(running, &format!("{pods}/{name}/log")).await;
    digpod_probe::parse_output(&log.body)
}

/// The outcomes of an output, in order.
pub(crate) fn outcomes(output: &digpod_probe::ProbeOutput) -> Vec<String> {
    let word = |value: Value| value.as_str().expect("a word").to_owned();
    let outcomes = output
        .records
        .iter()
        .map(|record| serde_json::to_value(record.outcome));
    outcomes.map(|value| word(value.expect("JSON"))).collect()
}
