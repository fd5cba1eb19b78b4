//! 200 secrets of 25 shapes in eight places of a cluster: none of them is in what a run leaves.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::played::Cluster;
use crate::running::collect;

/// How a secret stands in a text; `@` is its place.
const SHAPES: [&str; 25] = [
    "dial failed: password=@",
    r#"config {"db_password": "@"}"#,
    "started with --token @ --verbose",
    "started with --api-token=@",
    "pushing to https://builder:@@@registry.example.com/v2/",
    "cannot connect to postgres://shop:@@@db.example.com:5432/shop",
    "sent Authorization: Bearer @",
    "sent Authorization: Basic @",
    "session eyJhbGciOiJIUzI1NiJ9.@.c2lnbmF0dXJl given",
    "key id AKIA@ used",
    "aws_secret_access_key = @",
    "cloned with ghp_@ again",
    "cloned with github_pat_@ again",
    "cloned with glpat-@ again",
    "posted with xoxb-@ again",
    "AccountName=shop;AccountKey=@;EndpointSuffix=core.windows.net",
    "Endpoint=sb://x/;SharedAccessKey=@",
    "GET https://shop.blob.core.windows.net/c?sv=2022&sig=@&se=2026 failed",
    "X-Api-Key: @",
    "client_secret: @",
    "vault login hvs.@ ok",
    r#"pull {"auths": {"registry.example.com": {"auth": "@"}}}"#,
    "Cookie: session=@; theme=dark",
    r#"{\"access_token\":\"@\",\"expires\":60}"#,
    "-----BEGIN PRIVATE KEY-----\n@\n-----END PRIVATE KEY-----",
];
const PLACES: [&str; 8] = [
    "secret",
    "env",
    "command",
    "annotation",
    "argument",
    "corefile",
    "log",
    "event",
];

/// A value that stands nowhere else: upper case and digits, as makers of keys like them.
fn value(place: usize, shape: usize) -> String {
    let seed = (place * SHAPES.len() + shape + 1) as u64;
    let number = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!("Q{number:016X}X{:016X}", number.rotate_left(23) ^ seed)
}

/// All texts of a place.
fn texts(place: &str) -> Vec<String> {
    let at = PLACES.iter().position(|it| *it == place).unwrap();
    let text = |(shape, text): (usize, &&str)| {
        // In an address the first is the secret, the last the separator before the host.
        let text = text.replace("@@@", "@\u{0}");
        text.replace('@', &value(at, shape)).replace('\u{0}', "@")
    };
    SHAPES.iter().enumerate().map(text).collect()
}

fn one_line(place: &str) -> impl Iterator<Item = String> {
    texts(place).into_iter().map(|it| it.replace('\n', "\\n"))
}

/// A scenario with a secret of every shape in every place.
fn planted() -> TempDir {
    let folder = TempDir::new().unwrap();
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/scenarios/aks-base");
    let base = base.canonicalize().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("scenario.yaml", &format!("base: {}\n", json!(base)));

    // The failing pod: environment, command line, annotations with what kubectl applied last.
    let of_base = |name: &str| fs::read_to_string(base.join("objects").join(name)).unwrap();
    let replace = |text: &str, what: &str, by: &str| {
        assert!(text.contains(what), "{what:?} is not in the base");
        text.replacen(what, by, 1)
    };
    let command: Vec<String> = std::iter::once("/web".to_owned())
        .chain(one_line("command"))
        .collect();
    let env = texts("env").into_iter().enumerate();
    let env = env.map(|(at, text)| {
        let value = json!({"name": format!("SETTING_{at}"), "value": text});
        format!("        - {value}\n")
    });
    let annotations = json!({
        "kubectl.kubernetes.io/last-applied-configuration":
            json!({"spec": texts("annotation")}).to_string(),
    });
    let pod = of_base("web-pod.yaml");
    let line = |key: &str| {
        let mut lines = pod
            .lines()
            .filter(|line| line.trim_start().starts_with(key));
        lines.next().expect("the base has it").to_owned()
    };
    let old = format!("  annotations:\n{}\n", line("shop.example.com/"));
    let new = replace(&pod, &old, &format!("  annotations: {annotations}\n"));
    let new = replace(
        &new,
        &line("command:"),
        &format!("      command: {}", json!(command)),
    );
    let env = format!("      env:\n{}", env.collect::<String>());
    let pod = replace(&new, "      env:\n", &env);
    write("objects/web-pod.yaml", &pod);

    // CoreDNS: arguments, which are kept, a file of its configuration, its log, events.
    let mut arguments = vec!["-conf".to_owned(), "/etc/coredns/Corefile".to_owned()];
    arguments.extend(one_line("argument"));
    let pods = of_base("coredns-pods.yaml");
    let plain = "args: [-conf, /etc/coredns/Corefile]";
    write(
        "objects/coredns-pods.yaml",
        &replace(&pods, plain, &format!("args: {}", json!(arguments))),
    );
    let mut server = String::from("corp.internal {\n    forward . 10.1.0.4\n}\n");
    for text in texts("corefile") {
        for line in text.lines() {
            server.extend(["# ", line, "\n"]);
        }
    }
    let data: serde_json::Map<String, Value> = texts("secret")
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("key-{at}"), json!(text)))
        .collect();
    let mut objects = vec![
        json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "coredns-custom", "namespace": "kube-system", "annotations": annotations},
            "data": {"corp.server": server}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "planted", "namespace": "kube-system"}, "data": data}),
    ];
    for (at, text) in texts("event").iter().enumerate() {
        let time = "2026-05-04T09:02:11Z";
        objects.push(json!({"apiVersion": "v1", "kind": "Event",
            "metadata": {"name": format!("planted.{at}"), "namespace": "kube-system", "creationTimestamp": time},
            "involvedObject": {"kind": "Pod", "name": "coredns-6865d647c6-4kxq7", "namespace": "kube-system"},
            "type": "Warning", "reason": "Planted", "message": text, "count": 1,
            "firstTimestamp": time, "lastTimestamp": time}));
    }
    let objects: Vec<String> = objects.iter().map(Value::to_string).collect();
    write("objects/planted.yaml", &objects.join("\n---\n"));
    let lines = texts("log").join("\n");
    let lines = lines
        .lines()
        .map(|line| format!("2026-05-04T09:10:11.000000001Z {line}\n"));
    write(
        "logs/kube-system/coredns-6865d647c6-4kxq7/coredns/current.log",
        &lines.collect::<String>(),
    );
    folder
}

#[test]
fn no_planted_secret_leaves_the_cluster() {
    let folder = planted();
    let Some(cluster) = Cluster::start(folder.path().to_str().unwrap(), &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let bundle = ended.whole_bundle();
    let text =
        |entry: &str| String::from_utf8_lossy(bundle.get(entry).unwrap_or_default()).into_owned();
    // What surrounded them is there: they were read, and taken out.
    assert!(
        text("dns/logs/coredns-6865d647c6-4kxq7/coredns/current-000.log")
            .contains("dial failed: password=")
    );
    assert!(text("dns/events.json").contains("dial failed: password="));
    assert!(text("dns/pods.json").contains("dial failed: password="));
    assert!(text("dns/configmaps/coredns-custom.json").contains("dial failed: password="));
    assert!(text("workload/pod.json").contains("web-7d9c5bb6c4"));
    let log = bundle
        .manifest()
        .redactions
        .iter()
        .find(|it| it.rule == "secrets in logs");
    assert!(
        log.is_some_and(|it| it.count >= 25),
        "{:?}",
        bundle.manifest().redactions
    );

    let manifest = serde_json::to_vec(bundle.manifest()).unwrap();
    let raw = fs::read(ended.path()).unwrap();
    let report = ended.report().to_string();
    let mut seen: Vec<(&str, &[u8])> = vec![
        ("manifest", &manifest),
        ("the file's bytes", &raw),
        ("report", report.as_bytes()),
        ("standard output", ended.out.as_bytes()),
        ("standard error", ended.err.as_bytes()),
    ];
    seen.extend(bundle.entries().map(|(name, bytes)| (name.as_str(), bytes)));
    let mut leaks = Vec::new();
    for (name, bytes) in seen {
        let bytes = String::from_utf8_lossy(bytes);
        for (place, place_name) in PLACES.iter().enumerate() {
            for (shape, text) in SHAPES.iter().enumerate() {
                if bytes.contains(&value(place, shape)) {
                    leaks.push(format!("{place_name}, {text:?} is in {name}"));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}
