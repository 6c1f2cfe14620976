package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Look-ups by key and unique id. Positions rise with store time, so they are the order. */
final class JdbcIndex implements MessageIndex {

  private static final String FIND =
      "select "
          + Records.STAMPED
          + " from mq_message_key k join mq_message m on m.position = k.position"
          + " where k.key_hash = ? and k.position < ? and m.store_ms between ? and ?"
          + " order by k.position desc fetch first ? rows only";

  private final Readers readers;
  private final Heads heads;

  JdbcIndex(Readers readers, Heads heads) {
    this.readers = readers;
    this.heads = heads;
  }

  @Override
  public Answer find(Query query) {
    long hash = IndexHash.of(query.topic(), query.field(), query.value());
    int wanted = query.limit() + 1;
    List<Message> found = new ArrayList<>();
    long below = query.continuation().map(Bytes::asUtf8).map(Long::valueOf).orElse(Long.MAX_VALUE);
    boolean more = true;
    while (more && found.size() < wanted) {
      List<Message> page = page(query, hash, below, wanted - found.size());
      more = page.size() == wanted - found.size();
      page.stream().filter(message -> matches(query, message)).forEach(found::add);
      below = page.isEmpty() ? below : page.getLast().position();
    }
    if (found.size() <= query.limit()) {
      return new Answer(found, Optional.empty());
    }
    List<Message> answer = found.subList(0, query.limit());
    return new Answer(answer, Optional.of(Bytes.utf8(Long.toString(answer.getLast().position()))));
  }

  private List<Message> page(Query query, long hash, long below, int limit) {
    return readers.list(
        FIND,
        statement -> {
          statement.setLong(1, hash);
          statement.setLong(2, below);
          statement.setLong(3, query.fromMs());
          statement.setLong(4, query.toMs());
          statement.setInt(5, limit);
        },
        Records.stamped(heads));
  }

  /** Two texts may share a hash. */
  private static boolean matches(Query query, Message message) {
    boolean field =
        switch (query.field()) {
          case KEY -> message.keys().contains(query.value());
          case UNIQUE_ID -> message.uniqueKey().filter(query.value()::equals).isPresent();
        };
    return field && message.topic().equals(query.topic());
  }
}
