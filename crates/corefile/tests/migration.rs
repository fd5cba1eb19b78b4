//! Compares the table of plugins with github.com/coredns/corefile-migration for every version that
//! module knows: see tests/reference/migration.
//!
//! `DIGPOD_REFERENCE_MIGRATION` names the program that is built there; without it nothing is
//! compared.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::process::{Command, Stdio};

use digpod_corefile::plugin::{self, Status, Version};
use digpod_corefile::{Source, parse};
use serde_json::Value;

/// Where the module and CoreDNS's own source differ, and we follow the source: plugin, option, first
/// and last version, reason.
const KNOWN: &[(&str, &str, Version, Version, &str)] = &[
    (
        "cache",
        "serve_stale",
        Version::new(1, 7, 0),
        Version::new(1, 9, 3),
        "the module goes back to its first list for `cache`; plugin/cache/setup.go has it from 1.6.6 on",
    ),
    (
        "forward",
        "fail_fast",
        Version::new(1, 11, 4),
        Version::new(1, 11, 4),
        "never was in plugin/forward/setup.go of a release",
    ),
    (
        "forward",
        "failfast_all_unhealthy_upstreams",
        Version::new(1, 12, 0),
        Version::new(1, 12, 0),
        "plugin/forward/setup.go has it from 1.12.1 on",
    ),
    (
        "hosts",
        "no_reverse",
        Version::new(1, 1, 4),
        Version::new(1, 3, 1),
        "plugin/hosts/setup.go has it from 1.4.0 on; before, the line was taken for a line of hosts",
    ),
    (
        "hosts",
        "reload",
        Version::new(1, 1, 4),
        Version::new(1, 3, 1),
        "plugin/hosts/setup.go has it from 1.4.0 on; before, the line was taken for a line of hosts",
    ),
    (
        "hosts",
        "ttl",
        Version::new(1, 1, 4),
        Version::new(1, 3, 1),
        "plugin/hosts/setup.go has it from 1.4.0 on; before, the line was taken for a line of hosts",
    ),
    (
        "kubernetes",
        "endpoint",
        Version::new(1, 3, 1),
        Version::new(1, 15, 0),
        "only its second and further arguments are ignored; check() says so at the argument",
    ),
    (
        "proxy",
        "protocol",
        Version::new(1, 1, 4),
        Version::new(1, 3, 1),
        "only its argument `https_google` was ignored and removed",
    ),
    (
        "rewrite",
        "cname_target",
        Version::new(1, 11, 0),
        Version::new(1, 15, 0),
        "the field is named `cname` in plugin/rewrite/rewrite.go, from 1.11.0 on",
    ),
];

fn known(plugin: &str, option: &str, version: Version) -> Option<&'static str> {
    KNOWN
        .iter()
        .find(|(p, o, from, to, _)| {
            *p == plugin && *o == option && (*from..=*to).contains(&version)
        })
        .map(|(.., reason)| *reason)
}

struct Release {
    version: Version,
    plugins: BTreeMap<String, Known>,
}

/// What the module knows of a plugin.
struct Known {
    status: String,
    /// Options with their status.
    options: BTreeMap<String, String>,
    /// Options that were asked for and are not supported.
    unknown: BTreeSet<String>,
}

fn ask(program: &str) -> Vec<Release> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the reference program starts");
    let mut names = child.stdin.take().expect("its standard input");
    for plugin in plugin::table() {
        writeln!(names, "{}", plugin.name).expect("it reads");
        for property in plugin.properties {
            writeln!(names, "{} {}", plugin.name, property.name).expect("it reads");
        }
    }
    drop(names);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "the reference program failed");
    let releases: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list(&releases)
        .iter()
        .map(|release| Release {
            version: Version::parse(&text(&release["version"])).expect("a version"),
            plugins: list(&release["plugins"])
                .iter()
                .map(|plugin| {
                    let options = list(&plugin["options"])
                        .iter()
                        .map(|option| (text(&option["name"]), text(&option["status"])))
                        .collect();
                    let unknown = list(&plugin["unknown"]).iter().map(&text).collect();
                    {
                        let status = text(&plugin["status"]);
                        let known = Known {
                            status,
                            options,
                            unknown,
                        };
                        (text(&plugin["name"]), known)
                    }
                })
                .collect(),
        })
        .collect()
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Works => "",
        Status::Deprecated => "deprecated",
        Status::Ignored => "ignored",
        Status::Removed => "removed",
        Status::NotYet => "not there",
    }
}

/// How we judge an option: by the table, or by the setup where the module's options are no
/// properties.
fn ours(plugin: &str, option: &str, version: Version) -> &'static str {
    let line = match (plugin, option) {
        ("hosts", "10.0.0.1") => "hosts {\n10.0.0.1 a.example.org\n}",
        ("rewrite", "type") => "rewrite type ANY HINFO",
        ("rewrite", "class") => "rewrite class CH IN",
        ("rewrite", "name") => "rewrite name a.example.org b.example.org",
        ("rewrite", "answer name") => "rewrite name regex (.*)a (.*)b answer name (.*)b (.*)a",
        ("rewrite", "edns0") => "rewrite edns0 nsid set",
        ("rewrite", "ttl") => "rewrite ttl example.org 30",
        ("rewrite", "cname_target") => "rewrite cname_target a.example.org b.example.org",
        _ => {
            let status = plugin::find(plugin)
                .and_then(|plugin| plugin.property(option))
                .map_or(Status::NotYet, |property| property.status(version));
            return word(status);
        }
    };
    let text = format!(".:53 {{\n{line}\n}}\n");
    let corefile = parse(Source::new("Corefile", text), Vec::new());
    let refused = plugin::check(&corefile, version)
        .iter()
        .any(|problem| problem.refused);
    if refused { "not there" } else { "" }
}

#[test]
fn our_table_agrees_with_corefile_migration_for_every_version_that_module_knows() {
    let Ok(program) = std::env::var("DIGPOD_REFERENCE_MIGRATION") else {
        println!("skipped: DIGPOD_REFERENCE_MIGRATION does not name the reference program");
        return;
    };
    let releases = ask(&program);
    // What the module never supports, it says nothing about.
    let spoken: BTreeSet<(&str, &str)> = releases
        .iter()
        .flat_map(|release| &release.plugins)
        .flat_map(|(plugin, known)| {
            known
                .options
                .keys()
                .map(|option| (plugin.as_str(), option.as_str()))
        })
        .collect();
    let (mut compared, mut differ) = (0, Vec::new());
    let mut listed: BTreeMap<(String, String), Vec<Version>> = BTreeMap::new();
    let mut compare = |plugin: &str, option: &str, version: Version, theirs: &str, ours: &str| {
        compared += 1;
        if theirs == ours {
            return;
        }
        if known(plugin, option, version).is_some() {
            let key = (plugin.to_owned(), option.to_owned());
            listed.entry(key).or_default().push(version);
        } else {
            differ.push(format!(
                "{version} {plugin} {option}: module {theirs:?}, we {ours:?}"
            ));
        }
    };
    for release in &releases {
        let version = release.version;
        for (name, known) in &release.plugins {
            let Known {
                status,
                options,
                unknown,
            } = known;
            let plugin = plugin::find(name);
            let mine = plugin.map_or(Status::NotYet, |plugin| plugin.status(version));
            compare(name, "", version, status, word(mine));
            if mine == Status::Removed {
                // Nothing of it works, whatever the module says of its options.
                continue;
            }
            for (option, status) in options {
                compare(name, option, version, status, ours(name, option, version));
            }
            for option in unknown {
                if !spoken.contains(&(name.as_str(), option.as_str())) {
                    continue;
                }
                let mine = match ours(name, option, version) {
                    "removed" => "not there",
                    mine => mine,
                };
                compare(name, option, version, "not there", mine);
            }
        }
    }
    println!(
        "compared {compared} statuses of {} versions, {} to {}",
        releases.len(),
        releases
            .first()
            .map_or(Version::OLDEST, |first| first.version),
        releases.last().map_or(Version::OLDEST, |last| last.version),
    );
    for ((plugin, option), versions) in &listed {
        let (first, last) = (versions[0], versions[versions.len() - 1]);
        let reason = known(plugin, option, first).expect("a listed reason");
        println!("  listed: {plugin} {option} {first} to {last}: {reason}");
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(compared > 1000, "only {compared} statuses were compared");
    for (plugin, option, ..) in KNOWN {
        let used = listed.contains_key(&((*plugin).to_owned(), (*option).to_owned()));
        assert!(used, "{plugin} {option} is listed and agrees");
    }
}
