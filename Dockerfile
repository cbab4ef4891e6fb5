# The exporter as an image: `docker build -t slotwise .`
ARG NODE=node:20.19.6-bookworm-slim

FROM ${NODE} AS build
WORKDIR /src
# Manifests first, so that a change to the code does not install anew.
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json ./
COPY exporter/package.json exporter/
COPY alerts/package.json alerts/
COPY dashboards/package.json dashboards/
COPY stack/package.json stack/
COPY grafana-app/package.json grafana-app/
RUN npx -y pnpm@10.34.9 install --frozen-lockfile --ignore-scripts --filter slotwise --filter slotwise-workspace
COPY exporter exporter
RUN npx tsc -b exporter && npx -y pnpm@10.34.9 --filter slotwise deploy --legacy --prod --ignore-scripts /app

FROM ${NODE}
ENV NODE_ENV=production
COPY --from=build /app /app
COPY LICENSE /app/
# The event log; a new volume mounted here has this owner too.
RUN install -d -o node -g node -m 0700 /data
ENV SLOTWISE_EVENTS_URL=file:/data/slotwise.db
USER node
EXPOSE 9121 8121
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9121/-/healthy').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/slotwise.mjs"]
CMD ["serve"]
