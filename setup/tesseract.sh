#!/bin/sh
# See to the tesseract binary and its English model: install them where that is allowed.
set -eu
program=tesseract
packages="tesseract-ocr tesseract-ocr-eng"
. "${0%/*}/packages.sh"

if command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -qx eng; then
    exit 0
fi
become_root
install
