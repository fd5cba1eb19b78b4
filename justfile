# The one door for people and CI. The first two need only a Rust toolchain: cargo xtask demo, cargo xtask test.

# List the recipes.
default:
    @just --list

# Collect from a simulated cluster, name the cause, open the page.
demo *ARGS:
    cargo xtask demo {{ARGS}}

# Every check and test.
test *ARGS:
    cargo xtask test {{ARGS}}

# What CI runs.
ready: test

# The command line tool with the page and the probe inside; without the probe where that cannot be built.
build: viewer
    -cargo xtask image
    cargo build --release --package digpod

# The page: target/viewer/digpod.html.
viewer:
    cargo xtask viewer

# The probe's image, without a container engine: target/image/digpod-probe.tar.
image:
    cargo xtask image

# Every bench, as ratios measured in one run.
bench *ARGS:
    cargo xtask bench {{ARGS}}

# Every parser fuzzed for a minute each (needs a nightly compiler).
fuzz *ARGS:
    command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
    cargo xtask fuzz {{ARGS}}

# Compared with the real programs: CoreDNS, glibc, musl, Go, dig, another policy evaluator (needs Go).
reference *ARGS:
    cargo xtask reference {{ARGS}}

# The suite on a real cluster: KUBECONFIG's, or one that is started on this machine (needs root, Go).
e2e *ARGS:
    cargo xtask e2e {{ARGS}}

# The skeleton of a rule and its fixture.
new-rule GROUP NAME:
    cargo xtask new-rule {{GROUP}} {{NAME}}

# Format every Rust file.
fmt:
    cargo xtask fmt

# Lints as CI sees them.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# Licences, advisories, bans.
deny:
    command -v cargo-deny >/dev/null || cargo install --locked cargo-deny
    cargo deny check
