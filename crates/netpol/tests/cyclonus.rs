//! The evaluator agrees with cyclonus' matcher, and its problems with what Kubernetes itself refuses.
//!
//! `DIGPOD_REFERENCE_NETPOL` names the program that tests/reference/netpol builds; without it
//! nothing is compared.

#[path = "reference/mod.rs"]
mod reference;
#[path = "support/seeded.rs"]
mod seeded;
#[path = "support/mod.rs"]
mod support;

#[path = "support/count.rs"]
mod count;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use digpod_netpol::{Direction, Endpoint, NAMESPACE_NAME_LABEL, Pod, PolicySet, validate};
use reference::brute::{self, Case, USUAL, World};
use reference::generate::{Kind, cases};
use seeded::Seeded;
use serde_json::{Value, json};

/// A difference and the world in which it is so.
type Class = (&'static str, fn(&mut World));

/// Ways in which cyclonus differs; the crate's README says why each is not ours to follow.
const CLASSES: [Class; 5] = [
    ("NotIn where the label is absent", |world| {
        world.not_in_needs_the_label = true;
    }),
    ("an empty value where the label is absent", |world| {
        world.absent_is_empty = true;
    }),
    ("a pod to itself", |world| world.no_way_to_itself = true),
    ("a node to its pods", |world| world.knows_no_nodes = true),
    ("pods in their node's network", |world| {
        world.host_network_is_selected = true;
    }),
];

/// Cyclonus reads ranges with today's Go, which refuses what the API server takes.
const LEADING_ZEROS: &str = "ranges with leading zeros";

#[test]
fn agrees_with_cyclonus_and_with_the_api_server() {
    let Ok(program) = std::env::var("DIGPOD_REFERENCE_NETPOL") else {
        println!("skipped: DIGPOD_REFERENCE_NETPOL names no reference program");
        return;
    };
    let wanted = count::count("DIGPOD_REFERENCE_CASES", 10_000);
    let mut asked = Vec::new();
    for seed in 0.. {
        if asked.len() >= 2 * wanted {
            break;
        }
        let kind = Kind {
            invalid: seed % 2 == 1,
            everything: false,
        };
        asked.extend(cases(&mut Seeded(1_000_000 + seed), kind, 4));
    }
    let answers = ask(&program, &asked);
    assert_eq!(answers.len(), asked.len());

    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut compared = 0;
    let mut policies = 0;
    for (case, answer) in asked.iter().zip(&answers) {
        let set = support::compile(case);
        policies += compare_policies(case, &set, answer);
        let refused = answer["refused"].as_array().expect("a list");
        if refused.iter().any(|it| it != &json!([])) {
            continue;
        }
        compared += 1;
        let class = compare_verdict(case, &set, answer);
        *counts.entry(class).or_default() += 1;
    }
    println!("{compared} flows: {counts:?}; {policies} policies as Kubernetes validates them");
    assert!(compared >= wanted, "{compared} flows");
}

/// Problems, warnings and pod selectors of each policy; how many were compared.
fn compare_policies(case: &Case, set: &PolicySet, answer: &Value) -> usize {
    for (number, policy) in set.policies().iter().enumerate() {
        let (mut refused, mut warnings) = (Vec::new(), Vec::new());
        for problem in validate(policy) {
            let list = if problem.refused {
                &mut refused
            } else {
                &mut warnings
            };
            list.push(problem.message);
        }
        refused.sort();
        warnings.sort();
        let expected = &answer["refused"][number];
        assert_eq!(&json!(refused), expected, "{:#}", case.policies[number]);
        if refused.is_empty() {
            let expected = &answer["warnings"][number];
            assert_eq!(&json!(warnings), expected, "{:#}", case.policies[number]);
        }
        // A policy of its own tells what its selector selects.
        let mut alone = policy.clone();
        alone.metadata.namespace = Some("here".to_owned());
        alone.spec.policy_types = Some(vec!["Egress".to_owned()]);
        let alone = PolicySet::compile([alone], []);
        let pod = Pod {
            namespace: "here".to_owned(),
            labels: brute::labels(&case.from),
            ..Pod::default()
        };
        let selects = !alone
            .isolating(&Endpoint::Pod(pod), Direction::Egress)
            .is_empty();
        let expected = answer["selects"][number].as_bool().unwrap_or(false);
        assert_eq!(
            selects, expected,
            "{:#}\n{:#}",
            case.policies[number], case.from
        );
    }
    set.policies().len()
}

/// The class of the difference.
fn compare_verdict(case: &Case, set: &PolicySet, answer: &Value) -> &'static str {
    let usual = support::verdict(set, case).usual().expect("both take part");
    assert_eq!(support::answer(set, case), brute::answer(case));
    let ours = (usual.egress.is_some(), usual.ingress.is_some());
    assert_eq!(ours, directions(case, USUAL));
    let (Some(egress), Some(ingress)) = (answer["egress"].as_bool(), answer["ingress"].as_bool())
    else {
        let error = answer["error"].as_str().expect("an error");
        assert!(
            error.contains("invalid CIDR address: 0") || error.contains("/08"),
            "{error}"
        );
        return LEADING_ZEROS;
    };
    let theirs = (egress, ingress);
    if theirs == ours {
        return "equal";
    }
    // The fewest of the known differences that together give their answer.
    let mut sets: Vec<u32> = (1..1 << CLASSES.len()).collect();
    sets.sort_by_key(|set| set.count_ones());
    for set in sets {
        let mut world = USUAL;
        let chosen = CLASSES
            .iter()
            .enumerate()
            .filter(|(bit, _)| set & (1 << bit) != 0);
        let mut name = "";
        for (_, (class, change)) in chosen {
            change(&mut world);
            name = class;
        }
        if directions(case, world) == theirs {
            return if set.is_power_of_two() {
                name
            } else {
                "several of these"
            };
        }
    }
    panic!("cyclonus says {theirs:?}, we say {ours:?}: {case:#?}");
}

fn directions(case: &Case, world: World) -> (bool, bool) {
    (brute::egress(case, world), brute::ingress(case, world))
}

fn ask(program: &str, cases: &[Case]) -> Vec<Value> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the reference program starts");
    let mut input = child.stdin.take().expect("its input");
    let lines: Vec<String> = cases
        .iter()
        .map(|case| question(case).to_string())
        .collect();
    let writer = std::thread::spawn(move || {
        for line in lines {
            writeln!(input, "{line}").expect("it reads");
        }
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("everything was asked");
    assert!(output.status.success());
    serde_json::Deserializer::from_slice(&output.stdout)
        .into_iter()
        .map(|answer| answer.expect("an answer"))
        .collect()
}

fn question(case: &Case) -> Value {
    let names: Vec<String> = brute::named_ports(&case.to, &case.protocol)
        .into_iter()
        .filter(|(_, port)| *port == i64::from(case.port))
        .map(|(name, _)| name)
        .collect();
    json!({
        "policies": case.policies,
        "from": end(&case.from, case),
        "to": end(&case.to, case),
        "protocol": case.protocol,
        "port": case.port,
        "portNames": names,
        "labels": brute::labels(&case.from),
    })
}

fn end(end: &Value, case: &Case) -> Value {
    if !brute::is_pod(end) {
        return json!({"ip": end["ip"]});
    }
    let namespace = brute::namespace(end);
    let object = case
        .namespaces
        .iter()
        .find(|it| it["metadata"]["name"] == *namespace);
    let labels = object.map_or_else(
        || json!({NAMESPACE_NAME_LABEL: namespace}),
        |object| json!(brute::labels(object)),
    );
    json!({
        "ip": end["status"]["podIP"],
        "namespace": namespace,
        "namespaceLabels": labels,
        "labels": brute::labels(end),
    })
}
