package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.storage.commitlog.log.IndexKeys;
import io.escrowmq.storage.commitlog.views.KeyIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Look-ups by key. Every candidate is compared with the message itself. Thread-safe. */
final class CommitLogIndex implements MessageIndex {

  private final KeyIndex keys;
  private final MessageLog log;

  CommitLogIndex(KeyIndex keys, MessageLog log) {
    this.keys = keys;
    this.log = log;
  }

  @Override
  public Answer find(Query query) {
    List<Message> messages = new ArrayList<>();
    List<Bytes> cursors = new ArrayList<>();
    boolean[] more = {false};
    keys.find(
        IndexKeys.hash(query.topic(), query.field(), query.value()),
        query.fromMs(),
        query.toMs(),
        query.continuation(),
        (position, cursor) -> {
          Optional<Message> message = log.at(position).filter(found -> matches(found, query));
          if (message.isPresent() && messages.size() == query.limit()) {
            more[0] = true;
            return false;
          }
          message.ifPresent(messages::add);
          message.ifPresent(found -> cursors.add(cursor));
          return true;
        });
    return new Answer(messages, more[0] ? Optional.of(cursors.getLast()) : Optional.empty());
  }

  private static boolean matches(Message message, Query query) {
    if (!message.topic().equals(query.topic())) {
      return false;
    }
    return switch (query.field()) {
      case KEY -> message.keys().contains(query.value());
      case UNIQUE_ID -> message.uniqueKey().filter(query.value()::equals).isPresent();
    };
  }
}
