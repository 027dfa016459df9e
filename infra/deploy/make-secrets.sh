#!/usr/bin/env bash
# Makes the secrets of the three servers, each server's in a folder of its own: passwords at random, and the settings
# that hold them. What is there already is left as it is, so that a lost file can be made again from the passwords.
#   infra/deploy/make-secrets.sh FOLDER
# TMDB_API_KEY, if set, goes to the worker. Keep FOLDER out of git, and copy each folder to its server alone.
set -euo pipefail
umask 077

folder=${1:?name the folder that is to hold the secrets}
mkdir -p "$folder"/{passwords,workhorse,controltower,nervous}

random() { head -c 24 /dev/urandom | base64 | tr '+/' '-_'; }
password() { # name: the same one each time
  local file="$folder/passwords/$1"
  [ -f "$file" ] || random >"$file"
  cat "$file"
}
# The folder is closed; containers read the single file, whatever user they are.
put() { # path; content on standard input
  local file="$folder/$1"
  [ -f "$file" ] && { cat >/dev/null; return; }
  cat >"$file"
  chmod 444 "$file"
}
database_url() { echo "postgres://marquee_$1:$(password "postgres_$1")@$2:5432/marquee"; }
redis_url() { echo "redis://marquee:$(password redis_marquee)@$1:6379"; }
kafka() { printf 'KAFKA_BROKERS=%s\nKAFKA_USERNAME=%s\nKAFKA_PASSWORD=%s\n' "$1" "$2" "$(password "kafka_$2")"; }
mlflow() { printf 'MLFLOW_TRACKING_USERNAME=admin\nMLFLOW_TRACKING_PASSWORD=%s\n' "$(password mlflow_admin)"; }
hash() { printf %s "$1" | sha256sum | cut -d' ' -f1; }

# workhorse
password postgres | put workhorse/postgres_password
password postgres_exporter | put workhorse/postgres_exporter_password
for role in worker scheduler serving feature_server events quality logs exporter; do
  echo "marquee_$role:$(password "postgres_$role")"
done | { cat; echo "mlflow:$(password postgres_mlflow)"; } | put workhorse/postgres_role_passwords
put workhorse/redis_users <<USERS
user default off
user marquee on #$(hash "$(password redis_marquee)") ~marquee:* &marquee:* +@all -@dangerous -@admin +info
user exporter on #$(hash "$(password redis_exporter)") +ping +info +client|list +config|get +slowlog|len +latency|latest +latency|histogram
USERS
echo "REDIS_PASSWORD=$(password redis_exporter)" | put workhorse/redis-exporter.env
put workhorse/mlflow.env <<ENV
MLFLOW_BACKEND_STORE_URI=postgresql+psycopg2://mlflow:$(password postgres_mlflow)@postgres:5432/mlflow
MLFLOW_FLASK_SERVER_SECRET_KEY=$(password mlflow_sessions)
MLFLOW_AUTH_ADMIN_USERNAME=admin
MLFLOW_AUTH_ADMIN_PASSWORD=$(password mlflow_admin)
ENV
put workhorse/mlflow_auth.ini <<INI
[mlflow]
default_permission = READ
database_uri = postgresql+psycopg2://mlflow:$(password postgres_mlflow)@postgres:5432/mlflow
INI
put workhorse/worker.env <<ENV
DATABASE_URL=$(database_url worker postgres)
REDIS_URL=$(redis_url redis)
$(kafka nervous:9092 marquee)
$(mlflow)
TMDB_API_KEY=${TMDB_API_KEY:-}
ENV
put workhorse/feature-server.env <<ENV
DATABASE_URL=$(database_url feature_server postgres)
REDIS_URL=$(redis_url redis)
$(kafka nervous:9092 marquee)
FEATURE_SERVER_TOKEN=$(password feature_server)
ENV

# controltower
put controltower/serving.env <<ENV
DATABASE_URL=$(database_url serving workhorse)
REDIS_URL=$(redis_url workhorse)
$(kafka nervous:9092 marquee)
ENV
put controltower/scheduler.env <<ENV
DATABASE_URL=$(database_url scheduler workhorse)
$(kafka nervous:9092 marquee)
SCHEDULER_API_TOKEN=$(password scheduler_api)
ALERTMANAGER_WEBHOOK_TOKEN=$(password alertmanager_webhook)
ENV

# nervous
echo "marquee:$(password kafka_marquee)" | put nervous/kafka_users
password elasticsearch | put nervous/elasticsearch_password
for user in kibana_system marquee_logs logstash exporter; do
  echo "$user:$(password "elasticsearch_$user")"
done | put nervous/elasticsearch_user_passwords
put nervous/kibana.env <<ENV
ELASTICSEARCH_PASSWORD=$(password elasticsearch_kibana_system)
XPACK_ENCRYPTEDSAVEDOBJECTS_ENCRYPTIONKEY=$(password kibana_objects)
XPACK_REPORTING_ENCRYPTIONKEY=$(password kibana_reports)
XPACK_SECURITY_ENCRYPTIONKEY=$(password kibana_sessions)
ENV
echo "ELASTICSEARCH_PASSWORD=$(password elasticsearch_logstash)" | put nervous/logstash.env
printf 'ES_USERNAME=exporter\nES_PASSWORD=%s\n' "$(password elasticsearch_exporter)" |
  put nervous/elasticsearch-exporter.env
password alertmanager_webhook | put nervous/alertmanager_webhook_token
password grafana | put nervous/grafana_password
put nervous/logs.env <<ENV
DATABASE_URL=$(database_url logs workhorse)
$(kafka kafka:9094 marquee)
ELASTICSEARCH_URL=http://elasticsearch:9200
ELASTICSEARCH_USERNAME=marquee_logs
ELASTICSEARCH_PASSWORD=$(password elasticsearch_marquee_logs)
ENV
for service in events quality; do
  put "nervous/$service.env" <<ENV
DATABASE_URL=$(database_url "$service" workhorse)
REDIS_URL=$(redis_url workhorse)
$(kafka kafka:9094 marquee)
ENV
done
