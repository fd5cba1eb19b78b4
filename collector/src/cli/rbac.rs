//! `digpod rbac`.

use clap::Args;

use super::collect::Collect;

#[derive(Debug, Args)]
#[command(
    mut_arg("user", |arg| arg.help("User who gets the role, as the API server calls them").help_heading(None::<&str>)),
    after_help = "Takes every flag of `collect`; those that decide what a run asks decide what the role grants.\n\
                  Without --user, --group and --serviceaccount the role goes to the group \"digpod\"."
)]
pub(crate) struct Rbac {
    /// Group that gets the role; may be repeated.
    #[arg(long)]
    pub(crate) group: Vec<String>,
    /// `ServiceAccount` that gets the role; may be repeated.
    #[arg(long, value_name = "NAMESPACE:NAME", value_parser = account)]
    pub(crate) serviceaccount: Vec<Account>,
    /// Name of the role and its bindings.
    #[arg(long, default_value = "digpod-collect")]
    pub(crate) role_name: String,
    /// Namespace of the cluster's DNS; openshift-dns on OpenShift.
    #[arg(long, default_value = "kube-system")]
    pub(crate) dns_namespace: String,
    #[command(flatten)]
    pub(crate) collect: Collect,
}

/// A `ServiceAccount` and its namespace.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) namespace: String,
    pub(crate) name: String,
}

fn account(text: &str) -> Result<Account, String> {
    match text.split_once(':') {
        Some((namespace, name)) if !namespace.is_empty() && !name.is_empty() => Ok(Account {
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        }),
        _ => Err(format!(
            "{text:?} names no ServiceAccount; write it as NAMESPACE:NAME"
        )),
    }
}
