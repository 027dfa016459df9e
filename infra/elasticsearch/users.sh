#!/usr/bin/env bash
# Gives each user of Elasticsearch its password and no more rights than it needs; may run at every start.
#   ELASTICSEARCH_URL             such as http://elasticsearch:9200
#   ELASTICSEARCH_PASSWORD_FILE   of the user elastic (default /run/secrets/elasticsearch_password)
#   USER_PASSWORDS_FILE           lines NAME:PASSWORD (default /run/secrets/elasticsearch_user_passwords)
set -euo pipefail

password=$(cat "${ELASTICSEARCH_PASSWORD_FILE:-/run/secrets/elasticsearch_password}")
declare -A passwords
while IFS=: read -r name value; do
  [ -z "$name" ] || passwords[$name]=$value
done <"${USER_PASSWORDS_FILE:-/run/secrets/elasticsearch_user_passwords}"

# The password and the body go through files and standard input, so that no list of processes shows them.
call() { # method, path; body on standard input
  curl --silent --show-error --fail-with-body --retry 10 --retry-all-errors --retry-delay 3 \
    --config <(printf 'user = "elastic:%s"\n' "$password") \
    --request "$1" --header 'content-type: application/json' --data-binary @- "${ELASTICSEARCH_URL:?}/_security/$2"
  echo
}
user() { # name, roles as a JSON array
  call PUT "user/$1" <<<"{\"password\":\"${passwords[$1]:?no password for $1}\",\"roles\":$2}"
}

call PUT user/kibana_system/_password <<<"{\"password\":\"${passwords[kibana_system]:?no password for kibana_system}\"}"
# Ours: makes its templates and data streams, writes and searches them.
call PUT role/marquee_logs <<'JSON'
{ "cluster": ["monitor", "manage_index_templates"],
  "indices": [{ "names": ["logs-marquee-*"], "privileges": ["auto_configure", "create_index", "create_doc", "index", "read", "view_index_metadata", "manage"] }] }
JSON
call PUT role/marquee_containers <<'JSON'
{ "cluster": ["monitor", "manage_index_templates"],
  "indices": [{ "names": ["logs-containers-*"], "privileges": ["auto_configure", "create_index", "create_doc"] }] }
JSON
user marquee_logs '["marquee_logs"]'
user logstash '["marquee_containers"]'
user exporter '["remote_monitoring_collector"]'
