# A build image with the agent as its entrypoint, and an example for your own. Made from the root of the checkout:
#
#   npm run build:agent
#   docker build --file docker/agent.Dockerfile --tag wip-build .
#
# Debian or Ubuntu as BASE; the agent needs glibc 2.28 or later.
ARG BASE=debian:bookworm-slim
FROM ${BASE}

# tini reaps orphans, git and ssh fetch the source; the rest is what the agent calls. A base that has them gets nothing.
RUN for name in tini git ssh setpriv; do command -v "$name" >/dev/null || missing=1; done; \
    if [ "${missing:-0}" = 1 ] || [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then \
      apt-get update && \
      apt-get install --yes --no-install-recommends \
        ca-certificates coreutils git libstdc++6 openssh-client tini util-linux && \
      rm -rf /var/lib/apt/lists/*; \
    fi

# Whom builds run as ([workload] user in config.ini).
RUN id local >/dev/null 2>&1 || useradd --create-home --shell /bin/bash local

COPY config/config.ini /etc/buildcontainer/config.ini
COPY dist/wip-agent /usr/local/bin/wip-agent

# Install the tools of your builds above this line: what the image holds here is the baseline of its disk.
RUN wip-agent check-config && wip-agent baseline --write /etc/buildcontainer/config.ini

EXPOSE 22
# A base may name another: the agent ends in order on each that Node can handle, but not on SIGRTMIN+3 of systemd.
STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "-s", "--", "wip-agent"]
