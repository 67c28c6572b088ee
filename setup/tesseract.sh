#!/bin/sh
# See to the tesseract binary and its English model: install them where that is allowed.
set -eu
packages="tesseract-ocr tesseract-ocr-eng"

if command -v tesseract >/dev/null && tesseract --list-langs 2>/dev/null | grep -qx eng; then
    exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root="sudo -n"
    sudo -n true 2>/dev/null || as_root="none"
fi
if ! command -v apt-get >/dev/null || [ "$as_root" = none ]; then
    echo "tesseract is missing; install it, then go on:  sudo apt-get install $packages" >&2
    exit 1
fi
echo "installing $packages"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq $packages >/dev/null
