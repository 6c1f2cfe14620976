package io.escrowmq.broker;

import io.escrowmq.spi.storage.TimeSource;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What the broker counts. Thread-safe. */
final class Counters {

  final LongAdder sentMessages = new LongAdder();
  final LongAdder sentBytes = new LongAdder();
  final LongAdder pulledMessages = new LongAdder();
  final LongAdder pulledBytes = new LongAdder();
  final LongAdder heldDelayed = new LongAdder();
  final LongAdder releasedDelayed = new LongAdder();
  final LongAdder recalled = new LongAdder();
  final LongAdder retried = new LongAdder();
  final LongAdder deadLettered = new LongAdder();
  final LongAdder overloaded = new LongAdder();
  final LongAdder backgroundErrors = new LongAdder();
  final FlowMeters flow;

  Counters(TimeSource time) {
    this.flow = new FlowMeters(time);
  }

  /** Messages were accepted for a topic and stored or held. */
  void sent(String topic, long messages, long bytes) {
    sentMessages.add(messages);
    sentBytes.add(bytes);
    flow.sent(topic, messages, bytes);
  }

  /** Messages were handed to a group. */
  void pulled(String topic, String group, long messages, long bytes) {
    pulledMessages.add(messages);
    pulledBytes.add(bytes);
    flow.pulled(topic, group, messages, bytes);
  }

  void addTo(Map<String, Long> statistics) {
    statistics.put("sent-messages-total", sentMessages.sum());
    statistics.put("sent-bytes-total", sentBytes.sum());
    statistics.put("pulled-messages-total", pulledMessages.sum());
    statistics.put("pulled-bytes-total", pulledBytes.sum());
    statistics.put("delayed-held-total", heldDelayed.sum());
    statistics.put("delayed-released-total", releasedDelayed.sum());
    statistics.put("delayed-recalled-total", recalled.sum());
    statistics.put("retried-messages-total", retried.sum());
    statistics.put("dead-letter-messages-total", deadLettered.sum());
    statistics.put("overloaded-refusals-total", overloaded.sum());
    statistics.put("background-errors-total", backgroundErrors.sum());
  }
}
