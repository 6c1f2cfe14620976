package io.escrowmq.spi.storage.testkit;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/** Look-ups. Positions rise with store time, so newest first is descending position. */
final class MemoryIndex implements MessageIndex {

  private final MemoryGate gate;
  private final MemoryContents contents;

  MemoryIndex(MemoryGate gate, MemoryContents contents) {
    this.gate = gate;
    this.contents = contents;
  }

  @Override
  public Answer find(Query query) {
    return gate.enter(() -> {
      List<Message> matches = matches(query);
      if (matches.size() <= query.limit()) {
        return new Answer(matches, Optional.empty());
      }
      List<Message> page = matches.subList(0, query.limit());
      return new Answer(page, Optional.of(Bytes.utf8(Long.toString(page.getLast().position()))));
    });
  }

  /** One more than wanted, to know whether the answer is complete. */
  private List<Message> matches(Query query) {
    long below = query.continuation().map(Bytes::asUtf8).map(Long::valueOf).orElse(Long.MAX_VALUE);
    NavigableSet<Long> positions =
        contents.index.getOrDefault(
            new MemoryContents.IndexKey(query.topic(), query.field(), query.value()),
            new TreeSet<>());
    return positions.headSet(below, false).descendingSet().stream()
        .map(contents.visible::get)
        .filter(Objects::nonNull)
        .filter(message -> message.storeTimeMs() >= query.fromMs())
        .filter(message -> message.storeTimeMs() <= query.toMs())
        .limit(query.limit() + 1L)
        .toList();
  }
}
