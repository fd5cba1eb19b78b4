use digpod_probe::{NameClass, ServerRole};

use crate::facts::names::plain;
use crate::facts::readings::Reading;
use crate::facts::{Facts, Seen, addresses, layers, own_servers, vantages, watched};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;

declare_rule! {
    /// DNS answers everything now, from the failing pod's place.
    ///
    /// ## What it does
    /// Looks at what the sibling of the failing pod got through the DNS Service: it fires when names of
    /// the cluster, public names and those in question all work each time, and none of the pod's servers
    /// left any question without an answer, over TCP, for AAAA, in pairs and along the search list
    /// included.
    ///
    /// ## Why it matters
    /// Then DNS is not what fails at this moment: the fault comes and goes, or it lies behind the name:
    /// the connection to the address, a firewall, TLS. A fault that shows in fewer than one of twenty
    /// tries can pass unseen.
    ///
    /// ## How to fix
    /// If it comes and goes, keep asking until it fails. If names resolve and the program still fails,
    /// look at the connection to the address.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    "probes/dns-answers-now", Info, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    vantages::need(facts, "workload")?;
    let of = |class| layers::through_service(facts, "workload", &[class]);
    let classes = [NameClass::Custom, NameClass::Cluster, NameClass::Public];
    let readings: Vec<Reading<'_>> = classes.into_iter().map(of).collect();
    let well = |it: &Reading<'_>| it.good == it.tries;
    let asked = |it: &&Reading<'_>| it.tries > 0;
    let enough = readings.iter().filter(asked).count() >= 2;
    // Without a name in question nobody knows what should have failed.
    let of_user = &readings[0];
    if !enough || of_user.tries < 3 || !readings.iter().filter(asked).all(well) {
        return Ok(());
    }
    if own_servers::failed(facts) {
        return Ok(());
    }
    let Some(primary) = of_user.cite() else {
        return Ok(());
    };
    let mut names: Vec<String> = of_user
        .rows
        .iter()
        .map(|row| plain(&row.name).to_owned())
        .collect();
    names.dedup();
    let tries = of_user.tries;
    let message = format!(
        "{} and all other names resolve now from {}, in {} of {tries} tries",
        addresses::list(&names),
        facts.place("workload"),
        of_user.good,
    );
    let finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary);
    let others = readings.iter().skip(1).filter_map(Reading::cite);
    let finding = others.fold(finding, Finding::because);
    let finding = match watched::read(facts.bundle()) {
        Some(watched) if watched.failure.is_some() => {
            finding.contradicted(watched.cite(format!("before, {}", watched.words())))
        }
        Some(watched) => finding.because(watched.cite(watched.words())),
        None => finding,
    };
    let cached = facts
        .probes
        .reading(|row| row.role == ServerRole::NodeLocal)
        .tries
        > 0;
    findings.push(
        finding
            .explain(format!(
                "{tries} tries without a failure leave room for a failure rate of up to {} % (19 times of \
                 20).{}",
                most_percent(tries),
                if cached { " A cache on the node answered, which may hide its servers' failures." } else { "" },
            ))
            .fix(
                "If it comes and goes: keep asking until it fails, so that logs and servers are seen at that \
                 moment",
                Some(format!("digpod collect --until-failure 10m {}", names.join(" "))),
            )
            .fix("If the program still fails: look at the connection to the address, not at its name", None),
    );
    Ok(())
}

/// The failure rate that so many good tries do not exclude, in percent, rounded up: three by the tries
/// (the rule of three, 95 %).
fn most_percent(tries: u32) -> u32 {
    (300_u32).div_ceil(tries.max(3))
}
