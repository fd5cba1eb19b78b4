//! What the control plane and the kubelets do with pods that are created through the API.

mod events;
mod never;
mod plan;
mod resolv;
mod run;
mod schedule;
mod status;
mod volumes;

pub(crate) use events::event;
pub(crate) use resolv::resolv_conf;
pub(crate) use run::start;
