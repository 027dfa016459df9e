import type { Service } from "./services.ts";

/** Read by people and debuggers, not by Node. */
const NEVER_LOADED = ["*.map", "*.d.ts"];
/** TensorFlow.js for browsers and bundlers; Node takes `*.node.js`. With the source maps, two thirds of its weight. */
const NEVER_LOADED_OF_TENSORFLOW = ["*.min.js", "*.fesm.js", "*.es2017.js", "*_test.js"];

/**
 * A service's Dockerfile: packages in a stage of their own, without those of a laptop (embedded PostgreSQL, the `node`
 * package, native TensorFlow), then the sources as they are. Node runs TypeScript by erasure, but not below
 * node_modules: the workspaces lie as folders, and npm's links lead to them.
 */
export function renderDockerfile({ name, workspace, entry, port }: Service): string {
  const named = (patterns: readonly string[]) => patterns.map((pattern) => `-name '${pattern}'`).join(" -o ");
  return `# Made by infra/images/dockerfile.ts; after a change there: npx vitest run --update infra/images
# Build in the repository's root: docker build -f infra/images/${name}.Dockerfile -t marquee-${name} .
ARG NODE_IMAGE=node:24-bookworm-slim

FROM \${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY workhorse/package.json workhorse/
COPY controltower/package.json controltower/
COPY nervous/package.json nervous/
COPY infra/package.json infra/
# Optional packages are the embedded PostgreSQL's binaries and native TensorFlow; no install script is needed.
RUN npm ci --workspace @marquee/${workspace} --omit=dev --omit=optional --ignore-scripts --cache /tmp/npm \\
  && find node_modules -type f \\( ${named(NEVER_LOADED)} \\) -delete \\
  && find node_modules -type f -path '*/@tensorflow/*' \\( ${named(NEVER_LOADED_OF_TENSORFLOW)} \\) -delete \\
  && rm -rf /tmp/npm

FROM \${NODE_IMAGE}
ARG REVISION=unknown
LABEL org.opencontainers.image.title="marquee-${name}" \\
      org.opencontainers.image.revision="\${REVISION}" \\
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production MARQUEE_ENV=production HOST=0.0.0.0 PORT=${port} SPOOL_FOLDER=/var/lib/marquee/spool
WORKDIR /app
# A volume takes its owner from the folder that it is mounted over.
RUN install -d -o node -g node /var/lib/marquee /var/lib/marquee/spool /var/lib/marquee/datasets
COPY --from=packages /app/node_modules node_modules/
COPY package.json ./
COPY shared shared/
COPY ${workspace} ${workspace}/
USER 1000
EXPOSE ${port}
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \\
  CMD ["node", "-e", "fetch(\`http://127.0.0.1:\${process.env.PORT}/health\`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "${entry}"]
`;
}
