#!/bin/sh
# Starts Redis as docker.io/library/redis does: options alone are redis-server's.
case "${1:-}" in '' | -* | *.conf) set -- redis-server "$@" ;; esac
exec "$@"
