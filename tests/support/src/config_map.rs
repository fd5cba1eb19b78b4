//! `path=dns/configmaps/NAME.json#KEY`: a ConfigMap from the texts of its keys.

use digpod_bundle::k8s::ConfigMap;

/// The ConfigMap with one more key, as JSON.
pub(crate) fn with_key(
    entry: &str,
    before: Option<&[u8]>,
    key: &str,
    text: &str,
) -> Result<Vec<u8>, String> {
    let mut object = match before {
        Some(json) => serde_json::from_slice(json)
            .map_err(|error| format!("{entry} is no ConfigMap to add a key to: {error}"))?,
        None => ConfigMap::default(),
    };
    let file = entry.rsplit('/').next().unwrap_or(entry);
    let name = file
        .strip_suffix(".json")
        .ok_or("`#KEY` needs a path that ends in .json")?;
    name.clone_into(&mut object.metadata.name);
    object.metadata.namespace = Some("kube-system".to_owned());
    object.data.insert(key.to_owned(), text.to_owned());
    serde_json::to_vec_pretty(&object).map_err(|error| error.to_string())
}
