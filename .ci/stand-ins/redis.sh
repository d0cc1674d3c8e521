#!/bin/sh
# Starts Redis as docker.io/library/redis does: arguments that begin with an option go to redis-server.
case "${1:-}" in '' | -* | *.conf) set -- redis-server "$@" ;; esac
exec "$@"
