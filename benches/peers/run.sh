#!/usr/bin/env bash
# Installs the peers into target/peers and measures them and Petal in turn: five minutes, after downloading a few gigabytes
# for PyTorch and JAX. Nothing else should be running.
set -euo pipefail
cd "$(dirname "$0")/../.."
venv=target/peers
[ -x $venv/bin/python ] || python3 -m venv $venv
$venv/bin/pip install --quiet -r benches/peers/requirements.txt
cargo build -p petal-benches --bin time_engines
exec $venv/bin/python benches/peers/compare.py target/debug/time_engines "$@"
