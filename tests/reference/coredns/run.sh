#!/bin/sh
# Records logs of real CoreDNS programs: run.sh FOLDER BINARY...
#
# Everything happens in a network namespace without a way out. Two destinations have routes that
# fail (192.0.2.2, and 192.0.2.1 none at all), and packets to 127.0.0.9 are taken by the packet filter.
set -eu
out=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
program=$(mktemp)
resolv=$(mktemp)
trap 'rm -f "$program" "$resolv"' EXIT
echo nameserver 127.0.0.1 >"$resolv"
chmod 644 "$resolv"
(cd "$here" && CGO_ENABLED=0 go build -o "$program" .)
for binary in "$@"; do
	version=$("$binary" -version | sed -n 's/^CoreDNS-//p')
	unshare --net --mount --user --map-root-user sh -eu -c '
		mount --bind "$4" /etc/resolv.conf
		ip link set lo up
		ip route add unreachable 192.0.2.2
		iptables -A OUTPUT -d 127.0.0.9 -j DROP || echo "no packet filter here: not-permitted will time out" >&2
		"$1" "$2" "$3"
	' record "$program" "$binary" "$out/$version" "$resolv"
done
