set -eu
data=/var/lib/postgresql/data
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
if [ ! -s "$data/PG_VERSION" ]; then
  chown 65534:65534 "$data"
  chmod 700 "$data"
  printf '%s' "$POSTGRES_PASSWORD" >/tmp/password
  chmod 644 /tmp/password
  as_nobody /opt/postgres/bin/initdb -D "$data" -U "$POSTGRES_USER" -A scram-sha-256 --pwfile=/tmp/password -E UTF8 --locale=C
  echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
  echo "create database $POSTGRES_DB" | as_nobody /opt/postgres/bin/postgres --single -D "$data" postgres
fi
exec setpriv --reuid=65534 --regid=65534 --clear-groups /opt/postgres/bin/postgres -D "$data" \
  -c "listen_addresses=*" -c unix_socket_directories=/tmp
