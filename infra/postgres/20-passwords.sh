#!/usr/bin/env bash
# At the database's first start: a password for each role of a file of lines ROLE:PASSWORD, and MLflow's database.
set -euo pipefail

sql() { psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$1"; }

while IFS=: read -r role password; do
  [ -n "$role" ] || continue
  if [ "$role" = mlflow ]; then echo 'create role mlflow login;' | sql "$POSTGRES_DB"; fi
  # Through standard input, so that no list of processes shows it.
  printf "alter role %s password '%s';\n" "$role" "$password" | sql "$POSTGRES_DB"
done </run/secrets/postgres_role_passwords

echo 'create database mlflow owner mlflow;' | sql "$POSTGRES_DB"
printf 'revoke connect on database mlflow, %s from public;\ngrant connect on database %s to marquee_reader, marquee_owner, marquee_worker, marquee_scheduler, marquee_exporter;\n' \
  "$POSTGRES_DB" "$POSTGRES_DB" | sql "$POSTGRES_DB"
