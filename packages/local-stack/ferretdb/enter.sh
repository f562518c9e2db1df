#!/bin/sh
# enter.sh ROOT DATA COMMAND...: runs COMMAND as the user postgres, with ROOT as / and DATA as /data.
#
# Run it with `unshare --mount --ipc`: the mounts belong to this process and end with it.
set -eu
root=$1 data=$2
shift 2

mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp" # the sockets: a fresh place each time, so that clusters never meet
mount --bind "$data" "$root/data"
chroot "$root" chown postgres:postgres /data
exec chroot --userspec=postgres:postgres "$root" \
  env -i PATH=/usr/lib/postgresql/18/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 HOME=/data "$@"
