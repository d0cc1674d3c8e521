# One image for each deployable: Node, the bundle from `make build` and its bill of materials. `make images` builds all six and prints their
# sizes. There is no RUN, so the build needs no network, and the same bundle gives the same image.
ARG NODE_IMAGE=docker.io/library/node:24-slim

FROM ${NODE_IMAGE} AS runtime
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="trading-platform" \
      org.opencontainers.image.source="https://github.com/trading-platform/trading-platform" \
      org.opencontainers.image.base.name="docker.io/library/node:24-slim"
ENV NODE_ENV=production
# All threads share one malloc arena. By default, the C library keeps an arena for each thread, most of them almost empty
# (docs/benchmarks.md).
ENV MALLOC_ARENA_MAX=1
# A numeric user id, so that the kubelet can verify that the user is not root. The user owns no files, so the root file system may be
# read-only.
USER 65532:65532
# Starts Node itself, not the base image's shell script. NODE_OPTIONS=--enable-source-maps shows source lines in stack traces, and costs
# 20 MB. V8's nursery is fixed at 4 MB: short-lived objects fit into it, and a busy minute cannot grow it to 16 MB for good (decision
# 0025). V8 reads these flags only at its start.
ENTRYPOINT ["/usr/local/bin/node", "--min-semi-space-size=4", "--max-semi-space-size=4", "/app/main.mjs"]
CMD []

FROM runtime AS backend
LABEL org.opencontainers.image.title="backend" \
      org.opencontainers.image.description="REST and WebSocket API; owner of pipelines, bots and the portfolio"
EXPOSE 8000 8001
COPY dist/backend/ /app/

FROM runtime AS celery-worker
LABEL org.opencontainers.image.title="celery-worker" \
      org.opencontainers.image.description="Runs the stages of pipeline executions and places orders"
EXPOSE 8001
COPY dist/celery-worker/ /app/

FROM runtime AS signal-generator
LABEL org.opencontainers.image.title="signal-generator" \
      org.opencontainers.image.description="Turns market data into signals on Kafka"
EXPOSE 8001
COPY dist/signal-generator/ /app/

FROM runtime AS trigger-dispatcher
LABEL org.opencontainers.image.title="trigger-dispatcher" \
      org.opencontainers.image.description="Matches signals with pipelines and enqueues executions"
EXPOSE 8001
COPY dist/trigger-dispatcher/ /app/

FROM runtime AS controller
LABEL org.opencontainers.image.title="controller" \
      org.opencontainers.image.description="Turns TradingPipelines into ServiceMonitors, PrometheusRules and dashboards"
# Thresholds in bytes. malloc returns a freed block of at least this size to the system at once, and so it does free memory at the end of
# the heap. Segments of V8's compilers are large enough to be returned.
ENV MALLOC_MMAP_THRESHOLD_=16384
ENV MALLOC_TRIM_THRESHOLD_=16384
ENV MALLOC_TOP_PAD_=0
EXPOSE 8001
COPY dist/controller/ /app/

FROM runtime AS tradingpipeline
LABEL org.opencontainers.image.title="tradingpipeline" \
      org.opencontainers.image.description="The command line for TradingPipelines"
WORKDIR /work
COPY dist/tradingpipeline/ /app/
