#!/bin/bash
# mongod.sh PORT FSYNC: serves the cluster in /data like mongod, until SIGTERM. See enter.sh.
set -euo pipefail
port=$1 fsync=$2
cd /data

if [[ ! -e cluster ]]; then
  rm -rf cluster.new # left by a first start that was killed
  cp -a /usr/local/lib/plaza/cluster cluster.new
  mv cluster.new cluster
fi
rm -f cluster/postmaster.pid # left by a killed server; the checkout's own lock keeps a second one out

postgres='' ferretdb=''
stop() {
  trap '' TERM INT
  [[ -z $ferretdb ]] || { kill -TERM "$ferretdb" && wait "$ferretdb"; } || true
  [[ -z $postgres ]] || { kill -INT "$postgres" && wait "$postgres"; } || true
  exit "$1"
}
trap 'stop 0' TERM INT

postgres -D cluster -c fsync="$fsync" &
postgres=$!
until pg_isready --quiet --host /tmp; do
  kill -0 "$postgres"
  sleep 0.05
done

ferretdb --listen-addr "127.0.0.1:$port" --postgresql-url 'postgres://postgres@/postgres?host=/tmp' \
  --state-dir /data --debug-addr - --telemetry disable --log-level WARN --no-auth &
ferretdb=$!
wait -n || true
echo 'PostgreSQL or FerretDB ended unexpectedly' >&2
stop 1
