#!/bin/bash
# initdb.sh: creates an empty database cluster with DocumentDB in /data/cluster. See enter.sh.
set -euo pipefail
cd /data
initdb --pgdata cluster --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync
echo "include '/usr/local/lib/plaza/postgresql.conf'" >>cluster/postgresql.conf
pg_ctl --pgdata cluster --wait --options='-c fsync=off' start
psql --quiet --host /tmp --command 'create extension documentdb cascade' postgres
pg_ctl --pgdata cluster --wait stop
