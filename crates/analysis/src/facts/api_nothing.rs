//! In words, why a Service's name has no address: what the API says agrees with DNS.

use digpod_bundle::layout;
use digpod_probe::{Outcome, ServerRole};

use super::Cited;
use super::addresses;
use super::api_answers::Against;
use super::api_words::{Asked, rows};
use super::named_services::Addresses;
use super::names::qualify;
use super::probes::cite_row;
use crate::finding::{Confidence, Evidence};
use crate::matrix::Row;
use crate::symptom::Symptom;

const NXDOMAIN: [Symptom; 3] = [Symptom::Custom, Symptom::Nxdomain, Symptom::Internal];
const AS_IT_STANDS: &str = "CoreDNS looks that name up as it stands, with no suffix added, and where it asks for names outside \
                            of the cluster. A name that is short, ends in `svc`, or is known to other servers only, fails so.";
const NOT_READY: &str = "A headless Service has the addresses of its ready endpoints; without one its name does not exist.";

/// The API server has no such Service, and DNS says so.
pub(crate) fn absent(asked: &Asked<'_, '_>, silent: &[&Row]) -> Against {
    Against {
        confidence: Confidence::Proven,
        message: format!(
            "there is no {}, says the API server: {} does not exist",
            asked.service(),
            asked.name()
        ),
        explanation: format!(
            "{} is `not-found` in the manifest. The Service is missing, or is called otherwise or is in \
             another namespace, which was not looked for.",
            layout::named_service(&asked.named.namespace, &asked.named.service)
        ),
        evidence: rows(silent).collect(),
        explains: NXDOMAIN.to_vec(),
        fix: (
            "Make the Service, or write its right name and namespace into what asks for it"
                .to_owned(),
            asked.command("services"),
        ),
    }
}

/// A name that has addresses only while endpoints are ready, and none is.
pub(crate) fn none_ready(asked: &Asked<'_, '_>, silent: &[&Row], right: &Addresses) -> Against {
    let (name, service) = (asked.name(), asked.service());
    let (why, then) = match (&asked.named.endpoint, right.endpoints) {
        (Some(label), 0) if !label.starts_with('_') => (
            format!("no endpoint of {service} is called {label}"),
            "An endpoint has a name of its own where its pod has that `hostname`, and the Service's \
             name as its `subdomain`.",
        ),
        (Some(label), _) if !label.starts_with('_') => (
            format!("endpoint {label} of {service} is not ready"),
            NOT_READY,
        ),
        (_, 0) => (
            format!("headless {service} has no endpoint"),
            "No pod has the labels of its selector, or nobody wrote endpoints for it.",
        ),
        (_, 1) => (
            format!("the one endpoint of headless {service} is not ready"),
            NOT_READY,
        ),
        (_, all) => (
            format!("headless {service}: none of its {all} endpoints is ready"),
            NOT_READY,
        ),
    };
    Against {
        confidence: Confidence::Proven,
        message: format!("{why}, so {name} does not exist"),
        explanation: then.to_owned(),
        evidence: [right.evidence.clone()]
            .into_iter()
            .chain(rows(silent))
            .collect(),
        explains: NXDOMAIN.to_vec(),
        fix: (
            "Find out why its pods are missing or not ready".to_owned(),
            asked.command("endpoints"),
        ),
    }
}

/// A name with port and protocol that the Service does not have.
pub(crate) fn no_port(asked: &Asked<'_, '_>, silent: &[&Row], ports: &Evidence) -> Against {
    let front = asked.named.endpoint.as_deref().unwrap_or_default();
    Against {
        confidence: Confidence::Proven,
        message: format!(
            "{} has no port {front}, so {} does not exist",
            asked.service(),
            asked.name()
        ),
        explanation:
            "DNS has such a name for each port of the Service that has a name, with that name \
                      and the port's protocol."
                .to_owned(),
        evidence: rows(silent).chain([ports.clone()]).collect(),
        explains: NXDOMAIN.to_vec(),
        fix: (
            "Name the port of the Service, or ask for the name that it has".to_owned(),
            asked.command("service"),
        ),
    }
}

/// A name of a port, which need have no address: it is there for SRV.
pub(crate) fn of_srv(asked: &Asked<'_, '_>, silent: &[&Row]) -> Against {
    let name = asked.name();
    Against {
        confidence: Confidence::Possible,
        message: format!("{name} is a name for SRV, which was not asked for: it has no address"),
        explanation:
            "Addresses alone were asked for. Programs that use such a name ask for SRV, and \
                      then for the addresses of the names that come back."
                .to_owned(),
        evidence: rows(silent).collect(),
        explains: NXDOMAIN.into_iter().chain([Symptom::Nodata]).collect(),
        fix: (
            "Ask for SRV from a pod; and run again with the Service's own name".to_owned(),
            format!("dig +short {name} SRV"),
        ),
    }
}

/// A name that stands for another, which has no address.
pub(crate) fn external(
    asked: &Asked<'_, '_>,
    failed: &[&Row],
    target: &Cited<String>,
    all: &[Row],
) -> Against {
    let full = qualify(target);
    let of_cluster = |row: &&Row| matches!(row.role, ServerRole::CorednsPod | ServerRole::Service);
    let same = |row: &&Row| qualify(&row.name) == full && row.record_type == "A";
    let own = all.iter().filter(of_cluster).filter(same);
    let own: Vec<&Row> = own.filter(|row| row.answered() > 0).collect();
    let good = own.iter().find(|row| row.count(Outcome::Ok) > 0);
    let (result, confidence, then) = match (own.first(), good) {
        _ if addresses::parse(target).is_some() => (
            "which is an address and no name",
            Confidence::Proven,
            "CoreDNS answers an ExternalName that is an address with nothing. A Service without a selector, and an \
             EndpointSlice with that address, does what was meant.",
        ),
        (_, Some(_)) => (
            "which has addresses when it is asked for itself",
            Confidence::Possible,
            AS_IT_STANDS,
        ),
        (Some(_), None) => (
            "which fails when it is asked for itself",
            Confidence::Proven,
            AS_IT_STANDS,
        ),
        (None, None) => (
            "for which CoreDNS finds no address",
            Confidence::Likely,
            AS_IT_STANDS,
        ),
    };
    let note = format!("the Service stands for {}", target.value);
    Against {
        confidence,
        message: format!(
            "{} stands for {} (ExternalName), {result}",
            asked.service(),
            target.value
        ),
        explanation: then.to_owned(),
        evidence: [target.cite(note)]
            .into_iter()
            .chain(rows(failed))
            .chain(good.or(own.first()).map(|row| cite_row(row)))
            .collect(),
        explains: vec![
            Symptom::Custom,
            Symptom::Nxdomain,
            Symptom::Nodata,
            Symptom::Internal,
        ],
        fix: (
            "Ask for that name itself, and correct it in the Service or where it is looked up"
                .to_owned(),
            asked.command("service"),
        ),
    }
}
