#!/usr/bin/env bash
# Installs the other frameworks into target/peers and compares their speed with Petal's. It downloads a few gigabytes for
# PyTorch and JAX, and then takes five minutes. No other program should run at the same time.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=target/peers
[ -x $venv/bin/python ] || python3 -m venv $venv
$venv/bin/pip install --quiet -r benches/peers/requirements.txt
cargo build -p petal-benches --bin time_engines
exec $venv/bin/python benches/peers/compare.py target/debug/time_engines "$@"
