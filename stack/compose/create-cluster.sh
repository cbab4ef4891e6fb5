#!/bin/sh
# Makes one cluster of the nodes given as host:port: as many replicas as primaries, the primaries first.
# Does nothing when they are one already, so that it may run at each start.
set -eu

address() { # redis-cli --cluster takes no host names
  host=${1%:*}
  echo "$(getent ahostsv4 "$host" | head -n 1 | cut -d ' ' -f 1):${1##*:}"
}
info() {
  redis-cli -h "${1%:*}" -p "${1##*:}" cluster info | tr -d '\r'
}

first=$1
if info "$first" | grep -qx 'cluster_known_nodes:1'; then
  addresses=
  for node in "$@"; do addresses="$addresses $(address "$node")"; done
  # shellcheck disable=SC2086 # a word each
  redis-cli --cluster create $addresses --cluster-replicas 1 --cluster-yes
fi

tries=60
for node in "$@"; do
  until info "$node" | grep -qx 'cluster_state:ok'; do
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
      echo "$node: no cluster_state:ok within a minute; to begin anew: docker compose down --volumes" >&2
      exit 1
    fi
    sleep 1
  done
done
echo "the cluster of $# nodes is ok"
