#!/usr/bin/env bash
# Builds the images of our services on the Docker daemon of DOCKER_HOST, as marquee-NAME:TAG.
#   infra/images/build.sh [NAME...]     all unless named
#   TAG (default local), NODE_IMAGE (default that of the Dockerfiles), DOCKER_BUILD_ARGS (more words for docker build)
set -euo pipefail
cd "$(dirname "$0")/../.."

names=("$@")
if [ ${#names[@]} = 0 ]; then
  for file in infra/images/*.Dockerfile; do names+=("$(basename "$file" .Dockerfile)"); done
fi

arguments=(--build-arg "REVISION=$(git rev-parse HEAD)")
[ -z "${NODE_IMAGE:-}" ] || arguments+=(--build-arg "NODE_IMAGE=$NODE_IMAGE")
read -ra more <<<"${DOCKER_BUILD_ARGS:-}"

for name in "${names[@]}"; do
  docker build "${arguments[@]}" "${more[@]}" --file "infra/images/$name.Dockerfile" --tag "marquee-$name:${TAG:-local}" .
  docker image inspect --format "{{index .RepoTags 0}} {{.Size}} bytes" "marquee-$name:${TAG:-local}"
done
