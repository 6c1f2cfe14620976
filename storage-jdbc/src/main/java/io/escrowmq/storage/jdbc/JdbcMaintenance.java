package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.storage.jdbc.Readers.RowMapper;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Retention, verification, figures. */
final class JdbcMaintenance implements Maintenance {

  private static final int PAGE = 256;
  private static final String MESSAGES =
      "select "
          + Records.STAMPED
          + " from mq_message m where m.position > ? order by m.position fetch first ? rows only";

  private final Readers readers;
  private final Heads heads;
  private final TailCache tail;
  private final Intake intake;
  private final Condition condition;
  private final Retention retention;

  JdbcMaintenance(
      Readers readers,
      Heads heads,
      TailCache tail,
      Intake intake,
      Condition condition,
      Retention retention) {
    this.readers = readers;
    this.heads = heads;
    this.tail = tail;
    this.intake = intake;
    this.condition = condition;
    this.retention = retention;
  }

  @Override
  public void retain() {
    boolean more = true;
    while (more) {
      more = run(retention::messages);
    }
    run(retention::leftovers);
  }

  /** The database bounds the work of its own restart. */
  @Override
  public void checkpoint() {
    readers.checkOpen();
  }

  @Override
  public Verification verify() {
    long records = 0;
    long bytes = 0;
    long after = -1;
    List<Checked> page = page(after);
    while (!page.isEmpty()) {
      for (Checked checked : page) {
        if (!checked.intact()) {
          throw new StorageException.Corrupt(
              "the body of the message at position "
                  + checked.position()
                  + " does not match its checksum");
        }
        bytes += checked.bytes();
      }
      records += page.size();
      after = page.getLast().position();
      page = page(after);
    }
    return new Verification(records, bytes);
  }

  @Override
  public Map<String, Long> statistics() {
    Counters counters = condition.counters();
    return Map.of(
        "visible-messages",
        counters.visibleMessages,
        "visible-bytes",
        counters.visibleBytes,
        "holds",
        counters.holds,
        "queues",
        (long) heads.size(),
        "groups-written",
        counters.lastGroup,
        "pending-bytes",
        intake.pendingBytes(),
        "tail-cache-bytes",
        tail.bytes(),
        "tail-cache-hits-total",
        tail.hits(),
        "tail-cache-misses-total",
        tail.misses());
  }

  @Override
  public StorageHealth health() {
    return condition.health();
  }

  private record Checked(long position, long bytes, boolean intact) {}

  private List<Checked> page(long after) {
    RowMapper<Message> stamped = Records.stamped(heads);
    return readers.list(
        MESSAGES,
        statement -> {
          statement.setLong(1, after);
          statement.setInt(2, PAGE);
        },
        row -> {
          // Its own checksum, which a message with one of its sender's has besides.
          Message message = stamped.map(row);
          boolean intact = Message.crcOf(message.body()) == row.getInt("body_crc");
          return new Checked(message.position(), message.size(), intact);
        });
  }

  private boolean run(Job.Work work) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    intake.add(new Job.Chore(work, done));
    try {
      return done.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StorageException cause ? cause : e;
    }
  }
}
