#!/bin/sh
# build.sh ROOT: installs a small Debian in ROOT that serves MongoDB's protocol, for machines without mongod.
# It contains PostgreSQL, its DocumentDB extension, FerretDB, and an empty cluster to copy.
# Needs root, mmdebstrap and Go. forky is the first release of Debian with the extension.
set -eu
root=$1
here=$(dirname "$(realpath "$0")")
lib=$root/usr/local/lib/plaza

CGO_ENABLED=0 go -C "$here" build -trimpath -buildvcs=false -ldflags='-s -w' \
  -o "$root.ferretdb" github.com/FerretDB/FerretDB/v2/cmd/ferretdb &
compiler=$!
trap 'rm -f "$root.ferretdb"' EXIT

# The release file of a frozen mirror has expired. Debian creates no cluster: initdb.sh does.
mmdebstrap --quiet --variant=minbase \
  --include=ca-certificates,postgresql-18,postgresql-18-documentdb \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --dpkgopt=force-unsafe-io \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
  --essential-hook='mkdir "$1/etc/postgresql-common" && echo "create_main_cluster = false" >"$1/etc/postgresql-common/createcluster.conf"' \
  forky "$root"

mkdir -p "$lib/new" "$root/data"
cp "$here/postgresql.conf" "$here/initdb.sh" "$here/mongod.sh" "$lib"
unshare --mount --ipc sh "$here/enter.sh" "$root" "$lib/new" bash /usr/local/lib/plaza/initdb.sh
mv "$lib/new/cluster" "$lib/cluster"
rmdir "$lib/new"

wait $compiler
mv "$root.ferretdb" "$root/usr/local/bin/ferretdb"
