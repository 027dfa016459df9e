#!/usr/bin/env bash
# On a server: back to the images that ran before the last deployment.
#   infra/deploy/roll-back.sh SERVER
set -euo pipefail
cd "$(dirname "$0")/../.."

server=${1:?name the server: workhorse, controltower or nervous}
before=$(cat "state/tag-before" 2>/dev/null || true)
if [ -z "$before" ]; then
  echo "nothing to go back to: $server has been deployed once" >&2
  exit 1
fi
exec infra/deploy/apply.sh "$server" "$before"
