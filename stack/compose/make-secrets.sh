#!/bin/sh
# Writes secrets into a folder, unless they are there: make-secrets.sh FOLDER
#   grafana-admin-password, grafana-secret-key   for Grafana
#   grafana-read-token, -plan-token, -run-token  for the app in Grafana: what each of its routes may do
#   alertmanager-token                           for Alertmanager, to tell what fires
#   control-token                                for you, of every scope; may be removed when you have it
#   tokens.yml                                   for the exporter: the tokens' hashes
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

entry() { # FILE ID SCOPES [MORE]: makes a token, writes it to FILE and its entry to standard output
  token=sw_$(random)
  printf %s "$token" >"$1"
  cat <<END
  - id: $2
    hash: $(printf %s "$token" | sha256sum | cut -d ' ' -f 1)
    scopes: [$3]
END
  [ -z "${4-}" ] || echo "    $4"
}

if [ ! -s "$1/tokens.yml" ]; then
  {
    echo tokens:
    entry "$1/control-token" compose 'read, plan, run, override, admin, alerts, warmup, evict, policy, topology'
    entry "$1/grafana-read-token" grafana-read 'read' 'delegated: true'
    entry "$1/grafana-plan-token" grafana-plan 'read, plan, warmup, policy, evict' 'delegated: true'
    entry "$1/grafana-run-token" grafana-run 'read, run, warmup, policy, evict' 'delegated: true'
  } >"$1/tokens.yml.new"
  echo >>"$1/control-token" # it is read by people
  for use in read plan run; do chown 472:0 "$1/grafana-$use-token"; done
  # the exporter's image runs as node, user 1000
  chown 1000:1000 "$1/tokens.yml.new"
  mv "$1/tokens.yml.new" "$1/tokens.yml"
fi

# also into a folder of before Slotwise kept alerts
if [ ! -s "$1/alertmanager-token" ]; then
  entry "$1/alertmanager-token" alertmanager 'alerts' >>"$1/tokens.yml"
  # Alertmanager's image runs as nobody
  chown 65534:65534 "$1/alertmanager-token"
fi

cat <<'END'
to read the password of Grafana's user admin and the token of the control API:
  docker compose exec grafana cat /run/slotwise/grafana-admin-password
  docker compose run --rm -T --entrypoint cat secrets-init /run/slotwise/control-token
END
