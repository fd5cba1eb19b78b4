//! Who asks, and whether they may.

use axum::http::header::AUTHORIZATION;

use super::path::Target;
use super::rbac::{self, Wanted};
use super::status::Refusal;
use super::{Context, User};
use crate::cluster::Cluster;
use crate::fault::Named;
use crate::scenario::Denial;

/// Who asks without a token.
const ANONYMOUS: &str = "system:anonymous";

/// The user of a request; without a token it is nobody.
pub(super) fn user(context: &Context) -> Result<User, Refusal> {
    let Some(header) = context.headers.get(AUTHORIZATION) else {
        return Ok(User {
            name: ANONYMOUS.to_owned(),
            groups: vec!["system:unauthenticated".to_owned()],
        });
    };
    let token = header
        .to_str()
        .ok()
        .and_then(|header| header.strip_prefix("Bearer "));
    if token != Some(context.cluster.token.as_str()) {
        return Err(Refusal::unauthorized());
    }
    let acted = context
        .headers
        .get("Impersonate-User")
        .and_then(|user| user.to_str().ok());
    let groups = context.headers.get_all("Impersonate-Group").iter();
    let groups = groups.filter_map(|group| group.to_str().ok());
    let mut user = User {
        name: acted.unwrap_or(&context.cluster.settings.user).to_owned(),
        groups: groups.map(str::to_owned).collect(),
    };
    user.groups.push("system:authenticated".to_owned());
    Ok(user)
}

/// Says no where the scenario, a fault or, for whom the user impersonates, RBAC does.
pub(super) fn check(context: &Context) -> Result<(), Refusal> {
    let call = &context.call;
    let user = &context.user;
    let anonymous = user.name == ANONYMOUS;
    let resource = call.resource_path();
    let namespace = (!call.namespace.is_empty()).then_some(call.namespace.as_str());
    // Everybody may ask what they may (system:basic-user), but for a fault that names reviews.
    if matches!(call.target, Target::Review(_))
        && !anonymous
        && !context.cluster.faults.forbids_by_name(&resource)
    {
        return Ok(());
    }
    let wanted = Wanted {
        verb: call.verb,
        group: &call.group,
        resource: &resource,
        namespace,
        name: &call.name,
    };
    if !anonymous && !resource.is_empty() && may(&context.cluster, user, wanted) {
        return Ok(());
    }
    if resource.is_empty() {
        let why = format!("User \"{}\" cannot get path", user.name);
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
        user.name, call.verb, call.group
    );
    Err(Refusal::forbidden(
        &call.group,
        &call.resource,
        &call.name,
        &why,
    ))
}

/// Whether the user may do something. The scenario's own may everything that is not denied;
/// somebody whom they impersonate only what RBAC grants.
pub(super) fn may(cluster: &Cluster, user: &User, wanted: Wanted<'_>) -> bool {
    let resource = Named {
        resource: wanted.resource,
        group: wanted.group,
    };
    let denied = cluster
        .faults
        .forbids(wanted.verb, resource, wanted.namespace)
        || cluster
            .settings
            .deny
            .iter()
            .any(|denial| denies(denial, wanted.verb, resource, wanted.namespace));
    !denied && (user.name == cluster.settings.user || rbac::allows(cluster, user, wanted))
}

fn denies(denial: &Denial, verb: &str, resource: Named<'_>, namespace: Option<&str>) -> bool {
    let has = |list: &[String], word: &str| list.iter().any(|w| w == "*" || w == word);
    let place = denial.namespaces.is_empty()
        || namespace.is_none_or(|namespace| has(&denial.namespaces, namespace));
    has(&denial.verbs, verb) && denial.resources.iter().any(|r| resource.is(r)) && place
}
