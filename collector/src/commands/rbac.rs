//! `digpod rbac`: the least role for a run. Nothing is asked of the cluster.

use super::collect::scope;
use crate::cli::Rbac;
use crate::connect::connect;
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output::print;
use crate::rights::{Subject, manifests, needs};

/// Who gets the role where nobody is named.
const GROUP: &str = "digpod";

pub(super) async fn run(mut options: Rbac) -> Result<Exit, Failure> {
    // Here --user is who gets the role, not a user of the kubeconfig.
    let user = options.collect.connection.user.take();
    let mut subjects: Vec<Subject> = user.into_iter().map(Subject::User).collect();
    subjects.extend(options.group.into_iter().map(Subject::Group));
    let accounts = options.serviceaccount.into_iter();
    subjects.extend(accounts.map(|it| Subject::ServiceAccount {
        namespace: it.namespace,
        name: it.name,
    }));
    if subjects.is_empty() {
        subjects.push(Subject::Group(GROUP.to_owned()));
    }
    let namespace = if let Some(namespace) = &options.collect.namespace {
        namespace.clone()
    } else {
        // Only read from the kubeconfig.
        let cluster = connect(&options.collect.connection).await;
        let cluster = cluster.map_err(|failure| {
            failure.help("name the failing pod's namespace with -n; then no kubeconfig is needed")
        })?;
        cluster.default_namespace
    };
    let scope = scope(&options.collect, &namespace, &options.dns_namespace);
    let way = if scope.probes {
        "with probes (--no-probe needs less)"
    } else {
        "read only (--no-probe)"
    };
    let head = format!(
        "# What `digpod collect` needs for pods in namespace {} and DNS in {}, {way}. Nothing else.\n\
         # For: {}\n",
        plain(&namespace),
        plain(&options.dns_namespace),
        subjects.iter().map(shown).collect::<Vec<_>>().join(", "),
    );
    let yaml = manifests(&needs(&scope), &options.role_name, &subjects);
    print(&format!("{head}{yaml}"))?;
    Ok(Exit::Done)
}

fn shown(subject: &Subject) -> String {
    let text = match subject {
        Subject::User(name) => format!("user {name}"),
        Subject::Group(name) => format!("group {name}"),
        Subject::ServiceAccount { namespace, name } => format!("ServiceAccount {namespace}/{name}"),
    };
    plain(&text)
}
