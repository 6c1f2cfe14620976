package io.escrowmq.server;

import java.util.Map;

/**
 * Names that Apache RocketMQ 5.x (its broker metrics constants) gives to figures of the same
 * meaning as ours. A figure whose meaning differs has no entry; several figures with one name are
 * added up.
 */
final class RocketmqMetricNames {

  /** Our statistic to RocketMQ's metric. */
  static final Map<String, String> BY_STATISTIC =
      Map.ofEntries(
          Map.entry("broker-sent-messages-total", "rocketmq_messages_in_total"),
          Map.entry("broker-sent-bytes-total", "rocketmq_throughput_in_total"),
          Map.entry("broker-pulled-messages-total", "rocketmq_messages_out_total"),
          Map.entry("broker-pulled-bytes-total", "rocketmq_throughput_out_total"),
          Map.entry("broker-dead-letter-messages-total", "rocketmq_send_to_dlq_messages_total"),
          Map.entry("broker-transactions-committed-total", "rocketmq_commit_messages_total"),
          Map.entry("broker-transactions-rolled-back-total", "rocketmq_rollback_messages_total"),
          Map.entry("broker-transactions-open", "rocketmq_half_messages"),
          Map.entry("broker-transactions-parked", "rocketmq_half_messages"),
          Map.entry("broker-producers", "rocketmq_producer_connections"),
          Map.entry("broker-consumers", "rocketmq_consumer_connections"),
          Map.entry("broker-topics", "rocketmq_topic_number"),
          Map.entry("broker-consumer-groups", "rocketmq_consumer_group_number"));

  private RocketmqMetricNames() {}
}
