//! `digpod rbac`: the least role for a run. Nothing is asked of the cluster.

use super::collect::{scope, typed_names};
use super::names;
use crate::cli::Rbac;
use crate::connect::connect;
use crate::error::{Failure, plain};
use crate::exit::Exit;
use crate::output::print;
use crate::rights::{Subject, manifests, needs};

/// Who gets the role where nobody is named.
const GROUP: &str = "digpod";

pub(super) async fn run(mut options: Rbac) -> Result<Exit, Failure> {
    for typed in [&options.collect.namespace, &options.collect.probe_namespace] {
        names::namespace(typed.as_deref())?;
    }
    names::namespace(Some(&options.dns_namespace))?;
    let asked = typed_names(&options.collect.names)?;
    if options.collect.all_namespaces {
        return Err(Failure::usage(
            "-A names no namespace, and a role for all of them would grant far too much",
        )
        .help(
            "name the failing pod's namespace with -n; who gets the role runs collect with -n, too",
        ));
    }
    for (flag, value) in [
        ("--role-name", Some(&options.role_name)),
        ("--user", options.collect.connection.user.as_ref()),
    ] {
        if value.is_some_and(|it| it.trim().is_empty()) {
            return Err(
                Failure::usage(format!("{flag} is empty")).help("give it a value, or leave it out")
            );
        }
    }
    if options.role_name.contains(['/', '%']) || options.role_name.contains(char::is_whitespace) {
        // RBAC's names are path segments (rbac.authorization.k8s.io/v1).
        let error = format!("{:?} is no name of a role", options.role_name);
        return Err(Failure::usage(error).help("`digpod-collect` is the default"));
    }
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
    let scope = scope(&options.collect, &asked, &namespace, &options.dns_namespace);
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
