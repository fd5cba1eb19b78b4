use crate::facts::addresses::list as words;
use crate::facts::names::plain;
use crate::facts::probes::cite_row;
use crate::facts::resolv_confs::ResolvFile;
use crate::facts::search::{self, Walk};
use crate::facts::unfound::{self, Unfound};
use crate::facts::{Facts, Seen, cite, search_words, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A name that exists is not found by programs of the pod, as they type it.
    ///
    /// ## What it does
    /// Replays the lookups of glibc, musl and Go with the pod's own resolv.conf and the answers that its
    /// servers gave to each name on the way: it fires where some of them find nothing, in any try, and
    /// the DNS Service has the name.
    ///
    /// ## Why it matters
    /// Cluster DNS works, and the pod does not get there: it asks other servers, has no search list, or
    /// an `ndots` that keeps the name from it. Nothing in CoreDNS mends that.
    ///
    /// ## How to fix
    /// Give the pod the `dnsPolicy` that it needs (`ClusterFirst`; in the host network
    /// `ClusterFirstWithHostNet`), or write the whole name.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-dns-policy>
    "probes/typed-name-is-not-found", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::need(facts, "workload")?;
    let file = facts.resolv.of_pod(facts.bundle())?;
    for walk in search::walks(facts) {
        if let Some(found) = unfound::unfound(facts, &walk) {
            findings.push(finding(facts, file, &walk, &found));
        }
    }
    Ok(())
}

fn finding(facts: &Facts<'_>, file: &ResolvFile, walk: &Walk<'_>, found: &Unfound<'_>) -> Finding {
    let whole = &found.whole.name;
    let all = found.who.len() == walk.lookups.len();
    let who = match found.who.as_slice() {
        _ if all => "programs in the pod do".to_owned(),
        [one] => format!("{one} does"),
        some => format!("{} do", words(some)),
    };
    let message = format!(
        "{who} not find {} as it is typed ({}), though {} exists",
        walk.typed,
        found.result,
        plain(whole),
    );
    let servers: Vec<String> = file
        .conf
        .nameservers
        .iter()
        .map(|it| it.text.clone())
        .collect();
    let is_right = |it: &String| facts.is_cluster_dns(it).unwrap_or(true);
    let others = !servers.is_empty() && !servers.iter().any(is_right);
    let asks = match others {
        true => format!("The pod asks {}, and not cluster DNS.", words(&servers)),
        false if all => String::new(),
        false => "musl asks a name with as many dots as ndots says only as it stands.".to_owned(),
    };
    let alone = walk.alone();
    let place = match file.conf.nameservers.first() {
        Some(first) if others => file.place_of(first),
        _ => file.place.clone(),
    };
    let primary = search_words::cite_own(walk, &alone).unwrap_or_else(|| cite_row(found.whole));
    Finding::new(
        &RULE,
        Confidence::Proven,
        Scope::Name(whole.clone()),
        message,
        primary,
    )
    .severity(Severity::High)
    .because(cite(&place, "the pod's resolv.conf"))
    .because(cite_row(found.whole))
    .explain(format!(
        "{asks} Tried in this order: {}.",
        search_words::order(walk, "")
    ))
    .explaining([
        Symptom::ShortName,
        Symptom::Custom,
        Symptom::Internal,
        Symptom::Nxdomain,
        Symptom::PodOnly,
    ])
    .fix(
        if others {
            policy(facts)
        } else {
            format!("Write the whole name (`{whole}`), or let the pod's search list and ndots lead to it")
        },
        None,
    )
}

/// How the pod gets to cluster DNS, by what keeps it from there.
fn policy(facts: &Facts<'_>) -> String {
    let pod = facts.dns.failing_pod.as_ref().ok();
    let set = pod.map(|pod| (pod.spec.dns_policy.as_deref(), pod.spec.host_network));
    match set {
        Some((Some("None"), _)) => {
            "Put cluster DNS into the nameservers of the pod's dnsConfig and its domains into the searches, \
             or leave dnsPolicy to its default"
        }
        Some((_, true)) => "Set dnsPolicy: ClusterFirstWithHostNet, which a pod in the host network needs",
        _ => "Set dnsPolicy: ClusterFirst in the pod's template, or leave it to its default",
    }
    .to_owned()
}
