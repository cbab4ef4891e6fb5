#!/bin/sh
# Writes secrets into a folder, unless they are there: make-secrets.sh FOLDER
#   grafana-admin-password, grafana-secret-key   for Grafana
#   control-token                                for you, of every scope; may be removed when you have it
#   tokens.yml                                   for the exporter: the token's hash
set -eu
umask 077

random() { # 32 bytes, base64url
  head -c 32 /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'
}

for name in grafana-admin-password grafana-secret-key; do
  file=$1/$name
  [ -s "$file" ] || random >"$file"
  # Grafana's image runs as user 472, group 0
  chown 472:0 "$file"
done

if [ ! -s "$1/tokens.yml" ]; then
  token=sw_$(random)
  echo "$token" >"$1/control-token"
  cat >"$1/tokens.yml.new" <<END
tokens:
  - id: compose
    hash: $(printf %s "$token" | sha256sum | cut -d ' ' -f 1)
    scopes: [read, plan, run, override, admin, alerts, warmup, evict, policy, topology]
END
  # the exporter's image runs as node, user 1000
  chown 1000:1000 "$1/tokens.yml.new"
  mv "$1/tokens.yml.new" "$1/tokens.yml"
fi

cat <<'END'
to read the password of Grafana's user admin and the token of the control API:
  docker compose exec grafana cat /run/slotwise/grafana-admin-password
  docker compose run --rm -T --entrypoint cat secrets-init /run/slotwise/control-token
END
