# Takes the place of the official image of PostgreSQL, which no test can pull: the embedded server's programs behind the
# variables and the directory of that image.
ARG BASE
FROM ${BASE}
COPY native /opt/postgres
COPY start /usr/local/bin/start
COPY pg_isready /usr/local/bin/pg_isready
ENTRYPOINT ["/bin/sh", "/usr/local/bin/start"]
