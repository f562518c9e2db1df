#!/bin/sh
# exit-with-parent.sh SECONDS COMMAND...: becomes COMMAND, with a watcher in COMMAND's process group.
#
# File descriptor 3 is the read end of a pipe; only the starting process holds the write end. It closes when that
# process ends, by kill -9 too: then the group gets SIGTERM, and SIGKILL once COMMAND is gone or SECONDS are over.
# A line on the pipe means that COMMAND has ended and only descendants are left: SIGKILL at once.
grace=$1
shift
( (
  trap '' TERM INT HUP
  exec >/dev/null 2>&1
  if ! read -r _ <&3; then
    kill -s TERM -- "-$$"
    while [ "$grace" -gt 0 ] && kill -s 0 "$$"; do
      grace=$((grace - 1))
      sleep 1
    done
  fi
  kill -s KILL -- "-$$"
) &)
exec "$@" 3<&-
