#!/bin/sh
# Puts imgate, its plugins and every tool into a virtual environment, from constraints.txt and by hash.
# Called by `make install`: sh tools/install.sh VENV PLUGIN...   PYTHON names an interpreter other than the first one that fits.
set -eu

venv=$1
shift

fits() { # Runs it: a shim can be on the path and yet lead nowhere, and Debian ships Python without venv.
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if ! fits "$venv/bin/python"; then
    chosen=
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
        if fits "$candidate"; then
            chosen=$candidate
            break
        fi
    done
    if [ -z "$chosen" ]; then
        echo "imgate needs Python 3.11 or later with the venv module, and found none: install it (on Debian: python3 and python3-venv) or name it with 'make install PYTHON=/path/to/python3'." >&2
        exit 1
    fi
    echo "Installing imgate into $venv, once; this takes a minute or two." >&2
    rm -rf "$venv"
    "$chosen" -m venv "$venv"
fi

log=$venv/install.log
quiet_pip() { "$venv/bin/python" -m pip --disable-pip-version-check install --quiet "$@" >>"$log" 2>&1; }
: >"$log"

if ! quiet_pip --require-hashes -r constraints.txt; then
    # pip reports a package index that it could not reach as if the package did not exist; its retries tell the two apart.
    if grep -Eq 'Retrying \(|NewConnectionError|ConnectTimeout|NameResolutionError|ProxyError' "$log"; then
        echo "imgate could not be installed because the package index cannot be reached: 'make install' needs the network once (details: $log)." >&2
    else
        cat "$log" >&2
    fi
    exit 1
fi

set -- -e . $(for plugin in "$@"; do printf ' -e plugins/%s' "$plugin"; done)
if ! quiet_pip --no-deps --no-build-isolation --no-index "$@"; then
    cat "$log" >&2
    exit 1
fi

# pip compiles what it installs, but not what it leaves in its place.
"$venv/bin/python" -m compileall -q src plugins/*/src
