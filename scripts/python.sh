#!/bin/sh
# Prints the first Python of at least 3.11 that can make a virtual environment.
# PYTHON=/path/to/python, where it is set, is the only one that is tried.
set -eu

usable() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

for candidate in ${PYTHON:+"$PYTHON"}; do
    if usable "$candidate"; then
        echo "$candidate"
        exit 0
    fi
    echo "PYTHON=$candidate is not a Python of at least 3.11 with its venv module." >&2
    exit 1
done

for candidate in python3 python3.11 python3.12 python3.13 python3.14 python; do
    if usable "$candidate"; then
        echo "$candidate"
        exit 0
    fi
done

echo "AttriBoard needs Python 3.11 or newer with its venv module, and found none on the PATH." >&2
echo "Install one (on Debian and Ubuntu: python3 and python3-venv), or name it: make PYTHON=/path/to/python3.12" >&2
exit 1
