//! One bridge without a way out; each member hangs on it with a network namespace of its own.

use std::process::Command;

use anyhow::Result;

use super::places::{GATEWAY, MEMBERS, Member, nodes};
use super::{output, quietly};

/// The bridge's own namespace.
const FABRIC: &str = "digpod-e2e-fabric";

/// A member's network namespace.
pub(super) fn namespace(member: &Member) -> String {
    format!("digpod-e2e-{}", member.name)
}

/// Makes bridge, namespaces, addresses and routes.
pub(super) fn make() -> Result<()> {
    ip(&["netns", "add", FABRIC])?;
    in_fabric(&["link", "add", "bridge", "type", "bridge"])?;
    in_fabric(&["link", "set", "lo", "up"])?;
    in_fabric(&["link", "set", "bridge", "up"])?;
    in_fabric(&["address", "add", &format!("{GATEWAY}/24"), "dev", "bridge"])?;
    // Nothing is routed to the machine's own network, and the nodes' firewalls do not apply here.
    for key in ["net.ipv4.ip_forward", "net.bridge.bridge-nf-call-iptables"] {
        let write = ["sysctl", "-q", "-w", &format!("{key}=0")];
        quietly(
            Command::new("ip")
                .args(["netns", "exec", FABRIC])
                .args(write),
        )?;
    }
    MEMBERS.iter().try_for_each(hang_on)
}

fn hang_on(member: &Member) -> Result<()> {
    let name = namespace(member);
    let port = format!("to-{}", member.name);
    ip(&["netns", "add", &name])?;
    in_fabric(&[
        "link", "add", &port, "type", "veth", "peer", "name", "eth0", "netns", &name,
    ])?;
    in_fabric(&["link", "set", &port, "master", "bridge", "up"])?;
    let inside = |words: &[&str]| ip(&[&["-n", &name], words].concat());
    inside(&["link", "set", "lo", "up"])?;
    inside(&["link", "set", "eth0", "up"])?;
    let address = format!("{}/24", member.address);
    inside(&["address", "add", &address, "dev", "eth0"])?;
    inside(&["route", "add", "default", "via", GATEWAY])?;
    for (node, pods) in nodes().filter(|(node, _)| node.name != member.name) {
        inside(&["route", "add", pods, "via", node.address])?;
    }
    Ok(())
}

/// Removes what there is of it.
pub(super) fn remove() -> Result<()> {
    let (_, listed) = output(Command::new("ip").args(["netns", "list"]))?;
    for name in listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
    {
        if name.starts_with("digpod-e2e-") {
            ip(&["netns", "delete", name])?;
        }
    }
    Ok(())
}

/// Whether a member's namespace is there.
pub(super) fn exists(member: &Member) -> bool {
    std::path::Path::new("/run/netns")
        .join(namespace(member))
        .exists()
}

fn in_fabric(words: &[&str]) -> Result<()> {
    ip(&[&["-n", FABRIC], words].concat())
}

fn ip(words: &[&str]) -> Result<()> {
    quietly(Command::new("ip").args(words))
}
