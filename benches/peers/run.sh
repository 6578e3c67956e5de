#!/usr/bin/env bash
# Installs the peers into an environment of their own and runs the comparison. Arguments go to compare.py:
#
#   benches/peers/run.sh                                          # all workloads, one thread, five rounds
#   benches/peers/run.sh --workloads cuba coba --rounds 3
#   benches/peers/run.sh --workloads microcircuit --scale 0.1 --threads 1 2 --peers nest
#
# PEERS_HOME  where the environment goes (default: the user's cache folder); pip's own configuration is respected
# PYTHON      the Python that it is made with (default: python3)
# NSB         an nsb that is already built (default: a release build of this repository)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${PEERS_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/nsb/peers}

if ! cmp -s "$here/requirements.txt" "$home/installed.txt"; then
  echo "installing the peers into $home (about 0.7 GB)" >&2
  mkdir -p "$home"
  "${PYTHON:-python3}" -m venv "$home/venv"
  "$home/venv/bin/python" -m pip install --quiet --requirement "$here/requirements.txt"
  cp "$here/requirements.txt" "$home/installed.txt"
fi
if [ -z "${NSB:-}" ]; then
  cargo build --release --package nsb-cli --manifest-path "$here/../../Cargo.toml"
  target=$(cargo metadata --no-deps --format-version 1 --manifest-path "$here/../../Cargo.toml" |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
  NSB=$target/release/nsb
fi
command -v c++ >/dev/null || echo "note: without a C++ compiler Brian 2 cannot run" >&2
export PYTHONDONTWRITEBYTECODE=1
exec "$home/venv/bin/python" "$here/compare.py" --nsb "$NSB" "$@"
