# A node of the control plane, with wipctl. Made from the root of the checkout, and nothing is downloaded in it:
#
#   npm run build:image
#   docker build --file docker/controlplane.Dockerfile --tag wip-controlplane .
#   docker run --read-only --env WIP_DATABASE_URL=… --env WIP_MASTER_KEY_FILE=… --publish 8090:8090 wip-controlplane
#
# It holds what `wipctl serve` and the commands that call a server need: no local ECS, no embedded PostgreSQL, no test kit.
# Local ECS is an image on top of it, for docker/compose.yml: --target local-ecs --tag wip-local-ecs
#
# Debian or Ubuntu as BASE; Node needs glibc 2.28 or later and libstdc++, which both have.
ARG BASE=debian:bookworm-slim
FROM ${BASE} AS controlplane

RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin wip

COPY dist/image/controlplane/bin /opt/wip/bin
COPY dist/image/controlplane/node_modules /opt/wip/node_modules
COPY dist/image/controlplane/package.json dist/image/controlplane/LICENSE /opt/wip/
COPY dist/image/controlplane/config /opt/wip/config
COPY dist/image/controlplane/dist /opt/wip/dist

# A quarter of V8's own limit for young objects. A node with a thousand builds takes 80 MB less than with that, and a node with a
# reader of a fast build 30 MB less than with half of it, for some 4 % more of its processor time.
ENV NODE_OPTIONS=--max-semi-space-size=16

ENV PATH=/opt/wip/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_ENV=production \
    NODE_COMPILE_CACHE=/opt/wip/cache \
    WIP_HOST=0.0.0.0
# Compiles what a node loads. Later starts only read the cache, so the root filesystem may be read-only.
RUN wipctl serve --help >/dev/null && chmod -R a+rX /opt/wip/cache

WORKDIR /opt/wip
USER wip
EXPOSE 8090
# Whether the process lives. Whether it claims tasks is at /readyz: ask there before traffic is sent to a new node, but do
# not restart one for it, because a node waits for a database that is away.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.WIP_PORT || 8090) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["wipctl"]
CMD ["serve"]

# A server that speaks the protocol of ECS and runs containers with the engine whose socket is mounted. Who may use that
# socket is root on its machine, so this is for development.
FROM controlplane AS local-ecs
USER root
COPY dist/image/local-ecs /opt/wip
EXPOSE 8093
VOLUME /data
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8093/').then(() => process.exit(0), () => process.exit(1))"]
CMD ["ecs", "local", "--launcher", "docker", "--host", "0.0.0.0", "--dir", "/data"]

# What is built without --target.
FROM controlplane
