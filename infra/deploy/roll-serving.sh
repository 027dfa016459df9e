#!/usr/bin/env bash
# On controltower: replaces the two instances of serving one by one, so that no request meets a stopped one, and the
# rest around them. IMAGE_TAG names the images.
set -euo pipefail
cd "$(dirname "$0")/../.."

state=state
compose() { docker compose --file docker-compose.controltower.yml "$@"; }
up() { compose up --detach --wait --wait-timeout 300 "$@"; }
running() { [ -n "$(compose ps --quiet --status running "$1")" ]; }

# Nginx asks the named instances alone: blue, green or both. The file is replaced whole.
route_to() {
  mkdir -p "$state/nginx"
  cp "infra/nginx/upstreams/$1.conf" "$state/nginx/upstreams.conf.new"
  mv "$state/nginx/upstreams.conf.new" "$state/nginx/upstreams.conf"
  if running nginx; then compose exec -T nginx nginx -s reload; fi
}

# Who may reach the console; nobody unless TEAM_ADDRESSES names one.
write_team() {
  local addresses address
  addresses=$(sed -n 's/^TEAM_ADDRESSES=//p' .env)
  {
    for address in $addresses; do printf 'allow %s;\n' "$address"; done
    echo 'deny all;'
  } >"$state/nginx/team.conf"
}

# Answers predictions: alive is not enough, it needs a model.
ready() {
  # shellcheck disable=SC2016 # PORT is the container's
  compose exec -T "serving-$1" node -e \
    'fetch(`http://127.0.0.1:${process.env.PORT}/ready`).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))'
}
wait_until_ready() {
  local end=$((SECONDS + 60))
  until ready "$1"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 1
  done
}

replace() { # colour, the other one
  local was_ready=no
  if running "serving-$2" && ready "$2"; then was_ready=yes; fi
  if [ "$was_ready" = yes ]; then route_to "$2"; fi
  up --no-deps "serving-$1"
  # Where the other has no model either (the very first deployment) there is nothing to wait for.
  if [ "$was_ready" = yes ] && ! wait_until_ready "$1"; then
    echo "serving-$1 has no model after 60 s; requests stay with serving-$2" >&2
    return 1
  fi
  route_to both
}

mkdir -p "$state/nginx"
write_team
[ -f "$state/nginx/upstreams.conf" ] || route_to both
up --no-deps scheduler node-exporter cadvisor filebeat
replace green blue
replace blue green
up --no-deps nginx nginx-exporter
compose exec -T nginx nginx -s reload
