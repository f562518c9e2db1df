# One Dockerfile for every service: docker build --build-arg SERVICE=users-service .
ARG NODE_VERSION=24

FROM node:${NODE_VERSION}-bookworm-slim AS base
WORKDIR /app

# Manifests only, so that a change of the source does not repeat the installation.
FROM base AS manifests
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
 && find . -type d -empty -delete

# The layers that all services share, installed and compiled once: no line here may depend on SERVICE.
FROM base AS workspace
COPY --from=manifests /app ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.base.json ./
COPY packages packages
RUN npx tsc -b packages/*/tsconfig.json

FROM workspace AS build
ARG SERVICE
COPY ${SERVICE} ${SERVICE}
RUN npx tsc -b ${SERVICE} \
 && npm run build --workspace ${SERVICE} --if-present \
 && find packages ${SERVICE} -name '*.tsbuildinfo' -delete \
 && rm -rf packages/*/node_modules packages/*/src packages/*/test \
    ${SERVICE}/node_modules ${SERVICE}/src ${SERVICE}/test

FROM base AS dependencies
ARG SERVICE
COPY --from=manifests /app ./
RUN --mount=type=cache,target=/root/.npm \
    npm ci --no-audit --no-fund --omit=dev --workspace ${SERVICE} --include-workspace-root=false

FROM base AS runtime
ARG SERVICE
ARG VERSION=1.0.0
ARG PORT=3000
LABEL org.opencontainers.image.title="plaza ${SERVICE}" org.opencontainers.image.version="${VERSION}"
ENV PORT=${PORT} SERVICE_NAME=${SERVICE} SERVICE_VERSION=${VERSION}
COPY --from=dependencies /app/node_modules node_modules
# If two workspaces need two versions of a package, npm puts one into a workspace's node_modules.
COPY --from=dependencies /app/packages packages
COPY --from=dependencies /app/${SERVICE} ${SERVICE}
COPY --from=build /app/packages packages
COPY --from=build /app/${SERVICE} ${SERVICE}
WORKDIR /app/${SERVICE}
USER node
EXPOSE ${PORT}
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/health/ready`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--enable-source-maps", "dist/main.js"]
