# slipway's images. The base images are build arguments, so that a mirror or a digest can be given:
#   docker build --tag slipway .                       a shell and entrypoint.sh (the default)
#   docker build --target distroless --tag slipway .   no shell, nothing but Node
#   docker build --target files --tag slipway-files .  /opt/slipway alone, a few MB
#   docker build --target example --tag shop .         the sample revisions as a release bundle
#
# None of them has revisions. An application's own image is the better init container, because the
# node then pulls nothing more; put slipway and the release bundle into it:
#   COPY --from=slipway /opt/slipway /opt/slipway
#   COPY migrations migrations
#   RUN mkdir -p /slipway \
#    && node /opt/slipway/slipway.cjs build --dir migrations --out /slipway/release.bundle
#   ENV SLIPWAY_BUNDLE=/slipway/release.bundle
# Revisions in TypeScript are compiled by esbuild: run slipway's build in the stage that has your
# node_modules, and copy the bundle.
ARG BUILD_BASE=docker.io/library/node:24-bookworm-slim
ARG RUNTIME_BASE=docker.io/library/node:24-bookworm-slim
ARG DISTROLESS_BASE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_BASE} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
# Both secrets are optional: an npmrc for a private registry, a CA file for a proxy that opens TLS.
# INSTALL=install takes the same versions from the lock file, but forgives what `npm ci` does not: a
# registry without the packages that are for other platforms.
ARG INSTALL=ci
RUN --mount=type=cache,target=/root/.npm \
    --mount=type=secret,id=npmrc,target=/root/.npmrc \
    --mount=type=secret,id=ca,target=/run/secrets/ca \
    if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi; \
    npm "${INSTALL}" --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts scripts
COPY src src
RUN npm run build && rm -f dist/meta.json

FROM scratch AS files
COPY --from=build /src/dist /opt/slipway

FROM ${DISTROLESS_BASE} AS distroless
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="slipway" \
      org.opencontainers.image.description="A Postgres schema migrator for Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# The base keeps Node outside the search path; with it, manifests say `node` whatever the stage.
ENV NODE_ENV=production PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin
COPY --from=files /opt/slipway /opt/slipway
# A number, because `runAsNonRoot` cannot be checked against a name.
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/opt/slipway/slipway.cjs"]
CMD ["upgrade"]

FROM ${RUNTIME_BASE} AS shell
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="slipway" \
      org.opencontainers.image.description="A Postgres schema migrator for Kubernetes" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
COPY --from=files /opt/slipway /opt/slipway
COPY entrypoint.sh /usr/local/bin/entrypoint.sh
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/entrypoint.sh"]
CMD []

# TypeScript revisions are compiled by esbuild, which is among the packages of the build stage.
FROM build AS bundle
COPY migrations migrations
RUN node dist/slipway.cjs build --dir migrations --out /tmp/release.bundle

FROM shell AS example
COPY --from=bundle /tmp/release.bundle /slipway/release.bundle
ENV SLIPWAY_BUNDLE=/slipway/release.bundle

# The last stage is what a build without --target gives.
FROM shell
