# A dump, a restore or a statement beside the nodes, where the database can be reached (docker/backup.md): the image of the
# control plane with the AWS CLI and psql. It writes to no file, so its root filesystem may be read-only as theirs. From the
# root of the checkout, after controlplane-rds.Dockerfile:
#
#   docker build --file docker/controlplane-tools.Dockerfile --tag wip-tools .
ARG BASE=wip-controlplane-rds
FROM ${BASE}
USER root
RUN apt-get update \
    && apt-get install --yes --no-install-recommends awscli ca-certificates postgresql-client \
    && rm -rf /var/lib/apt/lists/*
ENV PGSSLROOTCERT=/etc/wip/rds-ca.pem
USER wip
HEALTHCHECK NONE
# One command line. With pipefail a dump that fails is no success of what it was piped into.
ENTRYPOINT ["bash", "-o", "pipefail", "-c"]
CMD ["wipctl --version && aws --version && psql --version"]
