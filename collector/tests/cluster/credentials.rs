//! Ways to be known to an API server and to reach it: each as kubectl takes it, which is asked the
//! same where it is installed.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::played::Cluster;

/// The user of the scenarios.
const OPERATOR: &str = "shop-operator";

/// A kubeconfig made of a played cluster's.
struct Config {
    files: TempDir,
    value: Value,
    server: SocketAddr,
}

impl Config {
    fn of(cluster: &Cluster) -> Self {
        let bytes = std::fs::read(cluster.kubeconfig()).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        let server = value["clusters"][0]["cluster"]["server"].as_str().unwrap();
        let server = server.strip_prefix("https://").unwrap().parse().unwrap();
        Self {
            files: TempDir::new().unwrap(),
            value,
            server,
        }
    }

    fn token(&self) -> Value {
        self.value["users"][0]["user"]["token"].clone()
    }

    fn certificate(&self, field: &str) -> Value {
        self.value["users"][1]["user"][field].clone()
    }

    fn user(&mut self, user: Value) -> &mut Self {
        self.value["users"][0]["user"] = user;
        self
    }

    fn cluster(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.value["clusters"][0]["cluster"][key] = value.into();
        self
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.files.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A program that stands for a credential plugin.
    fn plugin(&self, name: &str, script: &str) -> String {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.write(name, format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn run(&self, mut command: Command, options: &[&str], environment: &[(&str, &str)]) -> Output {
        let path = self.write("config", self.value.to_string());
        for name in ["HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        command
            .args(options)
            .env("KUBECONFIG", path)
            .env("HOME", self.files.path())
            .envs(environment.iter().copied())
            .current_dir(self.files.path())
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Whom digpod says it is, or its error; kubectl must come to the same.
    #[track_caller]
    fn whoami(&self, options: &[&str], environment: &[(&str, &str)]) -> Result<String, String> {
        let mut digpod = Command::new(env!("CARGO_BIN_EXE_digpod"));
        digpod.args(["collect", "--no-probe", "-o", "bundle.zip"]);
        // No run replaces the file of another.
        let _ = std::fs::remove_file(self.files.path().join("bundle.zip"));
        let output = self.run(digpod, options, environment);
        let err = String::from_utf8(output.stderr).unwrap();
        let user = err
            .lines()
            .find_map(|line| line.strip_prefix("the API server takes you for "));
        let found = if let Some(user) = user {
            Ok(user.to_owned())
        } else {
            let errors = err.lines().filter(|line| line.starts_with("error: "));
            assert_eq!(errors.count(), 1, "{err}");
            assert!(err.contains("\n help: "), "{err}");
            Err(err.clone())
        };
        let mut kubectl = Command::new("kubectl");
        kubectl.args([
            "auth",
            "whoami",
            "-o",
            "jsonpath={.status.userInfo.username}",
        ]);
        if Command::new("kubectl").arg("options").output().is_ok() {
            let output = self.run(kubectl, options, environment);
            let name = String::from_utf8(output.stdout).unwrap();
            match &found {
                Ok(user) => assert_eq!(*user, name, "{}", String::from_utf8_lossy(&output.stderr)),
                Err(err) => assert!(!output.status.success(), "{err}"),
            }
        }
        found
    }

    #[track_caller]
    fn is(&self, user: &str, options: &[&str]) {
        assert_eq!(self.whoami(options, &[]).as_deref(), Ok(user));
    }

    #[track_caller]
    fn fails(&self, says: &str, options: &[&str]) {
        let error = self.whoami(options, &[]).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is made for the call")]
fn exec(command: &str, extra: Value) -> Value {
    let mut exec = json!({"apiVersion": "client.authentication.k8s.io/v1", "command": command,
        "interactiveMode": "IfAvailable"});
    for (key, value) in extra.as_object().unwrap() {
        exec[key] = value.clone();
    }
    json!({"exec": exec})
}

fn credential(status: &Value) -> String {
    let answer = json!({"kind": "ExecCredential",
        "apiVersion": "client.authentication.k8s.io/v1", "status": status});
    format!("cat <<'END'\n{answer}\nEND")
}

#[test]
fn tokens_and_client_certificates() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut config = Config::of(&cluster);
    let token = config.token();
    config.is(OPERATOR, &[]);
    config.is(OPERATOR, &["--context", "aks-shop-certificate"]);
    config.fails("(401)", &["--token", "bad"]);
    config.write("token", format!("{}\n", token.as_str().unwrap()));
    config.user(json!({"tokenFile": "token"})).is(OPERATOR, &[]);
    config
        .user(json!({"tokenFile": "nowhere"}))
        .fails("nowhere cannot be read", &[]);
    // A right token counts before a plugin that does not work.
    config.user(exec("/nowhere/plugin", json!({})));
    config.is(OPERATOR, &["--token", token.as_str().unwrap()]);
    let (certificate, key) = (
        config.certificate("client-certificate-data"),
        config.certificate("client-key-data"),
    );
    let pem = |data: &Value| BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap();
    config.write("user.crt", pem(&certificate));
    config.write("user.key", pem(&key).trim_ascii_end());
    let files = json!({"client-certificate": "user.crt", "client-key": "user.key"});
    config.user(files).is(OPERATOR, &[]);
    config
        .user(json!({"client-certificate": "user.crt"}))
        .fails("has a client certificate but no key", &[]);
    config.user(json!({})).fails("", &["--user", "nobody"]);
    let flags = [
        "--client-certificate",
        "user.crt",
        "--client-key",
        "user.key",
    ];
    config.is(OPERATOR, &flags);
    config
        .user(json!({"username": "a", "password": "b"}))
        .fails("(401)", &[]);
}

#[test]
fn credential_plugins() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut config = Config::of(&cluster);
    let token = config.token();
    let gives = credential(&json!({"token": token}));
    // Nobody has to be asked, and the plugin is told so.
    let script = format!(
        "case $KUBERNETES_EXEC_INFO in *'\"interactive\":false'*) ;; *) exit 9;; esac\ntest \"$WORD\" = x || exit 8\n{gives}"
    );
    let plugin = config.plugin("plugin", &script);
    let extra = json!({"env": [{"name": "WORD", "value": "x"}], "args": ["a"]});
    config.user(exec(&plugin, extra)).is(OPERATOR, &[]);
    // Beside the kubeconfig.
    config.plugin("near", &gives);
    config.user(exec("./near", json!({}))).is(OPERATOR, &[]);
    let soon = credential(&json!({"token": token, "expirationTimestamp": "2020-01-01T00:00:00Z"}));
    let plugin = config.plugin("soon", &soon);
    config
        .user(exec(&plugin, json!({"interactiveMode": "Never"})))
        .is(OPERATOR, &[]);
    let pem = |field: &str| {
        let data = config.certificate(field);
        String::from_utf8(BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap()).unwrap()
    };
    let certificate = credential(&json!({
        "clientCertificateData": pem("client-certificate-data"),
        "clientKeyData": pem("client-key-data"),
    }));
    let plugin = config.plugin("certificate", &certificate);
    config.user(exec(&plugin, json!({}))).is(OPERATOR, &[]);
    let told = config.plugin(
        "told",
        &format!("case $KUBERNETES_EXEC_INFO in *certificate-authority-data*) {gives}\n;; *) exit 9;; esac"),
    );
    config
        .user(exec(&told, json!({"provideClusterInfo": true})))
        .is(OPERATOR, &[]);

    let hint = json!({"installHint": "get it\nfrom the shop"});
    config
        .user(exec("digpod-no-such-plugin", hint))
        .fails("is not installed\n help: get it from the shop\n", &[]);
    let fails = config.plugin("fails", "echo hello >&2; echo 'no luck' >&2; exit 3");
    config
        .user(exec(&fails, json!({})))
        .fails("failed (exit status: 3): no luck\n", &[]);
    let nonsense = config.plugin("nonsense", "echo secret-token");
    config
        .user(exec(&nonsense, json!({})))
        .fails("no ExecCredential in JSON", &[]);
    config
        .user(exec(&nonsense, json!({"interactiveMode": "Always"})))
        .fails("standard input is no terminal", &[]);
    let gcp = json!({"auth-provider": {"name": "gcp"}});
    config.user(gcp).fails("gke-gcloud-auth-plugin", &[]);
}

#[test]
fn a_plugin_that_hangs_is_given_up() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut config = Config::of(&cluster);
    let hangs = config.plugin("hangs", "exec sleep 1000");
    config.user(exec(&hangs, json!({})));
    let mut digpod = Command::new(env!("CARGO_BIN_EXE_digpod"));
    digpod.args(["collect", "--no-probe"]);
    // kubectl would wait.
    let output = config.run(digpod, &["--request-timeout", "1s"], &[]);
    assert_eq!(output.status.code(), Some(3));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("did not end within 1 s"), "{err}");
}

#[test]
fn impersonation() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut config = Config::of(&cluster);
    config.is(
        "jane",
        &["--as", "jane", "--as-group", "ops", "--as-uid", "7"],
    );
    config.fails("--as", &["--as-group", "ops"]);
    let user = json!({"token": config.token(), "as": "joe", "as-user-extra": {"reason": ["x"]}});
    config.user(user).is("joe", &[]);
    config.is("jane", &["--as", "jane"]);
    let Some(strict) = Cluster::start("healthy", &["forbid:impersonate:users"]) else {
        return;
    };
    let config = Config::of(&strict);
    config.fails("cannot impersonate", &["--as", "jane"]);
}

#[test]
fn contexts_clusters_and_servers() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut config = Config::of(&cluster);
    let server = format!("https://{}", config.server);
    let bare = config.server.to_string();
    let authority = config.value["clusters"][0]["cluster"]["certificate-authority-data"].clone();
    let pem = BASE64_STANDARD.decode(authority.as_str().unwrap()).unwrap();
    config.write("ca.crt", pem);
    config.fails("no context \"other\"", &["--context", "other"]);
    config.fails("no cluster \"other\"", &["--cluster", "other"]);
    config.fails("no user \"other\"", &["--user", "other"]);
    config.cluster("certificate-authority-data", Value::Null);
    config.fails("certificate", &[]);
    config.is(OPERATOR, &["--certificate-authority", "ca.crt"]);
    config.is(OPERATOR, &["--insecure-skip-tls-verify"]);
    config
        .cluster("certificate-authority", "ca.crt")
        .is(OPERATOR, &[]);
    config
        .cluster("tls-server-name", "kubernetes.default.svc")
        .is(OPERATOR, &[]);
    config.cluster("tls-server-name", "wrong.example");
    config.fails("certificate", &[]);
    config.is(OPERATOR, &["--tls-server-name", "localhost"]);
    // Another server: the name of the kubeconfig's does not count.
    config.is(OPERATOR, &["--server", &server]);
    // Plain http, which this server does not speak.
    config.fails("cannot be reached", &["--server", &bare]);
    config.cluster("server", "https://127.0.0.1:1");
    config.fails("cannot be reached", &[]);
    config.value["contexts"][0]["context"]["cluster"] = "gone".into();
    config.fails("no cluster \"gone\"", &[]);
    config.is(
        OPERATOR,
        &["--server", &server, "--certificate-authority", "ca.crt"],
    );
    config.value["current-context"] = "".into();
    let shop = config.value["clusters"][0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    let user = config.value["users"][0]["name"]
        .as_str()
        .unwrap()
        .to_owned();
    config
        .cluster("server", server)
        .cluster("tls-server-name", Value::Null);
    config.is(OPERATOR, &["--cluster", &shop, "--user", &user]);
}

#[test]
fn several_files_are_merged_and_those_that_are_missing_passed_over() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let config = Config::of(&cluster);
    let first = config.write(
        "first",
        json!({"apiVersion": "v1", "kind": "Config", "current-context": "",
            "contexts": [{"name": "other", "context": {
                "cluster": "aks-shop", "user": "shop-operator_aks-shop", "namespace": "kube-public"}}],
            "users": [{"name": "shop-operator_aks-shop", "user": {"token": config.token()}}]})
        .to_string(),
    );
    let whole = config.files.path().join("config");
    let paths = format!("/nowhere:{}::{}", first.display(), whole.display());
    let environment = [("KUBECONFIG", paths.as_str())];
    assert_eq!(config.whoami(&[], &environment).as_deref(), Ok(OPERATOR));
    let options = ["--context", "other"];
    assert_eq!(
        config.whoami(&options, &environment).as_deref(),
        Ok(OPERATOR)
    );
    let mut digpod = Command::new(env!("CARGO_BIN_EXE_digpod"));
    digpod.args(["collect", "--no-probe", "-o", "other.zip"]);
    let output = config.run(digpod, &options, &environment);
    let err = String::from_utf8(output.stderr).unwrap();
    let line = "user shop-operator_aks-shop, namespace kube-public\n";
    assert!(
        err.starts_with("context other (https://127.0.0.1:") && err.contains(line),
        "{err}"
    );
}

#[test]
fn proxies() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut config = Config::of(&cluster);
    let http = format!("http://127.0.0.1:{}", proxy(config.server, connect));
    let socks = format!("socks5://127.0.0.1:{}", proxy(config.server, socks5));
    // Only the proxies know this name.
    config
        .cluster("server", "https://api.sim.invalid:6443")
        .cluster("tls-server-name", "localhost");
    config.fails("cannot be reached", &[]);
    for url in [&http, &socks] {
        config.cluster("proxy-url", url.as_str()).is(OPERATOR, &[]);
    }
    config.cluster("proxy-url", Value::Null);
    let ask = |pairs: &[(&str, &str)]| config.whoami(&[], pairs);
    assert_eq!(ask(&[("HTTPS_PROXY", &http)]).as_deref(), Ok(OPERATOR));
    assert_eq!(ask(&[("https_proxy", &socks)]).as_deref(), Ok(OPERATOR));
    assert_eq!(
        ask(&[("HTTPS_PROXY", http.trim_start_matches("http://"))]).as_deref(),
        Ok(OPERATOR)
    );
    assert!(ask(&[("HTTPS_PROXY", &http), ("NO_PROXY", "a,sim.invalid")]).is_err());
    assert_eq!(
        ask(&[("HTTPS_PROXY", &http), ("NO_PROXY", "127.0.0.1")]).as_deref(),
        Ok(OPERATOR)
    );
    config.cluster("proxy-url", "ftp://x").fails("proxy", &[]);
}

/// Starts a proxy that takes every name for the API server; gives its port.
fn proxy(server: SocketAddr, greet: fn(&mut TcpStream) -> Option<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || join(client, server, greet));
        }
    });
    port
}

fn join(mut client: TcpStream, server: SocketAddr, greet: fn(&mut TcpStream) -> Option<()>) {
    if greet(&mut client).is_none() {
        return;
    }
    let mut upstream = TcpStream::connect(server).unwrap();
    let (mut to, mut from) = (upstream.try_clone().unwrap(), client.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
    let _ = std::io::copy(&mut upstream, &mut client);
}

fn connect(client: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    assert!(head.starts_with(b"CONNECT api.sim.invalid:6443 "));
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()
}

/// RFC 1928, without authentication.
fn socks5(client: &mut TcpStream) -> Option<()> {
    let mut two = [0; 2];
    client.read_exact(&mut two).ok()?;
    client.read_exact(&mut vec![0; two[1].into()]).ok()?;
    client.write_all(&[5, 0]).ok()?;
    let mut head = [0; 5];
    client.read_exact(&mut head).ok()?;
    assert_eq!(head[3], 3, "the name is the proxy's to resolve");
    let mut name = vec![0; usize::from(head[4]) + 2];
    client.read_exact(&mut name).ok()?;
    assert!(name.starts_with(b"api.sim.invalid"));
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()
}
