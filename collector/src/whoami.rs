//! Who the API server takes us for.

use serde_json::{Value, json};

use crate::api::Api;
use crate::error::Failure;
use crate::gather::unreachable;

/// The user's name; `None` where the server does not tell (it does since Kubernetes 1.28).
///
/// Fails only where the server does not know who asks, or they may not act as somebody else: then
/// no other call gives anything either.
///
/// The review is answered and stored nowhere (authentication.k8s.io/v1, `SelfSubjectReview`).
pub(crate) async fn whoami(api: &Api) -> Result<Option<String>, Failure> {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let answer: Value = match api.create(path, &review).await {
        Ok(answer) => answer,
        Err(error) if error.code == 401 => return Err(unreachable(&error)),
        Err(error) if error.code == 403 && error.reason.contains("cannot impersonate") => {
            return Err(Failure::new(format!(
                "you may not act as somebody else: {}",
                error.reason
            ))
            .help("leave out --as, or ask for the permission to impersonate"));
        }
        Err(_) => return Ok(None),
    };
    let name = answer.pointer("/status/userInfo/username");
    let name = name.and_then(Value::as_str).filter(|it| !it.is_empty());
    Ok(name.map(str::to_owned))
}
