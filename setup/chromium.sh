#!/bin/sh
# See to a Chromium or Chrome for the tests of the report: install it where that is allowed.
set -eu
program=chromium
packages=chromium
. "${0%/*}/packages.sh"

for browser in chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null; then
        exit 0
    fi
done
become_root
install
