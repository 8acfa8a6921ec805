#!/bin/sh
# Stands before the programs of its names: `docker exec` and health checks enter as root where the container began as root.
set -eu

program=/opt/list-sync/bin/${0##*/}
[ "$(id -u)" -eq 0 ] || exec "$program" "$@"
exec setpriv --reuid "${PUID:-1000}" --regid "${PGID:-1000}" --clear-groups --inh-caps=-all "$program" "$@"
