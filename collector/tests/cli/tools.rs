//! `digpod corefile`, `resolve` and `netpol`: what a person reads, and how they end.

use insta::assert_snapshot;

use crate::common::{Files, Ran, digpod, mixed, ran, run, run_with, zip};

/// Runs in the folder of the files, so that their names are short and the same everywhere.
fn run_in(files: &Files, arguments: &[&str]) -> Ran {
    ran(digpod(arguments).current_dir(files.dir()).output().unwrap())
}

const FAULTY: &str = "\
.:53 {
    errors
    health {
      lameduk 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa
    forward . /etc/resolv.conf {
       policy sequental
    }
  cache 30 {$FOO}
    import custom/*.override
}
import custom/*.server
";

fn mounted() -> Files {
    let files = Files::new();
    files.write("Corefile", FAULTY);
    std::fs::create_dir(files.path("custom")).unwrap();
    files.write(
        "custom/corp.server",
        "corp.internal:53 {\n    cache 30\n    forward . 10.1.0.4 10.1.0.5\n",
    );
    files.write("custom/more.server", "shop.example {\n    whoami\n}\n");
    files
}

#[test]
fn lint_draws_what_coredns_refuses_and_points_at_the_file_to_blame() {
    let files = mounted();
    let lint = run_in(&files, &["corefile", "lint", "."]);
    assert_eq!(lint.code, Some(1), "{lint:?}");
    assert_snapshot!(lint.out);
}

#[test]
fn a_good_corefile_is_accepted() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: coredns\n  namespace: kube-system\n\
                data:\n  Corefile: |\n    .:53 {\n        errors\n        forward . /etc/resolv.conf\n    }\n";
    let lint = run_with(
        text.as_bytes(),
        &["corefile", "lint", "-", "--coredns", "v1.11.3"],
    );
    assert_eq!(lint.fine(), "CoreDNS 1.11.3 accepts this configuration.\n");
}

#[test]
fn a_bundle_has_the_corefile_too() {
    let files = Files::new();
    files.write("ticket.zip", zip(&mixed()));
    let show = run_in(&files, &["corefile", "show", "ticket.zip"]);
    assert_snapshot!(show.fine());
}

#[test]
fn fmt_prints_checks_and_writes() {
    let files = mounted();
    let printed = run_in(&files, &["corefile", "fmt", "Corefile"]);
    assert_snapshot!(printed.fine());
    let check = run_in(&files, &["corefile", "fmt", "--check", "Corefile"]);
    assert_eq!(
        (check.code, check.out.as_str()),
        (Some(1), "Corefile is not in canonical form\n")
    );
    run_in(&files, &["corefile", "fmt", "--write", "Corefile"]).fine();
    let written = std::fs::read_to_string(files.path("Corefile")).unwrap();
    assert_eq!(written, printed.out);
    assert_eq!(
        run_in(&files, &["corefile", "fmt", "--check", "Corefile"]).code,
        Some(0)
    );
    // A block that is not closed is left alone, and that is said.
    let open = run_in(&files, &["corefile", "fmt", "custom/corp.server"]);
    assert_eq!(open.code, Some(0));
    assert!(open.err.contains("left as they are"), "{open:?}");
    assert_eq!(
        open.out,
        std::fs::read_to_string(files.path("custom/corp.server")).unwrap()
    );
}

#[test]
fn wrong_inputs_of_corefile_commands_are_one_error() {
    let files = Files::new();
    let map = files.write("map.yaml", "apiVersion: v1\nkind: ConfigMap\n");
    run(&["corefile", "fmt", &map]).one_error(3, "no Corefile");
    run(&["corefile", "lint", &map]).one_error(3, "there is no Corefile in it");
    run(&["corefile", "lint", "/nonexistent"]).one_error(3, "cannot be read");
    let main = files.write("Corefile", ".:53 {\n}\n");
    run(&["corefile", "lint", &main, "--coredns", "new"]).one_error(2, "--coredns");
    run(&["corefile", "lint", &main, "--env", "HOST"]).one_error(2, "NAME=VALUE");
    run(&["corefile", "fmt", "--write"]).one_error(2, "--write needs files");
}

const POD: &str = "\
nameserver 10.0.0.10
nameserver 10.0.0.11
nameserver 10.0.0.12
nameserver 10.0.0.13
search shop.svc.cluster.local svc.cluster.local cluster.local
 options ndots:1
options ndots:5 timeout:2 rotate
";

#[test]
fn resolve_lists_the_names_each_resolver_asks_for_and_what_it_ignores() {
    let files = Files::new();
    files.write("resolv.conf", POD);
    let resolve = run_in(
        &files,
        &[
            "resolve",
            "app.corp.internal",
            "--resolv-conf",
            "resolv.conf",
        ],
    );
    assert_snapshot!(resolve.fine());
}

#[test]
fn resolve_walks_through_given_answers() {
    let files = Files::new();
    files.write("resolv.conf", POD);
    let resolve = run_in(
        &files,
        &[
            "resolve",
            "app.corp",
            "--resolv-conf",
            "resolv.conf",
            "--libc",
            "musl-1.2.3",
            "--libc",
            "glibc-2.36",
            "--given",
            "app.corp.svc.cluster.local=NODATA",
            "--given",
            "app.corp=10.1.0.80",
            "--given",
            "10.0.0.10/*=timeout",
        ],
    );
    assert_snapshot!(resolve.fine());
}

#[test]
fn wrong_words_of_resolve_are_usage_errors() {
    run(&["resolve", "x.test", "--libc", "bionic"]).one_error(2, "names no resolver");
    for given in ["a/b/c", "a=maybe", "x/name=NXDOMAIN", "=NXDOMAIN"] {
        run(&["resolve", "x.test", "--given", given]).one_error(2, "--given");
    }
    run(&["resolve", "x.test", "--resolv-conf", "/nonexistent"]).one_error(3, "cannot be read");
}

const POLICIES: &str = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: default-deny
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Egress]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: allow-dns
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app: web
  policyTypes:
  - Egress
  egress:
  - to:
    - namespaceSelector:
        matchLabels:
          name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    ports:
    - port: 53
      protocol: UDP
  - to:
    - namespaceSelector: {}
      podSelector:
        matchLabels:
          k8s-app: kube-dns
    ports:
    - port: 53
";

const CLUSTER: &str = "\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Namespace
  metadata: {name: shop, labels: {kubernetes.io/metadata.name: shop}}
- apiVersion: v1
  kind: Namespace
  metadata: {name: kube-system, labels: {kubernetes.io/metadata.name: kube-system}}
- apiVersion: v1
  kind: Pod
  metadata: {name: web-1, namespace: shop, labels: {app: web}}
  spec: {nodeName: n1, containers: [{name: c}]}
  status: {podIP: 10.244.1.7, phase: Running}
- apiVersion: v1
  kind: Pod
  metadata: {name: db-1, namespace: shop, labels: {app: db}}
  spec: {nodeName: n1, containers: [{name: c}]}
  status: {podIP: 10.244.1.8, phase: Running}
- apiVersion: v1
  kind: Pod
  metadata: {name: coredns-1, namespace: kube-system, labels: {k8s-app: kube-dns}}
  spec: {nodeName: n2, containers: [{name: c}]}
  status: {podIP: 10.244.2.8, phase: Running}
";

fn cluster() -> Files {
    let files = Files::new();
    files.write("policies.yaml", POLICIES);
    files.write("cluster.yaml", CLUSTER);
    files
}

const READ: [&str; 4] = ["-f", "policies.yaml", "-f", "cluster.yaml"];

fn can_reach(files: &Files, ends: &[&str]) -> Ran {
    let words = ["netpol", "can-reach"].iter().chain(ends).chain(&READ);
    run_in(files, &words.copied().collect::<Vec<_>>())
}

#[test]
fn can_reach_names_the_nearest_miss_and_the_fix() {
    let ran = can_reach(&cluster(), &["shop/web-1"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(1), ""), "{ran:?}");
    assert_snapshot!(ran.out);
}

#[test]
fn can_reach_tells_who_of_all_pods_is_cut_off() {
    let ran = can_reach(&cluster(), &["all", "dns"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_snapshot!(ran.out);
}

#[test]
fn can_reach_says_what_the_api_leaves_open() {
    let ran = can_reach(
        &cluster(),
        &[
            "shop/app=api@10.244.1.9",
            "169.254.20.10",
            "--protocol",
            "udp",
        ],
    );
    assert_snapshot!(ran.out);
}

#[test]
fn wrong_ends_and_files_of_can_reach_are_one_error() {
    let files = cluster();
    let missing = can_reach(&files, &["shop/web-9"]);
    missing.one_error(3, "there is no pod shop/web-9 in the files");
    assert!(missing.err.contains("web-1, db-1"), "{missing:?}");
    can_reach(&files, &["web-1"]).one_error(2, "names no pod and no address");
    can_reach(&files, &["shop/web-1", "--protocol", "ICMP"]).one_error(2, "--protocol");
    let nothing = run(&["netpol", "can-reach", "a/b", "-f", "/dev/null"]);
    nothing.one_error(3, "no policy, namespace or pod");
}

const SERVICE: &str = "\
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system}
spec:
  clusterIP: 10.0.0.10
  selector: {k8s-app: kube-dns}
  ports:
  - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
  - {name: dns-tcp, port: 53, protocol: TCP, targetPort: 5353}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: service-only, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Egress]
  egress:
  - to: [{ipBlock: {cidr: 10.0.0.10/32}}]
";

#[test]
fn can_reach_asks_the_pods_behind_a_service_on_their_port() {
    let files = Files::new();
    files.write("service.yaml", SERVICE);
    files.write("cluster.yaml", CLUSTER);
    for to in ["10.0.0.10", "kube-system/kube-dns", "dns"] {
        let words = ["netpol", "can-reach", "shop/app=api@10.244.1.9", to];
        let rest = [
            "-f",
            "service.yaml",
            "-f",
            "cluster.yaml",
            "--protocol",
            "udp",
        ];
        let ran = run_in(&files, &[&words[..], &rest[..]].concat());
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(
            ran.out.starts_with(
                "a pod app=api in shop -> kube-system/coredns-1 (behind Service kube-system/kube-dns \
                 10.0.0.10:53), UDP 5353: not certain; most network plugins: denied\n"
            ),
            "{to}: {}",
            ran.out
        );
    }
}

#[test]
fn what_was_not_read_makes_verdicts_doubtful_and_ends_with_3() {
    let files = cluster();
    let broken = POLICIES.replace("    - port: 53\n      protocol: UDP", "    - port: [53]");
    files.write("policies.yaml", &broken);
    let ran = can_reach(&files, &["shop/web-1", "--protocol", "tcp"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(
        ran.out.starts_with(
            "warning: policies.yaml:10: NetworkPolicy allow-dns is not read: a port is neither a \
             number nor a name; it may deny"
        ),
        "{}",
        ran.out
    );
    files.write(
        "policies.yaml",
        POLICIES.replace("egress:\n", "egress:\n\t"),
    );
    let ran = can_reach(&files, &["shop/web-1", "--protocol", "tcp"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    assert!(ran.out.contains("line 22 column"), "{}", ran.out);
}

#[test]
fn policies_without_a_namespace_are_said_or_given_one() {
    let files = cluster();
    files.write("policies.yaml", POLICIES.replace("  namespace: shop\n", ""));
    let ran = can_reach(&files, &["shop/db-1"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(
        ran.out.contains("default-deny names no namespace"),
        "{}",
        ran.out
    );
    let ran = can_reach(&files, &["shop/db-1", "-n", "shop"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
}

#[test]
fn slips_in_the_ends_of_a_flow_are_errors_and_never_allowed() {
    let files = cluster();
    can_reach(&files, &["shpo/app=web"]).one_error(3, "there is no namespace shpo");
    for from in ["shop/app==web", "shop/app!=web", "8.8.8.0/24"] {
        can_reach(&files, &[from]).one_error(2, "FROM");
    }
    can_reach(&files, &["shop/web-1", "all"]).one_error(2, "TO cannot be `all`");
    assert_eq!(can_reach(&files, &["shop/web-1", "-p", "0"]).code, Some(2));
}

/// A bundle's list without policies is none of them.
#[test]
fn an_empty_list_is_no_policy() {
    let files = Files::new();
    let mut bundle = mixed();
    let empty = serde_json::json!({"metadata": {"resourceVersion": "7"}});
    let item = digpod_bundle::Item::default;
    for entry in [
        digpod_bundle::layout::WORKLOAD_NETWORK_POLICIES,
        digpod_bundle::layout::DNS_NETWORK_POLICIES,
        digpod_bundle::layout::DNS_PODS,
    ] {
        bundle.add_json(entry, &empty, item()).unwrap();
    }
    let pod = serde_json::json!({"metadata": {"name": "web", "namespace": "shop"},
        "status": {"podIP": "10.244.0.9"}});
    let entry = digpod_bundle::layout::WORKLOAD_POD;
    bundle.add_json(entry, &pod, item()).unwrap();
    files.write("b.zip", zip(&bundle));
    let ran = run_in(
        &files,
        &["netpol", "can-reach", "shop/web", "10.0.0.1", "-f", "b.zip"],
    );
    let shown = ran.fine();
    assert!(shown.contains("open: no policy selects the pod"), "{shown}");
    assert!(!shown.contains("warning"), "{shown}");
}
