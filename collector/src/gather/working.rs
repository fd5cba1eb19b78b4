//! `--working-pod`: one that resolves what the failing pod does not, to compare with.

use digpod_bundle::k8s::{Namespace, Pod};
use digpod_bundle::{Status, layout};

use super::{policies, redact, workload};
use crate::api::Api;
use crate::error::Failure;
use crate::sink::{Call, Sink};

/// What a run does that names no such pod.
const WITHOUT: &str = "without --working-pod nothing is compared";

/// The pod that was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WorkingPod {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

impl WorkingPod {
    /// `NAME` or `NAMESPACE/NAME`; without a namespace the failing pod's.
    pub(crate) fn of(typed: &str, namespace: &str) -> Self {
        let (namespace, name) = typed.split_once('/').unwrap_or((namespace, typed));
        Self {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// Reads it. Fails if the server says that there is no such pod.
pub(super) async fn pod(
    api: &Api,
    wanted: Option<&WorkingPod>,
    sink: &Sink,
) -> Result<Option<Pod>, Failure> {
    let Some(WorkingPod { namespace, name }) = wanted else {
        return Ok(None);
    };
    let call = Call {
        verb: "get",
        resource: "pods",
        namespace: Some(namespace.clone()),
        path: format!("/api/v1/namespaces/{namespace}/pods/{name}"),
    };
    match api.get::<Pod>(&call.path).await {
        Ok(mut pod) => {
            redact::pod(&mut pod, false);
            sink.json(layout::WORKING_POD, &call.source(), &pod);
            Ok(Some(pod))
        }
        Err(error) if error.status == Status::NotFound => {
            Err(workload::no_such(api, namespace, name, WITHOUT).await)
        }
        Err(error) => {
            sink.gap(layout::WORKING_POD, &call, &error);
            Ok(None)
        }
    }
}

/// What policies tell it by, where it stands in another namespace than the failing pod.
pub(super) async fn around(api: &Api, wanted: Option<&WorkingPod>, failing_in: &str, sink: &Sink) {
    let Some(WorkingPod { namespace, .. }) = wanted.filter(|it| it.namespace != failing_in) else {
        return;
    };
    let labels = async {
        let call = Call {
            verb: "get",
            resource: "namespaces",
            namespace: None,
            path: format!("/api/v1/namespaces/{namespace}"),
        };
        let mut found = api.get::<Namespace>(&call.path).await;
        if let Ok(found) = &mut found {
            redact::metadata(&mut found.metadata);
        }
        sink.json_or_gap(layout::WORKING_NAMESPACE, &call, &found);
    };
    futures::join!(
        labels,
        policies::one(api, sink, layout::WORKING_NETWORK_POLICIES, namespace),
    );
}
