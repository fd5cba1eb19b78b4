//! Files of nodes: `--node-access`.

use digpod_bundle::Status;

use crate::played::Cluster;
use crate::running::collect;

const NODE: &str = "aks-user-17722-vmss000000";

#[test]
fn files_of_nodes_come_with_files_and_what_a_node_lacks_is_said() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--node-access", "files"]);
    let bundle = ended.whole_bundle();
    let text = |entry: &str| {
        let bytes = bundle.get(entry).unwrap_or_else(|| {
            panic!(
                "{entry} is not there: {:#?}",
                bundle
                    .manifest()
                    .items
                    .iter()
                    .filter(|it| it.entry.starts_with("nodes/"))
                    .collect::<Vec<_>>()
            )
        });
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    // The node's own file leads back to the node; the kubelet hands on the other.
    let own = text(&format!("nodes/{NODE}/resolv.conf"));
    assert!(own.contains("nameserver 10.1.0.4"), "{own}");
    let etc = text(&format!("nodes/{NODE}/etc-resolv.conf"));
    assert!(etc.contains("nameserver 127.0.0.53"), "{etc}");
    let dhcp = text(&format!("nodes/{NODE}/dhcp-dns.txt"));
    assert!(dhcp.contains("DNS=10.1.0.4 10.1.0.5"), "{dhcp}");
    assert!(!dhcp.contains("ADDRESS="), "{dhcp}");
    let lacking = bundle
        .item(&format!("nodes/{NODE}/network-manager.conf"))
        .unwrap();
    assert_eq!(lacking.status, Status::NotApplicable);
    cluster.nothing_is_left();
}

#[test]
fn without_node_access_no_pod_touches_a_node() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--node-access", "none"]);
    let bundle = ended.whole_bundle();
    let item = bundle.item("probes/node/records.json").unwrap();
    assert_eq!(item.status, Status::NotApplicable);
    assert!(item.reason.as_deref().unwrap().contains("--node-access"));
    let made: Vec<String> = cluster
        .requests()
        .into_iter()
        .map(|(_, path)| path)
        .filter(|path| path.contains("-node-") || path.contains("-files-"))
        .collect();
    assert_eq!(made, [""; 0]);
    cluster.nothing_is_left();
}
