#!/usr/bin/env bash
# Asks what the public asks: does it live, and does it predict?
#   infra/deploy/smoke-test.sh URL      such as https://marquee.example
# ATTEMPTS (default 10), two seconds apart.
set -euo pipefail

url=${1:?name where the product answers}
film='{"movie":{"title":"Smoke test","releaseDate":"2030-01-01","genres":["Drama"]}}'

ask() { curl --silent --show-error --fail-with-body --max-time 10 "$@"; }
try() {
  ask "$url/health" >/dev/null &&
    answer=$(ask --header 'content-type: application/json' --data "$film" "$url/predict") &&
    [[ $answer =~ \"rating\":[0-9]+(\.[0-9]+)? ]]
}

for ((attempt = 1; attempt <= ${ATTEMPTS:-10}; attempt++)); do
  if try; then
    echo "$url answers: ${BASH_REMATCH[0]}"
    exit 0
  fi
  sleep 2
done
echo "$url does not predict: ${answer:-no answer}" >&2
exit 1
