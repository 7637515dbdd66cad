#!/bin/sh
# The command line as the services have it: their user, their settings and secrets. Goes to /usr/local/sbin/fordel.
set -eu
umask 077
set -a
. /etc/fordel/fordel.env
set +a
cd /var/lib/fordel
exec runuser -u fordel -- /opt/fordel/.venv/bin/fordel "$@"
