#!/usr/bin/env bash
# What the tests need of the operating system: PostgreSQL's server programs, Chromium and Pango.
#
# Installs them from the system's own packages where that is allowed (root, or sudo without a password). Where it is not,
# says which tests will be skipped; under CI=true that is a failure, because nothing may be skipped there.
set -euo pipefail

has_postgres() {
    command -v initdb > /dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' > /dev/null
}

has_chromium() {
    command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null
}

# WeasyPrint, which makes the PDF reports, draws with them.
has_pango() {
    local known
    known=$(PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2> /dev/null) || return 1
    [[ $known == *libpangoft2-1.0.so.0* && $known == *libharfbuzz-subset.so.0* ]]
}

missing=()
has_postgres || missing+=(postgresql)
# Chromium without a font draws empty boxes, and only recommends one.
has_chromium || missing+=(chromium fonts-liberation)
has_pango || missing+=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2> /dev/null; then as_root=(sudo -n); else as_root=(false); fi
fi

if command -v apt-get > /dev/null && "${as_root[@]}" true 2> /dev/null; then
    echo "Installing from the system's packages, for the tests: ${missing[*]} …"
    # A server for tests makes its own cluster; the system's default one is not wanted, but harmless.
    "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null ||
        echo "apt-get could not install them."
fi

still=()
has_postgres || still+=("PostgreSQL (apt-get install postgresql)")
has_chromium || still+=("Chromium (apt-get install chromium fonts-liberation)")
has_pango || still+=("Pango (apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)")
[ ${#still[@]} -eq 0 ] && exit 0

for need in "${still[@]}"; do
    echo "Not installed, and this user may not install it: $need. The tests that need it are skipped."
done
if [ "${CI:-}" = "true" ]; then
    echo "Under CI nothing may be skipped."
    exit 1
fi
