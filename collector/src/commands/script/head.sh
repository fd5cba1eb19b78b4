#!/bin/sh
# Reads with kubectl what bears on "pods cannot resolve names", and writes it into one new folder.
#
#   sh digpod.sh [FOLDER]       then:  digpod analyze FOLDER
#
# It only reads (kubectl get, kubectl logs), creates nothing in the cluster, and writes nothing
# outside the folder. It never asks for Secrets. Of pods it reads the fields listed below and no
# others: no environment, no commands, no annotations, no arguments but those of the DNS containers.
# The DNS ConfigMaps and the logs of the DNS pods are read whole.
#
# Needs kubectl 1.18 or newer. Printed by digpod DIGPOD_VERSION: digpod collect --script.
# shellcheck disable=SC2016,SC2154 # templates are for kubectl; names and others are set below

set -u
umask 077

# A call may take a minute; where there is no timeout(1), kubectl's own limit has to do.
if command -v timeout >/dev/null 2>&1; then
    limited() { timeout 60 "$@"; }
else
    limited() { "$@"; }
fi
