#!/bin/sh
# Puts KERN, which the pages are styled with, and what tests the pages into tools/npm/node_modules, by hash, and KERN beside the pages.
# Called by `make install`: sh tools/install_npm.sh VENV   imgate works without them, so this says what is missing and goes on.
set -eu

venv=$1
log=$venv/npm.log

go_on() {
    echo "$1: the pages will be unstyled, and tests in a browser that need it are skipped; 'make clean install' tries again." >&2
    exit 0
}

if ! command -v npm >/dev/null 2>&1; then
    go_on "npm was not found"
fi
if ! (cd tools/npm && npm ci) >"$log" 2>&1; then
    go_on "npm could not fetch the KERN design system (details: $log)"
fi
"$venv/bin/python" tools/kern.py
