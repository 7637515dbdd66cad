#!/bin/sh
# The command line as the services have it: their user, their settings and secrets. Goes to /usr/local/sbin/fordel.
set -eu
umask 077
# As systemd reads it: a value is what stands there, quotes around it fall off, and nothing in it is a shell's.
while IFS= read -r line || [ -n "$line" ]; do
    case $line in
        "" | "#"* | ";"*) continue ;;
    esac
    value=${line#*=}
    case $value in
        \"*\") value=${value#\"} value=${value%\"} ;;
        \'*\') value=${value#\'} value=${value%\'} ;;
    esac
    export "${line%%=*}=$value"
done < /etc/fordel/fordel.env
cd /var/lib/fordel
exec runuser -u fordel -- /opt/fordel/.venv/bin/fordel "$@"
