use crate::facts::resolv_confs::{Of, ResolvFile};
use crate::facts::{Facts, Seen, cite, pod_scope};
use crate::finding::{Confidence, Finding, Findings};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A pod's search list does not begin with the cluster's domains.
    ///
    /// ## What it does
    /// A pod with `dnsPolicy` `ClusterFirst` gets `<namespace>.svc.<domain>`, `svc.<domain>` and
    /// `<domain>` first in its search list, in this order. The rule reports a list that does not
    /// begin so, and a file with several `search` or `domain` lines, of which only the last counts.
    /// Domains after the three are fine.
    ///
    /// ## Why it matters
    /// Short names of Services (`web`, `web.shop`) are found only through the search list.
    ///
    /// ## How to fix
    /// Take out what replaced the list: `dnsConfig`, `dnsPolicy`, or an image that writes the file.
    /// Names with a final dot work meanwhile.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/>
    "resolv-conf/cluster-search-domains-missing", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let file = facts.resolv.of_pod(facts.bundle())?;
    if !facts.is_cluster_first(file) {
        return Ok(());
    }
    let found: Vec<String> = file
        .conf
        .search
        .iter()
        .map(|field| normal(&field.text))
        .collect();
    let shown = digpod_resolv::cluster_domain(&file.conf).unwrap_or("cluster.local");
    let domain = facts.cluster_domain().unwrap_or_else(|| shown.to_owned());
    let namespace = namespace(facts, file, &found, &domain);
    let expected = digpod_resolv::cluster_search(&namespace, &domain).map(|name| normal(&name));
    if file.conf.search_lines.len() > 1 {
        findings.push(several_lines(facts, file));
    }
    if found.iter().take(3).ne(expected.iter()) {
        findings.push(missing(facts, file, &found, &expected));
    }
    Ok(())
}

/// The pod's namespace; where nobody says it, the one in its own search list.
fn namespace(facts: &Facts<'_>, file: &ResolvFile, found: &[String], domain: &str) -> String {
    let symptom = facts.bundle().manifest().symptom.namespace.clone();
    let pod = facts.dns.failing_pod.as_ref().ok();
    let of_pod = pod.and_then(|pod| pod.metadata.namespace.clone());
    let known = if matches!(file.of, Of::FailingPod | Of::Workload) {
        of_pod.or(symptom)
    } else {
        None
    };
    known.unwrap_or_else(|| {
        let suffix = format!(".svc.{}", normal(domain));
        let own = found.iter().find_map(|name| name.strip_suffix(&suffix));
        own.unwrap_or("NAMESPACE").to_owned()
    })
}

fn missing(facts: &Facts<'_>, file: &ResolvFile, found: &[String], expected: &[String]) -> Finding {
    let evidence = match file.conf.search.first() {
        Some(field) => cite(&file.place_of(field), "the search list begins here"),
        None => cite(&file.place, "no search list"),
    };
    let shown = if found.is_empty() {
        "is empty".to_owned()
    } else {
        format!("is {}", found.join(" "))
    };
    let message = format!(
        "the search list of {} {shown} and does not begin with {}",
        file.whose(),
        expected.join(" ")
    );
    Finding::new(
        &RULE,
        Confidence::Proven,
        pod_scope(facts, file),
        message,
        evidence,
    )
    .explain("Short names of Services are looked up with these domains; without them they fail.")
    .explaining([Symptom::ShortName, Symptom::Nxdomain])
    .fix(
        "Take out what replaced the list: the pod's dnsConfig or dnsPolicy, or its image",
        None,
    )
    .fix("Meanwhile, use whole names with a final dot", None)
}

fn several_lines(facts: &Facts<'_>, file: &ResolvFile) -> Finding {
    let lines = file.conf.search_lines.len();
    let message = format!(
        "the resolv.conf of {} has {lines} search or domain lines, and only the last counts",
        file.whose()
    );
    let place = match file.conf.search.first() {
        Some(field) => file.place_of(field),
        None => file.place.clone(),
    };
    let evidence = cite(&place, "this is the list that counts");
    Finding::new(
        &RULE,
        Confidence::Proven,
        pod_scope(facts, file),
        message,
        evidence,
    )
    .severity(crate::finding::Severity::Medium)
    .fix("Keep one search line with all domains", None)
}

fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}
