//! Who asks, and whether they may.

use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;

use super::path::Target;
use super::rbac::{self, Wanted};
use super::status::Refusal;
use super::{Context, User};
use crate::cluster::Cluster;
use crate::fault::Named;
use crate::scenario::Denial;

/// Who asks without a token or a certificate.
const ANONYMOUS: &str = "system:anonymous";
/// Group of everybody else.
const AUTHENTICATED: &str = "system:authenticated";

/// The user of a request; without a token or a certificate it is nobody.
///
/// A token counts before a certificate, as in the API server's own order of authenticators a wrong
/// token is refused whatever the certificate says.
pub(super) fn user(context: &Context) -> Result<User, Refusal> {
    let Some(header) = context.headers.get(AUTHORIZATION) else {
        return if context.certified {
            acting(context)
        } else {
            Ok(User {
                name: ANONYMOUS.to_owned(),
                groups: vec!["system:unauthenticated".to_owned()],
                ..User::default()
            })
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
fn acting(context: &Context) -> Result<User, Refusal> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let header = |name: &str| context.headers.get(name).and_then(text);
    let own = User {
        name: context.cluster.settings.user.clone(),
        groups: vec![AUTHENTICATED.to_owned()],
        ..User::default()
    };
    let Some(acted) = header("Impersonate-User") else {
        return Ok(own);
    };
    let wanted = Wanted {
        verb: "impersonate",
        group: "",
        resource: "users",
        namespace: None,
        name: &acted,
    };
    if !may(&context.cluster, &own, wanted) {
        let why = format!(
            "User \"{}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope",
            own.name
        );
        return Err(Refusal::forbidden("", "users", &acted, &why));
    }
    let groups = context.headers.get_all("Impersonate-Group").iter();
    let mut groups: Vec<String> = groups.filter_map(text).collect();
    groups.push(AUTHENTICATED.to_owned());
    Ok(User {
        name: acted,
        uid: header("Impersonate-Uid"),
        groups,
    })
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
