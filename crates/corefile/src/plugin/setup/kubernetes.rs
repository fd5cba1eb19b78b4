//! `kubernetes` and `k8s_external`.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::labels;
use crate::plugin::values::{self, quote};
use crate::tree::Word;

#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether a property was given"
)]
struct State<'a> {
    zones: Vec<String>,
    has_namespaces: bool,
    has_namespace_labels: bool,
    multicluster: Vec<String>,
    multicluster_word: Option<&'a Word>,
    zonal: bool,
    no_endpoints: bool,
}

pub(super) fn kubernetes(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.tokens.args();
            let zones = setup.origins(&args);
            // `in-addr.arpa.` itself does not count as reverse, only what is below it.
            let is_reverse =
                |zone: &String| zone.ends_with(".in-addr.arpa.") || zone.ends_with(".ip6.arpa.");
            if zones.iter().all(is_reverse) {
                let help = "Name the cluster's domain first: `kubernetes cluster.local in-addr.arpa ip6.arpa`.";
                return Err(setup.bare("non-reverse zone name must be used").help(help));
            }
            Ok(State {
                zones,
                ..State::default()
            })
        },
        property,
        |setup, state| {
            if state.has_namespaces && state.has_namespace_labels {
                return Err(setup.err("namespaces and namespace_labels cannot both be set"));
            }
            for zone in &state.multicluster {
                if state.zones.contains(zone) {
                    continue;
                }
                let message = if setup.since(14, 4) {
                    format!(
                        "is not authoritative for the multicluster zone {zone} (authoritative zones: [{}])",
                        state.zones.join(" ")
                    )
                } else {
                    format!("is not authoritative for the multicluster zone {zone}")
                };
                let fault = setup.err(message);
                return Err(match state.multicluster_word {
                    Some(word) => fault.on(word),
                    None => fault,
                });
            }
            if state.zonal && state.no_endpoints {
                return Err(setup.err("zonal requires the endpoint cache; remove noendpoints"));
            }
            Ok(())
        },
    );
}

fn property<'a>(setup: &mut Setup<'a>, state: &mut State<'a>, name: &str) -> Outcome {
    if setup.property(name).is_none() {
        let help = advice::unknown(setup.plugin, setup.version, name);
        return Err(setup.unknown().help(help));
    }
    match name {
        "endpoint_pod_names" => setup.args(0, 0).map(|_| ()),
        "noendpoints" => {
            state.no_endpoints = true;
            setup.args(0, 0).map(|_| ())
        }
        "zonal" => {
            state.zonal = true;
            setup.args(0, 0).map(|_| ())
        }
        "pods" => {
            let args = setup.args(1, 1)?;
            match args.first() {
                Some(word)
                    if !matches!(word.text.as_str(), "disabled" | "insecure" | "verified") =>
                {
                    let message = format!(
                        "wrong value for pods: {},  must be one of: disabled, verified, insecure",
                        word.text
                    );
                    Err(setup.bare(message).on(word))
                }
                _ => Ok(()),
            }
        }
        "namespaces" => {
            state.has_namespaces = true;
            setup.args(1, usize::MAX).map(|_| ())
        }
        "endpoint" => {
            let args = setup.args(1, usize::MAX)?;
            if let Some(second) = args.get(1) {
                let message = "CoreDNS uses only the first endpoint";
                setup.note(message, second, "Name one endpoint, or a load balancer.");
            }
            Ok(())
        }
        "tls" => setup.args(3, 3).map(|_| ()),
        "labels" => selector(setup, "label selector"),
        "namespace_labels" => {
            state.has_namespace_labels = true;
            selector(setup, "namespace_label selector")
        }
        "fallthrough" | "upstream" | "transfer" => {
            setup.tokens.args();
            Ok(())
        }
        "resyncperiod" if setup.since(6, 0) => Ok(()),
        "resyncperiod" => {
            let args = setup.args(1, usize::MAX)?;
            args.first()
                .map_or(Ok(()), |word| setup.duration(word).map(|_| ()))
        }
        "ttl" => ttl(setup),
        "ignore" => {
            let args = setup.tokens.args();
            match args.first() {
                Some(word) if word.text != "empty_service" => {
                    let message = format!("unable to parse ignore value: '{}'", word.text);
                    Err(setup.bare(message).on(word))
                }
                _ => Ok(()),
            }
        }
        "kubeconfig" => setup.args(1, 2).map(|_| ()),
        "multicluster" => {
            let args = setup.tokens.args();
            state.multicluster_word = args.first().copied();
            state.multicluster = args
                .iter()
                .flat_map(|word| values::zones(&word.text))
                .collect();
            Ok(())
        }
        _ => api(setup, name),
    }
}

/// Properties that say how to talk to the API server.
fn api(setup: &mut Setup<'_>, name: &str) -> Outcome {
    match name {
        "startup_timeout" => {
            let args = setup.args(1, usize::MAX)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            values::duration(&word.text).map(|_| ()).map_err(|message| {
                let message = format!("failed to parse startup_timeout: {}, {message}", word.text);
                setup.bare(message).on(word).help(advice::DURATION)
            })
        }
        "apiserver_qps" => {
            let args = setup.args(1, 1)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            let rate = values::parse_fraction(&word.text).map_err(|message| {
                let message = format!("invalid apiserver_qps {}: {message}", quote(&word.text));
                setup.err(message).on(word)
            })?;
            if rate.is_negative {
                return Err(setup.err("apiserver_qps must be >= 0").on(word));
            }
            Ok(())
        }
        "apiserver_burst" | "apiserver_max_inflight" => {
            let args = setup.args(1, 1)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            let number = values::atoi(&word.text).map_err(|message| {
                let message = format!("invalid {name} {}: {message}", quote(&word.text));
                setup.err(message).on(word)
            })?;
            if number < 0 {
                return Err(setup.err(format!("{name} must be >= 0")).on(word));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn selector(setup: &mut Setup<'_>, what: &str) -> Outcome {
    let args = setup.args(1, usize::MAX)?;
    let words: Vec<&str> = args.iter().map(|word| word.text.as_str()).collect();
    let text = words.join(" ");
    let Some(first) = args.first() else {
        return Ok(());
    };
    labels::check(&text).map_err(|message| {
        let message = format!("unable to parse {what} value: '{text}': {message}");
        let help =
            "Write a label selector: `app=web,tier in (a, b)`. `!=`, `<` and `>` are not taken.";
        setup.bare(message).on(first).help(help)
    })
}

fn ttl(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.args(1, usize::MAX)?;
    let Some(word) = args.first() else {
        return Ok(());
    };
    let ttl = setup.number(word)?;
    if !(0..=3600).contains(&ttl) {
        let message = format!("ttl must be in range [0, 3600]: {ttl}");
        return Err(setup.err(message).on(word));
    }
    Ok(())
}

pub(super) fn external(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            match name {
                "ttl" => ttl(setup),
                "apex" => setup.args(1, usize::MAX).map(|_| ()),
                "fallthrough" => {
                    setup.tokens.args();
                    Ok(())
                }
                _ => Ok(()),
            }
        },
        no_end,
    );
    if setup.block.directive("kubernetes").is_none()
        && let Some(directive) = setup.block.directive("k8s_external")
    {
        let message =
            "CoreDNS stops when it starts: k8s_external needs kubernetes in the same server block";
        setup.note(
            message,
            &directive.name,
            "Add `kubernetes` to the block, or remove `k8s_external`.",
        );
    }
}
