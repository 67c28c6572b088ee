#!/bin/sh
# See to PostgreSQL's programs, over which the tests run an MLflow server: install them where that is
# allowed. No database is set up or started; the tests make their own and remove it.
set -eu
program=PostgreSQL
packages=postgresql
. "${0%/*}/packages.sh"

for initdb in "$(command -v initdb)" /usr/lib/postgresql/*/bin/initdb; do
    [ -x "$initdb" ] && exit 0
done
become_root
settings=/etc/postgresql-common/createcluster.d
$as_root mkdir -p "$settings"
trap '$as_root rm -f "$settings/answer-sheets.conf"' EXIT
echo "create_main_cluster = false" | $as_root tee "$settings/answer-sheets.conf" >/dev/null
install
