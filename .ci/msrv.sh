#!/usr/bin/env bash
# Checks that everything compiles with the oldest Rust version that Cargo.toml promises, `rust-version`.
#
# Skipped if that version is not installed; `.ci/msrv.sh --install` installs it first. Either way, the lint
# clippy::incompatible_msrv reports parts of the standard library that are too new.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)

if [ "${1:-}" = --install ]; then
    rustup toolchain install "$version" --profile minimal
elif ! rustup run "$version" rustc --version >/dev/null 2>&1; then
    echo "skipped: Rust $version is not installed; \`.ci/msrv.sh --install\` installs it"
    exit 0
fi

# A separate target folder, so that these artifacts do not replace those of the pinned compiler.
export CARGO_TARGET_DIR=target/msrv
cargo "+$version" check --workspace --all-targets --locked
