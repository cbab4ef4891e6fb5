#!/bin/sh
# Writes Grafana's admin password and secret key into a folder, unless they are there: make-secrets.sh FOLDER
set -eu
umask 077
for name in grafana-admin-password grafana-secret-key; do
  file=$1/$name
  [ -s "$file" ] || head -c 24 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_' >"$file"
  # Grafana's image runs as user 472, group 0
  chown 472:0 "$file"
done
echo 'to read the password of the user admin: docker compose exec grafana cat /run/slotwise/grafana-admin-password'
