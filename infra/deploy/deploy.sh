#!/usr/bin/env bash
# From anywhere: copies the files of a server to it and brings it to the images of TAG.
#   infra/deploy/deploy.sh SERVER ADDRESS TAG      ADDRESS as ssh takes it, such as deploy@203.0.113.5
# The server needs Docker with Compose, /opt/marquee/.env and its secrets (docs/operations.md).
set -euo pipefail
cd "$(dirname "$0")/../.."

server=${1:?name the server: workhorse, controltower or nervous}
address=${2:?name the server\'s address}
tag=${3:?name the tag of the images}
folder=${MARQUEE_FOLDER:-/opt/marquee}
for word in "$server" "$tag" "$folder"; do
  [[ $word =~ ^[A-Za-z0-9._/-]+$ ]] || { echo "'$word' is no name of a server, tag or folder" >&2; exit 2; }
done

case $server in
  workhorse) files=(infra/postgres infra/redis infra/filebeat) ;;
  controltower) files=(infra/nginx infra/filebeat) ;;
  nervous) files=(infra/kafka infra/elasticsearch infra/logstash infra/filebeat infra/prometheus infra/alertmanager infra/grafana infra/kibana) ;;
  *) echo "there is no server $server" >&2; exit 2 ;;
esac

# shellcheck disable=SC2029 # the words are checked above, and are meant to be filled in here
tar --create --exclude '*.ts' "docker-compose.$server.yml" infra/deploy "${files[@]}" |
  ssh -o BatchMode=yes "$address" "tar --extract --directory '$folder'"
# shellcheck disable=SC2029
ssh -o BatchMode=yes "$address" "cd '$folder' && infra/deploy/apply.sh '$server' '$tag'"
