#!/usr/bin/env bash
# Puts the product's dashboards into Kibana, over those of the same id; may run at every start.
#   KIBANA_URL                    such as http://kibana:5601
#   DASHBOARDS_FILE               saved objects, one a line
#   ELASTICSEARCH_PASSWORD_FILE   of the user elastic (default /run/secrets/elasticsearch_password)
set -euo pipefail

password=$(cat "${ELASTICSEARCH_PASSWORD_FILE:-/run/secrets/elasticsearch_password}")
# Kibana answers 503 until it has set itself up.
answer=$(curl --silent --show-error --fail-with-body --retry 30 --retry-all-errors --retry-delay 5 \
  --config <(printf 'user = "elastic:%s"\n' "$password") --header 'kbn-xsrf: true' \
  --form "file=@${DASHBOARDS_FILE:?}" "${KIBANA_URL:?}/api/saved_objects/_import?overwrite=true")
echo "$answer"
# What it could not take it tells with 200.
[[ $answer == *'"success":true'* ]]
