#!/bin/sh
# Starts Postgres as docker.io/library/postgres does: a new data folder gets the user, password and database of the environment variables.
set -eu
of_file() { eval "file=\${$1_FILE:-}"; [ -z "$file" ] || export "$1=$(cat "$file")"; }
of_file POSTGRES_USER; of_file POSTGRES_PASSWORD; of_file POSTGRES_DB
user=${POSTGRES_USER:-postgres} database=${POSTGRES_DB:-${POSTGRES_USER:-postgres}}
[ "${1:-postgres}" = postgres ] || exec "$@"
[ $# = 0 ] || shift
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"; chmod 700 "$PGDATA"
  secret=$(mktemp); printf '%s\n' "${POSTGRES_PASSWORD:?is not given}" > "$secret"
  # shellcheck disable=SC2086
  initdb -D "$PGDATA" -U "$user" --pwfile "$secret" --auth-host scram-sha-256 --encoding UTF8 --locale C ${POSTGRES_INITDB_ARGS:-}
  rm "$secret"
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  [ "$database" = postgres ] || echo "create database \"$database\"" | postgres --single -D "$PGDATA" postgres
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/var/run/postgresql "$@"
