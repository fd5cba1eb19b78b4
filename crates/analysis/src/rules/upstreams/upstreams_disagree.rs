use digpod_probe::NameClass;

use crate::facts::disagreement::{self, Disagreement};
use crate::facts::{Facts, Gap, Lack, Seen, addresses, cure, missing, names};
use crate::finding::{Confidence, Finding, Findings, Severity};
use crate::rule::declare_rule;

declare_rule! {
    /// The upstreams of one `forward` say different things about the same name.
    ///
    /// ## What it does
    /// Takes the `forward` that really serves each probed name (longest zone match, imports of
    /// `coredns-custom` included), and compares what its upstreams answered to the same vantage:
    /// OK, NODATA, NXDOMAIN, SERVFAIL or REFUSED, and for private names the addresses. AAAA
    /// answers that are NODATA here and NXDOMAIN there are no disagreement, nor are different
    /// addresses of public names.
    ///
    /// ## Why it matters
    /// CoreDNS takes any answer as final, NXDOMAIN included: it asks a second server only when the
    /// first one does not answer at all. With `policy random` (the default) a name that `b` of `n`
    /// servers do not know fails for about `b/n` of the queries that the cache cannot answer, and
    /// the cache stretches each wrong answer. A node works all the same, because its resolver asks
    /// the servers in listed order.
    ///
    /// ## How to fix
    /// Make the servers equivalent: give each one the zone, or a forwarder that has it, or take the
    /// server without it out of the list. Until then, a server block of its own sends the zone to
    /// the servers that know it. `policy sequential` alone only hides the fault until the first
    /// server is slow.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/forward/>
    /// - <https://coredns.io/plugins/cache/>
    /// - <https://learn.microsoft.com/troubleshoot/azure/azure-kubernetes/connectivity/dns/troubleshoot-dns-failure-from-pod-but-not-from-worker-node>
    "upstreams/upstreams-disagree", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    facts.corefile()?;
    facts.upstream_lists()?;
    for disagreement in disagreement::all(facts) {
        findings.push(finding(facts, &disagreement));
    }
    facts.probes.seen(facts.bundle())?;
    unseen(facts)
}

fn finding(facts: &Facts<'_>, disagreement: &Disagreement<'_>) -> Finding {
    let mut evidence = disagreement.evidence().into_iter();
    let primary = evidence
        .next()
        .unwrap_or_else(|| disagreement::cite_choice(disagreement.list()));
    let finding = Finding::new(
        &RULE,
        disagreement.confidence(facts),
        disagreement.scope(),
        disagreement.message(),
        primary,
    );
    let finding = evidence.fold(finding, Finding::because);
    let list = disagreement.list();
    let first = disagreement.first();
    let bad: Vec<String> = first.bad.iter().map(|said| said.address.clone()).collect();
    let first_listed = list.servers.first().map(|server| &server.address);
    let latent = !list.draws() && !first_listed.is_some_and(|address| bad.contains(address));
    // The public name is digpod's own, or was said to stand for all of them.
    let public = first.class == NameClass::Public;
    let zone = if public {
        "public names".to_owned()
    } else {
        cure::zone_of(&first.name)
    };
    let finding = finding
        .severity(if latent { Severity::Medium } else { Severity::High })
        .explain(disagreement.explanation())
        .explaining(if latent { Vec::new() } else { disagreement.symptoms() })
        .fix(
            format!(
                "Make the servers equivalent: let {} answer {} as {} does (zone transfer, forwarder, \
                 private zone link), or take it out of the list",
                addresses::list(&bad),
                zone,
                addresses::list(&disagreement.good()),
            ),
            None,
        );
    let finding = if public {
        finding
    } else {
        let block = cure::own_block(facts, list, &first.name, &disagreement.good());
        cure::with_step(finding, block)
    };
    let finding = disagreement.contradictions(finding);
    if finding.confidence == Confidence::Proven {
        return finding;
    }
    finding.decide(
        "Ask every upstream again, several times each",
        Some(format!(
            "digpod collect {}",
            cure::word(names::plain(&first.name), "NAME")
        )),
    )
}

/// A failing name whose servers are several and were not compared was not judged.
fn unseen(facts: &Facts<'_>) -> Seen<()> {
    for failing in &facts.failing {
        let Some(list) = facts.serving(&failing.name) else {
            continue;
        };
        if let Some(gap) = &list.unknown {
            return Err(gap.clone());
        }
        let compared = facts
            .comparisons()
            .iter()
            .any(|it| it.list.forward == list.forward);
        if list.servers.len() > 1 && !compared {
            let entry = "probes/workload/records.json";
            return Err(match facts.bundle().get(entry) {
                Some(_) => Gap {
                    entry: entry.to_owned(),
                    reason: "holds no answers of two upstreams to the same question".to_owned(),
                    lacks: Lack::Questions,
                },
                None => missing::gap(facts.bundle(), entry),
            });
        }
    }
    Ok(())
}
