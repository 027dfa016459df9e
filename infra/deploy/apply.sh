#!/usr/bin/env bash
# On a server: brings its containers to the images of TAG; where that fails, back to those that ran before.
#   infra/deploy/apply.sh SERVER TAG     in the folder that holds the Compose files and .env
set -euo pipefail
cd "$(dirname "$0")/../.."

server=${1:?name the server: workhorse, controltower or nervous}
tag=${2:?name the tag of the images}
state=state
mkdir -p "$state/nginx"
before=$(cat "$state/tag" 2>/dev/null || true)
compose() { docker compose --file "docker-compose.$server.yml" "$@"; }

# Waits until what has a health check is healthy.
up() { compose up --detach --remove-orphans --wait --wait-timeout 300; }

apply() {
  export IMAGE_TAG=$1
  compose pull --quiet
  case $server in
    workhorse)
      up
      grant_rights
      ;;
    controltower) infra/deploy/roll-serving.sh ;;
    nervous) up ;;
  esac
}

# The worker migrates at its start; it is healthy once that is done.
grant_rights() {
  compose exec -T postgres psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname marquee \
    <infra/postgres/rights.sql
}

# In a shell of its own, where the first failure ends it: `if` would let it go on.
set +e
(
  set -e
  apply "$tag"
)
code=$?
set -e
if [ "$code" = 0 ]; then
  if [ "$before" != "$tag" ]; then printf '%s\n' "$before" >"$state/tag-before"; fi
  printf '%s\n' "$tag" >"$state/tag"
  echo "$server runs $tag"
  exit 0
fi

echo "$server did not come up with $tag" >&2
compose ps --all >&2 || true
if [ -n "$before" ] && [ "$before" != "$tag" ]; then
  echo "back to $before" >&2
  apply "$before"
fi
exit 1
