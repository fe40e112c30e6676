# The long-running collector as a container: small, not root, nothing written outside /data, no shell needed.
#
#   docker build -t kube-audit-collector .
#   docker run --read-only --cap-drop ALL -v "$PWD/kube-audit.yaml:/etc/kube-audit/kube-audit.yaml:ro" \
#     -v kube-audit:/data -p 9464:9464 kube-audit-collector
#
# Settings lie in /etc/kube-audit, which is read only: let checkpoints and quarantine point into the volume, as in
#   checkpoints: file:/data/checkpoints.db
#   quarantine: /data/quarantine.ndjson
#
# With no Docker at hand: `buildah bud -t kube-audit-collector .`, `podman build ...` and kaniko read this file as it is.
# With no engine at all, what it does is these steps, and the last line starts what the image would start:
#   npm ci && npm run build && npm ci --omit=dev
#   node --min-semi-space-size=8 --max-semi-space-size=8 dist/src/main.js run --config kube-audit.yaml
#
# A base without a shell: --build-arg RUNTIME_IMAGE=... with a distroless image of Node.js 24 on Debian (glibc).
ARG BUILD_IMAGE=node:24-slim
ARG RUNTIME_IMAGE=node:24-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY connectors connectors
COPY test/kit test/kit
RUN npm run build
# Only what runs: no development packages, and of the others no typings, maps and documents.
RUN npm ci --omit=dev --ignore-scripts \
	&& find node_modules dist -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' -o -name '*.md' \) -delete \
	&& mkdir /data

FROM ${RUNTIME_IMAGE}
ENV NODE_ENV=production PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin
WORKDIR /app
COPY LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build --chown=65532:65532 /data /data
# By number, so that Kubernetes can tell that it is not root.
USER 65532:65532
VOLUME ["/data"]
EXPOSE 9464
# If `listen` is not the default, or false, another address, or `--no-healthcheck`, is needed here.
HEALTHCHECK --interval=30s --timeout=5s --start-period=2m --retries=3 \
	CMD ["node", "/app/dist/src/run/outside/healthcheck.js", "http://127.0.0.1:9464/healthz"]
# The flags are those of the first line of src/main.ts.
ENTRYPOINT ["node", "--min-semi-space-size=8", "--max-semi-space-size=8", "/app/dist/src/main.js"]
CMD ["run", "--config", "/etc/kube-audit/kube-audit.yaml"]
