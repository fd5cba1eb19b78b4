#!/bin/sh
# PID 1 of the control plane: etcd and the three Kubernetes servers around it.
set -eu
. "$E2E/supervise.sh"
pki=$STATE/pki
kubernetes=$PROGRAMS/kubernetes

supervise etcd "$kubernetes" etcd --data-dir="$STATE/etcd" --unsafe-no-fsync --log-level=warn \
    --listen-client-urls=http://127.0.0.1:2379 --advertise-client-urls=http://127.0.0.1:2379 \
    --listen-peer-urls=http://127.0.0.1:2380 --initial-advertise-peer-urls=http://127.0.0.1:2380 \
    --initial-cluster=default=http://127.0.0.1:2380

supervise kube-apiserver "$kubernetes" kube-apiserver \
    --etcd-servers=http://127.0.0.1:2379 \
    --advertise-address="$CONTROL_ADDRESS" \
    --service-cluster-ip-range="$SERVICE_CIDR" \
    --allow-privileged \
    --authorization-mode=Node,RBAC \
    --enable-admission-plugins=NodeRestriction \
    --enable-aggregator-routing \
    --audit-policy-file="$E2E/control/audit.yaml" \
    --audit-log-path="$STATE/audit.log" \
    --client-ca-file="$pki/ca.crt" \
    --tls-cert-file="$pki/kube-apiserver.crt" \
    --tls-private-key-file="$pki/kube-apiserver.key" \
    --kubelet-certificate-authority="$pki/ca.crt" \
    --kubelet-client-certificate="$pki/apiserver-to-kubelet.crt" \
    --kubelet-client-key="$pki/apiserver-to-kubelet.key" \
    --kubelet-preferred-address-types=InternalIP \
    --service-account-issuer=https://kubernetes.default.svc.cluster.local \
    --service-account-key-file="$pki/service-accounts.pub" \
    --service-account-signing-key-file="$pki/service-accounts.key" \
    --requestheader-client-ca-file="$pki/front-ca.crt" \
    --requestheader-allowed-names=front-proxy \
    --requestheader-username-headers=X-Remote-User \
    --requestheader-group-headers=X-Remote-Group \
    --requestheader-extra-headers-prefix=X-Remote-Extra- \
    --proxy-client-cert-file="$pki/front-proxy.crt" \
    --proxy-client-key-file="$pki/front-proxy.key"

client() {
    echo "--kubeconfig=$pki/$1.kubeconfig --authentication-kubeconfig=$pki/$1.kubeconfig" \
        "--authorization-kubeconfig=$pki/$1.kubeconfig --bind-address=127.0.0.1 --leader-elect=false"
}
# shellcheck disable=SC2046 # several words are meant
supervise kube-controller-manager "$kubernetes" kube-controller-manager $(client kube-controller-manager) \
    --use-service-account-credentials \
    --root-ca-file="$pki/ca.crt" \
    --service-account-private-key-file="$pki/service-accounts.key" \
    --cluster-cidr="$POD_CIDR" --allocate-node-cidrs=false
# shellcheck disable=SC2046
supervise kube-scheduler "$kubernetes" kube-scheduler $(client kube-scheduler)
wait
