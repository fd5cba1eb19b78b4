#!/bin/sh
# Counts the same signatures in the same 1 GiB with dnslog-count and with ripgrep, one run of hyperfine.
#
# ripgrep says in how many lines any of the texts stands (`rg -c`), the least it can be asked for.
# dnslog-count says how often each signature was seen, and for which upstream.
set -eu
cd "$(dirname "$0")/../../.."
layer=${1:-kubectl}
target=${CARGO_TARGET_DIR:-target}
cargo build --quiet --release --package digpod-dnslog --examples
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"$target/release/examples/dnslog-make" 1024 "$layer" >"$log"
texts="-e 'i/o timeout' -e 'connection refused' -e 'no route to host' -e 'network is unreachable' \
-e 'operation not permitted' -e 'no healthy proxies' -e 'concurrent queries exceeded maximum' -e 'no next plugin found' \
-e 'dns: overflow' -e 'dns: bad' -e 'connection reset by peer' -e 'x509: ' -e 'plugin/loop: Loop' -e 'Corefile parse failed' \
-e 'reload failed' -e 'Restart failed' -e 'ailed to list' -e 'ailed to watch' -e 'Unhandled Error' \
-e 'starting server with unsynced' -e 'Local health request' -e 'Recovered from panic' -e 'Error during parsing'"
hyperfine --warmup 1 --shell=none --style basic \
	--command-name 'dnslog-count --signatures' "$target/release/examples/dnslog-count --signatures $log" \
	--command-name 'rg --count, texts of the signatures' "${RG:-rg} --count --text $texts $log" \
	--command-name 'dnslog-count, every field' "$target/release/examples/dnslog-count $log" \
	--command-name 'wc -l' "wc -l $log"
