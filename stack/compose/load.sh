#!/bin/sh
# A few writes and reads a second, of keys that live for an hour: load.sh HOST PORT
set -eu
trap 'exit 0' INT TERM
i=0
while :; do
  i=$(((i + 1) % 10000))
  redis-cli -c -h "$1" -p "$2" set "demo:$i" "value-$i" EX 3600 >/dev/null || true
  redis-cli -c -h "$1" -p "$2" get "demo:$((i * 7 % 12000))" >/dev/null || true
  sleep 0.2
done
