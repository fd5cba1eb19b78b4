#!/bin/sh
# PID 1 of a DNS server outside the cluster; the zones are read relative to the Corefile's folder.
set -eu
. "$E2E/supervise.sh"
cd "$E2E/dns"
supervise coredns "$PROGRAMS/coredns" -conf "$MEMBER.Corefile"
wait
