#!/bin/sh
# Builds the reference programs into the folder that is named. Needs Go, gcc and musl-gcc.
set -eu
out=$1
mkdir -p "$out"
gcc -O1 -Wall -o "$out/glibc" lookup.c
musl-gcc -O1 -Wall -static -o "$out/musl" lookup.c
CGO_ENABLED=0 go build -o "$out/go" ./golookup
CGO_ENABLED=0 go build -o "$out/harness" .
if [ -f kubelet/go.mod ]; then
	(cd kubelet && CGO_ENABLED=0 go build -o "$out/kubelet" .)
fi
