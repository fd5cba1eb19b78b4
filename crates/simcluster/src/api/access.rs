//! Who asks, and whether they may.

use axum::http::header::AUTHORIZATION;

use super::Context;
use super::path::Target;
use super::status::Refusal;
use crate::cluster::Cluster;
use crate::fault::Named;
use crate::scenario::Denial;

/// The user of a request; without a token or a certificate it is nobody.
///
/// A token counts before a certificate, as in the API server's own order of authenticators a wrong
/// token is refused whatever the certificate says.
pub(super) fn user(context: &Context) -> Result<String, Refusal> {
    let Some(header) = context.headers.get(AUTHORIZATION) else {
        return if context.certified {
            acting(context)
        } else {
            Ok("system:anonymous".to_owned())
        };
    };
    let token = header
        .to_str()
        .ok()
        .and_then(|header| header.strip_prefix("Bearer "));
    if token != Some(context.cluster.token.as_str()) {
        return Err(Refusal::unauthorized());
    }
    acting(context)
}

/// The user, or the one that it may act as.
fn acting(context: &Context) -> Result<String, Refusal> {
    let user = &context.cluster.settings.user;
    let header = |name: &str| context.headers.get(name).and_then(|it| it.to_str().ok());
    let Some(acted) = header("Impersonate-User") else {
        return Ok(user.clone());
    };
    if may(&context.cluster, "impersonate", "users", "", None) {
        return Ok(acted.to_owned());
    }
    let why = format!(
        "User \"{user}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope"
    );
    Err(Refusal::forbidden("", "users", acted, &why))
}

/// Groups of the user: those it acts with, if it says so.
pub(super) fn groups(context: &Context) -> Vec<String> {
    let acted = context.headers.get_all("Impersonate-Group").iter();
    let mut groups: Vec<String> = acted
        .filter_map(|group| Some(group.to_str().ok()?.to_owned()))
        .collect();
    groups.push("system:authenticated".to_owned());
    groups
}

/// Says no where the scenario or a fault does.
pub(super) fn check(context: &Context) -> Result<(), Refusal> {
    let call = &context.call;
    let anonymous = context.user == "system:anonymous";
    if matches!(call.target, Target::Review(_)) && !anonymous {
        return Ok(());
    }
    let resource = call.resource_path();
    let namespace = (!call.namespace.is_empty()).then_some(call.namespace.as_str());
    if !anonymous
        && may(
            &context.cluster,
            call.verb,
            &resource,
            &call.group,
            namespace,
        )
    {
        return Ok(());
    }
    if resource.is_empty() {
        let why = format!("User \"{}\" cannot get path", context.user);
        return if anonymous {
            Err(Refusal::forbidden("", "", "", &why))
        } else {
            Ok(())
        };
    }
    let place = match namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    let why = format!(
        "User \"{}\" cannot {} resource \"{resource}\" in API group \"{}\" {place}",
        context.user, call.verb, call.group
    );
    Err(Refusal::forbidden(
        &call.group,
        &call.resource,
        &call.name,
        &why,
    ))
}

/// Whether the user may do something in a namespace (`None`: cluster-wide).
pub(super) fn may(
    cluster: &Cluster,
    verb: &str,
    resource: &str,
    group: &str,
    namespace: Option<&str>,
) -> bool {
    let resource = Named { resource, group };
    !cluster.faults.forbids(verb, resource, namespace)
        && !cluster
            .settings
            .deny
            .iter()
            .any(|denial| denies(denial, verb, resource, namespace))
}

fn denies(denial: &Denial, verb: &str, resource: Named<'_>, namespace: Option<&str>) -> bool {
    let has = |list: &[String], word: &str| list.iter().any(|w| w == "*" || w == word);
    let place = denial.namespaces.is_empty()
        || namespace.is_none_or(|namespace| has(&denial.namespaces, namespace));
    has(&denial.verbs, verb) && denial.resources.iter().any(|r| resource.is(r)) && place
}
