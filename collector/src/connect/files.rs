//! Which kubeconfig files count, and what they say together, as client-go's loading rules have it.

use std::path::{Path, PathBuf};

use kube::config::{Kubeconfig, KubeconfigError};

use crate::error::{Failure, chain};

const HELP: &str =
    "name one with --kubeconfig or KUBECONFIG; `kubectl config get-contexts` lists contexts";

/// Reads and merges them. `None`: there is none, or nothing in it.
///
/// A file named by the flag must be there; those of KUBECONFIG need not (client-go,
/// `ClientConfigLoadingRules.Load`). The first file to set a value or a name wins.
pub(crate) fn read(flag: Option<&Path>) -> Result<Option<Kubeconfig>, Failure> {
    if let Some(path) = flag {
        return one(path).map(Some);
    }
    let mut merged = Kubeconfig::default();
    for path in paths().iter().filter(|path| path.exists()) {
        merged = merged
            .merge(one(path)?)
            .map_err(|error| unusable(path, &error))?;
    }
    let empty =
        merged.clusters.is_empty() && merged.auth_infos.is_empty() && merged.contexts.is_empty();
    Ok((!empty).then_some(merged))
}

/// The error where there is no kubeconfig and nothing instead.
pub(super) fn none() -> Failure {
    let paths = paths();
    let why = match paths.as_slice() {
        [] => "no home folder is known".to_owned(),
        [one] if one.exists() => format!("{} has no cluster in it", one.display()),
        [one] => format!("{} is not there", one.display()),
        more => format!(
            "none of the {} files of KUBECONFIG has a cluster",
            more.len()
        ),
    };
    Failure::new(format!("there is no kubeconfig: {why}")).help(HELP)
}

/// Files of KUBECONFIG, else the one in the home folder.
fn paths() -> Vec<PathBuf> {
    let named: Vec<PathBuf> = std::env::var_os("KUBECONFIG")
        .map(|paths| std::env::split_paths(&paths).collect())
        .unwrap_or_default();
    let named: Vec<PathBuf> = named
        .into_iter()
        .filter(|path| !path.as_os_str().is_empty())
        .collect();
    if !named.is_empty() {
        return named;
    }
    std::env::home_dir()
        .map(|home| home.join(".kube").join("config"))
        .into_iter()
        .collect()
}

fn one(path: &Path) -> Result<Kubeconfig, Failure> {
    let mut file = Kubeconfig::read_from(path).map_err(|error| unusable(path, &error))?;
    // An empty name is none, and must not hide that of a later file.
    file.current_context = file.current_context.filter(|name| !name.is_empty());
    Ok(file)
}

fn unusable(path: &Path, error: &KubeconfigError) -> Failure {
    Failure::new(format!(
        "{} is no kubeconfig: {}",
        path.display(),
        chain(error)
    ))
    .help(HELP)
}
