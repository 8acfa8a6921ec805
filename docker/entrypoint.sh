#!/bin/sh
# Makes sure that the folders of data and settings can be written and that nothing of ours runs as root; then it becomes the command.
set -eu

data=${DATA_DIR:-data}
config=${CONFIG_DIR:-config}
uid=${PUID:-1000}
gid=${PGID:-1000}
command="$*"

# On stdout, as `docker logs … | grep` passes on nothing else.
stop() {
  echo "Error: ListSync cannot start: $1"
  exit 2
}

# The system takes larger numbers for others, root's among them.
is_id() {
  case $1 in '' | *[!0-9]*) return 1 ;; esac
  [ "${#1}" -le 10 ] && [ "$1" -le 4294967294 ]
}

check_ids() {
  if ! is_id "$uid" || ! is_id "$gid"; then
    stop "PUID=$uid and PGID=$gid must be numbers, for example what \`id -u\` and \`id -g\` print"
  fi
  [ "$uid" -ne 0 ] || stop "PUID=0 is root, which ListSync does not run as: set PUID to what \`id -u\` prints, or leave it out"
}

# Docker makes a folder that it is to mount and that is missing as root; earlier versions wrote theirs as root as well.
# What cannot be changed, because it is mounted read-only or its file system knows no owners, is looked at by check_data;
# the folder of settings need not be writable.
take_over_folders() {
  [ -d "$data" ] || mkdir -p "$data" || true
  find "$data" "$config" -user 0 -exec chown -h "$uid:$gid" {} + 2>/dev/null || true
}

# A daemon that is stopped while it starts ends well, too: the signal is kept until the program has begun.
become() {
  case $command in
    list-sync | "list-sync run") exec env --block-signal=TERM "$@" ;;
    *) exec "$@" ;;
  esac
}

step_down() {
  export HOME=/tmp
  become setpriv --reuid "$uid" --regid "$gid" --clear-groups --inh-caps=-all "$0" "$@"
}

may_step_down() {
  setpriv --reuid "$uid" --regid "$gid" --clear-groups true 2>/dev/null
}

is_covered() {
  [ "$(awk -v folder="$(readlink -f "$data")" '$5 == folder' /proc/self/mountinfo | wc -l)" -gt 1 ]
}

has_foreign_database() {
  [ -e "$1/list_sync.db" ] && [ ! -w "$1/list_sync.db" ]
}

# Where only data/logs can be written, everything is kept there.
check_data() {
  ! is_covered || stop "the folder mounted at /data is hidden: mount it at $(readlink -f "$data") instead"
  for folder in "$data" "$data/logs"; do
    if [ -w "$folder" ] && [ -x "$folder" ] && ! has_foreign_database "$folder"; then return; fi
  done
  stop "user $(id -u) cannot write the folder that is mounted at $(readlink -f "$data"), which belongs to user $(stat -c %u "$data" 2>/dev/null || echo '?'); on the host: sudo chown -R $(id -u):$(id -g) ./data"
}

trap 'exit 0' TERM
if [ "$(id -u)" -eq 0 ]; then
  check_ids
  may_step_down || stop "it may not leave root here (cap_drop: ALL?): set user: \"$uid:$gid\" in the compose file"
  take_over_folders
  step_down "$@"
fi

check_data
# A mount that Docker and others make from the container's own folder. `docker exec` does not come this way.
LISTSYNC_CONTAINER=$(awk '$5 == "/etc/hostname" { print $4 }' /proc/self/mountinfo)
export LISTSYNC_CONTAINER
become "$@"
