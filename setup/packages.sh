# To be sourced: `become_root` sets $as_root, `install` gets the distribution's packages.
# Both end the script in one line, which names the command, where that is not allowed.

become_root() {
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        as_root="sudo -n"
        sudo -n true 2>/dev/null || as_root="none"
    fi
    if ! command -v apt-get >/dev/null || [ "$as_root" = none ]; then
        echo "$program is missing; install it, then go on:  sudo apt-get install $packages" >&2
        exit 1
    fi
}

install() {
    echo "installing $packages"
    $as_root apt-get update -qq
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages >/dev/null
}
