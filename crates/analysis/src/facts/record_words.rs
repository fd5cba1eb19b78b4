//! What is said of a record that is not the one that was expected.

use super::Facts;
use super::names::{self, plain};

/// What to do where nobody gives the right address.
pub(crate) fn correct(facts: &Facts<'_>, name: &str, record_type: &str) -> (&'static str, String) {
    let domain = facts.cluster_domain();
    let domain = names::qualify(domain.as_deref().unwrap_or("cluster.local"));
    let labels: Vec<&str> = plain(name).split('.').collect();
    match labels.as_slice() {
        [service, namespace, "svc", ..] if name.ends_with(&format!(".{domain}")) => (
            "Compare with the Service, whose address changes when it is made anew; correct it, or what is \
             expected",
            format!("kubectl -n {namespace} get service,endpointslices | grep -w {service}"),
        ),
        _ => (
            "Ask a server of the zone itself. If it gives the expected address, forward the zone to it in \
             the Corefile; if not, correct the record, or what is expected",
            format!("dig {} {record_type} @SERVER-OF-THE-ZONE", plain(name)),
        ),
    }
}
