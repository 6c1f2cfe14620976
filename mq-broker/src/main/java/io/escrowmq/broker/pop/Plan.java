package io.escrowmq.broker.pop;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What a request would change in a queue, gathered before anything is changed. */
final class Plan {

  final List<Message> messages = new ArrayList<>();
  final List<MessageBatch> sources = new ArrayList<>();
  final NavigableMap<Long, Integer> attempts = new TreeMap<>();

  /** Dead letters by the offset of the message they are made of. */
  final Map<Long, Mutation.Append> deadLetters = new HashMap<>();

  /** Offsets whose messages the retention took. */
  final List<Long> lost = new ArrayList<>();

  long cursor;
  long end;
  int again;

  /** Later messages must not overtake one that could not be read now. */
  boolean stopped;

  /** There are new messages behind those looked at, and none of these was wanted. */
  boolean unfinished;

  Plan(long cursor) {
    this.cursor = cursor;
    this.end = cursor;
  }

  void give(Message message, int attempt) {
    messages.add(
        attempt == 0 ? message : message.withReconsumeTimes(message.reconsumeTimes() + attempt));
    attempts.put(message.queueOffset(), attempt);
    again += attempt == 0 ? 0 : 1;
  }

  void close() {
    sources.forEach(MessageBatch::close);
  }
}
