#!/usr/bin/env bash
# Formats Kafka's storage once, with the users of a file of lines NAME:PASSWORD, then starts the broker. A password is
# changed with kafka-configs.sh (docs/operations.md): storage that has been formatted keeps its users.
#   ADVERTISED_HOST   the address under which other servers reach this one
#   INSIDE_HOST       the name under which containers beside it do (default kafka)
#   KAFKA_USERS_FILE  (default /run/secrets/kafka_users)
set -euo pipefail

bin=${KAFKA_BIN:-/opt/kafka/bin}
properties=$(dirname "$0")/server.properties
# Any would do, as long as it stays: Kafka refuses data of another cluster.
cluster_id=TWFycXVlZUthZmthQ2x1c3

users=()
while IFS=: read -r name password; do
  [ -z "$name" ] || users+=(--add-scram "SCRAM-SHA-512=[name=$name,password=$password]")
done <"${KAFKA_USERS_FILE:-/run/secrets/kafka_users}"

"$bin/kafka-storage.sh" format --ignore-formatted --cluster-id "$cluster_id" --config "$properties" "${users[@]}" >/dev/null # it prints what it stores of them
exec "$bin/kafka-server-start.sh" "$properties" --override \
  "advertised.listeners=CLIENT://${ADVERTISED_HOST:?}:9092,INSIDE://${INSIDE_HOST:-kafka}:9094,BROKER://127.0.0.1:9095"
