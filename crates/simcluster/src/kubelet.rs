//! What the control plane and the kubelets do with pods that are created through the API.

mod events;
mod images;
mod never;
mod plan;
mod probe;
mod resolv;
mod run;
mod schedule;
mod status;
mod volumes;

pub(crate) use events::event;
pub(crate) use images::has_shell;
pub(crate) use plan::plan;
pub(crate) use probe::probe;
pub(crate) use resolv::resolv_conf;
pub(crate) use run::start;
