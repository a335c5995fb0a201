# The image of the control plane with the certificates of Amazon RDS, which the templates of docker/aws need: RDS has an
# authority of its own that no system trusts by itself. From the root of the checkout, after controlplane.Dockerfile:
#
#   curl --fail --output dist/rds-ca.pem https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem
#   docker build --file docker/controlplane-rds.Dockerfile --tag wip-controlplane-rds .
ARG BASE=wip-controlplane
FROM ${BASE}
COPY --chmod=0644 dist/rds-ca.pem /etc/wip/rds-ca.pem
