#!/bin/sh
# Puts coredns, named, unbound and dig into the folder that is named.
#
# The last three come from Debian's packages, unpacked and not installed: nothing on this machine
# changes, and no service starts. Where there is no apt-get they must be on the PATH.
set -eu
out=$1
mkdir -p "$out"
CGO_ENABLED=0 go build -o "$out/coredns" .

[ ! -x "$out/dig" ] || [ ! -x "$out/named" ] || [ ! -x "$out/unbound" ] || exit 0
if command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then
	archives=$out/archives
	rm -rf "$archives" "$out/packages"
	mkdir -p "$archives/partial" "$out/packages"
	fetch() {
		apt-get -qq install --download-only --reinstall --no-install-recommends -y \
			-o Dir::Cache::archives="$archives" -o Debug::NoLocking=1 \
			bind9 bind9-dnsutils unbound >/dev/null
	}
	fetch 2>/dev/null || { apt-get -qq update && fetch; }
	for archive in "$archives"/*.deb; do
		dpkg-deb -x "$archive" "$out/packages"
	done
	rm -r "$archives"
	packages=$out/packages
	libraries=$(find "$packages/usr/lib" -name 'libdns-*.so' -exec dirname {} \;)
else
	packages=
	libraries=
fi
for program in usr/sbin/named usr/sbin/unbound usr/bin/dig; do
	name=${program##*/}
	file=${packages:+$packages/$program}
	file=${file:-$(command -v "$name")} || {
		echo "$name is missing; install BIND (named, dig) and Unbound" >&2
		exit 1
	}
	printf '#!/bin/sh\nLD_LIBRARY_PATH=%s exec %s "$@"\n' "'$libraries'" "'$file'" >"$out/$name"
	chmod +x "$out/$name"
done
