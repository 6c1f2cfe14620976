package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Look-ups by key, one bucket after the other, newest first. Every candidate is compared with the
 * message itself. Thread-safe.
 */
final class RocksDbIndex implements MessageIndex {

  private final Database database;
  private final RocksDbLog log;

  RocksDbIndex(Database database, RocksDbLog log) {
    this.database = database;
    this.log = log;
  }

  @Override
  public Answer find(Query query) {
    Search search = new Search(query);
    for (Bucket bucket : database.buckets().reversed()) {
      if (!search.mayBeIn(bucket)) {
        continue;
      }
      search.in(bucket);
      if (search.isOver) {
        break;
      }
    }
    database.checkOpen();
    return search.answer();
  }

  /** One look-up under way. */
  private final class Search {
    private final Query query;
    private final byte[] prefix;
    private final long toMs;
    private final Optional<Cursor> after;
    private final List<Message> found = new ArrayList<>();
    private Optional<Bytes> last = Optional.empty();
    private boolean isOver;
    private boolean isCut;

    private Search(Query query) {
      this.query = query;
      long hash = KeyHashes.of(query.topic(), query.field(), query.value());
      this.prefix = Keys.indexPrefix(hash);
      this.toMs = query.toMs();
      this.after = query.continuation().map(Cursor::decode);
      this.isOver = toMs < 0;
    }

    private boolean mayBeIn(Bucket bucket) {
      boolean isLater = after.isPresent() && bucket.ordinal() > after.get().bucket();
      return !isOver && !isLater && bucket.figures().firstMs() <= toMs;
    }

    private void in(Bucket bucket) {
      byte[] from =
          after
              .filter(cursor -> cursor.bucket() == bucket.ordinal())
              .map(cursor -> Keys.after(cursor.key().toArray()))
              .orElseGet(this::start);
      database.scan(bucket, from, (key, value) -> candidate(bucket, key));
    }

    private byte[] start() {
      return ByteBuffer.allocate(prefix.length + Long.BYTES).put(prefix).putLong(~toMs).array();
    }

    private boolean candidate(Bucket bucket, byte[] key) {
      if (!Keys.startsWith(key, prefix)) {
        return false;
      }
      if (Keys.timeOfIndex(key) < query.fromMs()) {
        isOver = true;
        return false;
      }
      Optional<Message> message =
          log.at(bucket, Keys.uidOfIndex(key), Keys.offsetOfIndex(key)).filter(this::matches);
      if (message.isEmpty()) {
        return true;
      }
      if (found.size() == query.limit()) {
        isCut = true;
        isOver = true;
        return false;
      }
      found.add(message.get());
      last = Optional.of(new Cursor(bucket.ordinal(), Bytes.wrap(key)).encode());
      return true;
    }

    private boolean matches(Message message) {
      if (!message.topic().equals(query.topic())) {
        return false;
      }
      return switch (query.field()) {
        case KEY -> message.keys().contains(query.value());
        case UNIQUE_ID -> message.uniqueKey().filter(query.value()::equals).isPresent();
      };
    }

    private Answer answer() {
      return new Answer(found, isCut ? last : Optional.empty());
    }
  }

  /** Where a page ended. */
  private record Cursor(long bucket, Bytes key) {
    Bytes encode() {
      byte[] last = key.toArray();
      return Bytes.wrap(
          ByteBuffer.allocate(Long.BYTES + last.length).putLong(bucket).put(last).array());
    }

    static Cursor decode(Bytes cursor) {
      ByteBuffer fields = ByteBuffer.wrap(cursor.toArray());
      long bucket = fields.getLong();
      byte[] key = new byte[fields.remaining()];
      fields.get(key);
      return new Cursor(bucket, Bytes.wrap(key));
    }
  }
}
