#!/bin/sh
# PID 1 of a node, in namespaces of its own: gives it file systems of its own, then runs containerd, the kubelet,
# kube-proxy and what enforces NetworkPolicies.
set -eu
. "$E2E/supervise.sh"
own=$STATE/$MEMBER
pki=$STATE/pki
hostname "$MEMBER"

# What a node writes stays in its own folder: /etc and /var are the machine's with a layer on top; images and volumes
# lie beside it, because an overlay cannot lie on an overlay; /run begins empty.
for tree in etc var; do
    mkdir -p "$own/$tree" "$own/$tree.work"
    mount -t overlay overlay -o "lowerdir=/$tree,upperdir=$own/$tree,workdir=$own/$tree.work" "/$tree"
done
for folder in containerd kubelet; do
    mkdir -p "$own/$folder" "/var/lib/$folder"
    mount --bind "$own/$folder" "/var/lib/$folder"
done
umount -R -l /run/netns 2>/dev/null || : # or this node would hold the others' networks open
mount -t tmpfs -o mode=755 tmpfs /run
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
for controller in $CONTROLLERS; do
    mkdir "/sys/fs/cgroup/$controller"
    option=$controller
    [ "$controller" = systemd ] && option=none,name=systemd
    mount -t cgroup -o "$option" cgroup "/sys/fs/cgroup/$controller"
done
mount --make-rshared /

# The kubelet sets these for the whole machine: it gets to see files that already hold what it wants.
mkdir -p "$own/sysctl"
while read -r key value; do
    echo "$value" >"$own/sysctl/${key##*/}"
    mount --bind "$own/sysctl/${key##*/}" "/proc/sys/$key"
done <<'VALUES'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
VALUES
# These are the network namespace's own.
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables

# The node's DNS as systemd-resolved would write it.
mkdir -p /run/systemd/resolve /run/containerd /etc/cni/net.d /etc/containerd
cp "$own/config/resolv.conf" /run/systemd/resolve/resolv.conf
rm -f /etc/resolv.conf
cp "$own/config/resolv.conf" /etc/resolv.conf
cp "$own/config/pods.conflist" /etc/cni/net.d/
cp "$own/config/containerd.toml" /etc/containerd/config.toml
echo "$MEMBER" >/etc/hostname
printf '127.0.0.1 localhost\n%s %s\n' "$NODE_ADDRESS" "$MEMBER" >/etc/hosts

supervise containerd containerd
until ctr version >/dev/null 2>&1; do sleep 0.1; done
for image in "$IMAGES"/*.tar; do
    ctr -n k8s.io images import "$image" >>"$own/images.log" 2>&1
done
supervise kubelet "$PROGRAMS/kubernetes" kubelet --config="$own/config/kubelet.yaml" \
    --kubeconfig="$pki/$MEMBER.kubeconfig" --hostname-override="$MEMBER" --node-ip="$NODE_ADDRESS"
supervise kube-proxy "$PROGRAMS/kubernetes" kube-proxy --config="$own/config/kube-proxy.yaml"
supervise kube-router "$PROGRAMS/kube-router" --kubeconfig="$pki/kube-router.kubeconfig" \
    --hostname-override="$MEMBER" --service-cluster-ip-range="$SERVICE_CIDR" \
    --run-firewall=true --run-router=false --run-service-proxy=false
wait
