# Debian with a Node that has npm. It builds only: nothing of it but a few libraries is in the image.
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

# The page needs what servers are installed without.
FROM ${NODE_IMAGE} AS page
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY client/package.json client/
COPY web/package.json web/
RUN npm ci --ignore-scripts
COPY client client
COPY web web
COPY schema schema
COPY tsconfig.json ./
RUN node web/prepare.ts

FROM ${NODE_IMAGE} AS server
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The packages of the client and the page would come along. The Node is the one of the lock file, on which the specs have run.
RUN npm pkg delete workspaces devDependencies scripts \
 && npm ci --omit=dev \
 && mkdir -p /image/usr/local/bin \
 && cp "$(readlink -f node_modules/node/bin/node)" /image/usr/local/bin/node \
 && rm -r node_modules/node node_modules/.bin package-lock.json .npmrc
# What no process reads: a third of the packages.
RUN find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.md' \) -delete \
 && find node_modules/@electric-sql -name '*.cjs' -delete \
 && rm -rf node_modules/@graphql-yoga/render-graphiql/cjs node_modules/bintrees/test \
      node_modules/@opentelemetry/semantic-conventions/dist/*incubating* node_modules/@opentelemetry/semantic-conventions/dist/experimental*
COPY LICENSE CHANGELOG.md ./
COPY bin bin
COPY src src
COPY schema schema
COPY drizzle drizzle
COPY --from=page /build/web/dist web/dist
COPY deploy/container/ /container/
RUN sh /container/assemble.sh /app /image

# No shell, no package manager: nothing that someone who has broken in could use, or that would have to be updated.
FROM scratch
COPY --from=server /image /
ENV NODE_ENV=production \
    HOST=0.0.0.0 \
    PORT=4000 \
    DATA_DIR=/data
# A number, so that Kubernetes sees that it is not root.
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 4000
# Node is process 1 and gets the signals itself. SIGTERM drains: see DRAIN_DELAY and DRAIN_SECONDS.
ENTRYPOINT ["/usr/local/bin/fonechat"]
CMD ["start"]
# It says whether the process answers, not whether its database does: a restart brings no database back.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["/usr/local/bin/node", "/usr/local/lib/healthcheck.js"]
