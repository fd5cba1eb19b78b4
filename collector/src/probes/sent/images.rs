//! Images on a node that may have a shell.

use digpod_bundle::k8s::NodeSystemInfo;
use serde::Deserialize;

use super::super::why::Why;
use crate::api::Api;

/// Most images that are tried.
const MOST: usize = 4;
/// In names of images that usually have a shell, those first that surely have.
const WITH_SHELL: [&str; 14] = [
    "busybox",
    "alpine",
    "debian",
    "ubuntu",
    "netshoot",
    "dnsutils",
    "bash",
    "nginx",
    "redis",
    "postgres",
    "python",
    "curl",
    "kube-proxy",
    "node",
];

/// What is known of a node.
pub(super) struct OnNode {
    pub(super) architecture: String,
    pub(super) images: Vec<Image>,
}

/// An image under all its names (core/v1 `ContainerImage`). The kubelet tells of the 50 largest.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Image {
    names: Option<Vec<String>>,
}

/// The part of a node that is read here and kept nowhere: what runs in a cluster is nobody's business.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Node {
    status: NodeStatus,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NodeStatus {
    images: Option<Vec<Image>>,
    node_info: NodeSystemInfo,
}

/// Asks what is on a node.
pub(super) async fn on_node(api: &Api, node: &str) -> Result<OnNode, Why> {
    let found = api.get::<Node>(&format!("/api/v1/nodes/{node}")).await;
    let status = match found {
        Ok(node) => node.status,
        Err(error) => {
            let what = "the images of the node cannot be read";
            return Err(Why::call(
                what,
                &error,
                "get nodes in the cluster".to_owned(),
            ));
        }
    };
    Ok(OnNode {
        architecture: status.node_info.architecture,
        images: status.images.unwrap_or_default(),
    })
}

/// The failing pod's own first, then those with a name that promises a shell.
pub(super) fn candidates(own: &[String], there: &[Image]) -> Vec<String> {
    let mut all = own.to_vec();
    for word in WITH_SHELL {
        let named = there.iter().filter_map(Image::name);
        all.extend(named.filter(|name| promises(name, word)).map(str::to_owned));
    }
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|image| seen.insert(image.clone()));
    all.truncate(MOST);
    all
}

impl Image {
    /// One with a tag where there is one: it tells more than a digest.
    fn name(&self) -> Option<&str> {
        let names = self.names.as_deref().unwrap_or_default();
        let tagged = names.iter().find(|name| !name.contains('@'));
        tagged.or(names.first()).map(String::as_str)
    }
}

/// Whether the last part of a name has this word; `node` is in names of many that have no shell.
fn promises(name: &str, word: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    let last = last.split(['@', ':']).next().unwrap_or_default();
    if word == "node" {
        last == word
    } else {
        last.contains(word)
    }
}

#[cfg(test)]
mod tests {
    use super::{Image, candidates};

    fn image(names: &[&str]) -> Image {
        Image {
            names: Some(names.iter().map(|it| (*it).to_owned()).collect()),
        }
    }

    #[test]
    fn the_failing_pods_come_first_and_then_what_promises_a_shell() {
        let there = [
            image(&["quay.io/x/nginx@sha256:aa", "quay.io/x/nginx:1"]),
            image(&["registry.k8s.io/sig-storage/csi-node-driver-registrar:v2"]),
            image(&["docker.io/library/node:22"]),
            image(&["docker.io/nginx/agent:3"]),
            image(&["docker.io/library/busybox@sha256:bb"]),
            image(&[]),
        ];
        let own = ["shop/web:1".to_owned(), "shop/web:1".to_owned()];
        assert_eq!(
            candidates(&own, &there),
            [
                "shop/web:1",
                "docker.io/library/busybox@sha256:bb",
                "quay.io/x/nginx:1",
                "docker.io/library/node:22",
            ]
        );
    }
}
