#!/bin/sh
# Starts Kafka as docker.io/apache/kafka does: every variable KAFKA_SOME_THING becomes some.thing in server.properties (__ is _, ___ is -),
# and new log folders are formatted.
set -eu
config=/opt/kafka/config/server.properties
[ -f /mnt/shared/config/server.properties ] && cp /mnt/shared/config/server.properties "$config" || : > "$config"
env | sed -n 's/^KAFKA_\([A-Z_0-9]*\)=/\1=/p' | grep -vE '^(HEAP_OPTS|JVM_PERFORMANCE_OPTS|LOG4J|OPTS|GC_LOG_OPTS|JMX)' | while IFS= read -r line; do
  key=$(echo "${line%%=*}" | tr 'A-Z' 'a-z' | sed 's/___/-/g; s/__/%/g; s/_/./g; s/%/_/g')
  echo "$key=${line#*=}"
done >> "$config"
java="java -cp /opt/kafka/libs/* -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData -Dlog4j2.configurationFile=/opt/kafka/log4j2.properties"
set -f
$java kafka.tools.StorageTool format --ignore-formatted -t "${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" -c "$config"
# shellcheck disable=SC2086
exec $java ${KAFKA_HEAP_OPTS:--Xmx256m -Xms128m} kafka.Kafka "$config"
