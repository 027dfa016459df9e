# Made by infra/images/dockerfile.ts; after a change there: npx vitest run --update infra/images
# Build in the repository's root: docker build -f infra/images/feature-server.Dockerfile -t marquee-feature-server .
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY workhorse/package.json workhorse/
COPY controltower/package.json controltower/
COPY nervous/package.json nervous/
COPY infra/package.json infra/
# Optional packages are the embedded PostgreSQL's binaries and native TensorFlow; no install script is needed.
RUN npm ci --workspace @marquee/workhorse --omit=dev --omit=optional --ignore-scripts --cache /tmp/npm \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' \) -delete \
  && find node_modules -type f -path '*/@tensorflow/*' \( -name '*.min.js' -o -name '*.fesm.js' -o -name '*.es2017.js' -o -name '*_test.js' \) -delete \
  && rm -rf /tmp/npm

FROM ${NODE_IMAGE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="marquee-feature-server" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production MARQUEE_ENV=production HOST=0.0.0.0 PORT=6566 SPOOL_FOLDER=/var/lib/marquee/spool
WORKDIR /app
# A volume takes its owner from the folder that it is mounted over.
RUN install -d -o node -g node /var/lib/marquee /var/lib/marquee/spool /var/lib/marquee/datasets
COPY --from=packages /app/node_modules node_modules/
COPY package.json ./
COPY shared shared/
COPY workhorse workhorse/
USER 1000
EXPOSE 6566
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "workhorse/src/feature-server/main.ts"]
