package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast the engine is, as a ratio to the raw database in the same run: multi-row inserts of the
 * same columns, an ordered select of the same rows. Prints; asserts only that it worked.
 */
@Tag("campaign")
class JdbcLoadTest {

  private static final int QUEUES = 8;
  private static final int BODY_BYTES = 256;
  private static final int MESSAGES = 100_000;
  private static final int GROUP = 500;
  private static final int IN_FLIGHT = 2_000;

  @TempDir Path directory;

  private final TimeSource time = TimeSource.system();

  @Test
  void appendsAndReadsAsRatiosToTheRawDatabase() throws Exception {
    String url = PostgresServer.urlFor(directory);
    try (Storage storage = open()) {
      for (int round = 0; round < 3; round++) {
        double raw = rawInserts(url);
        double engine = appends(storage);
        double rawRead = rawSelect(url);
        double read = reads(storage);
        System.out.printf(
            "JdbcLoad: raw %.0f rows/s, engine %.0f messages/s = %.2f; raw select %.0f rows/s,"
                + " catch-up %.0f messages/s = %.2f%n",
            raw, engine, engine / raw, rawRead, read, read / rawRead);
      }
      assertThat(storage.log().bounds(queue(0)).max()).isEqualTo(3 * MESSAGES / QUEUES);
    }
  }

  private double appends(Storage storage) throws InterruptedException {
    Semaphore room = new Semaphore(IN_FLIGHT);
    long begin = time.nanos();
    for (int i = 0; i < MESSAGES; i++) {
      QueueId queue = queue(i % QUEUES);
      room.acquire();
      var _ =
          storage
              .write(
                  WriteBatch.of(
                      new Mutation.Append(queue, SampleMessages.sized(queue, BODY_BYTES))))
              .whenComplete((receipt, failure) -> room.release());
    }
    room.acquire(IN_FLIGHT);
    return perSecond(MESSAGES, begin);
  }

  private double reads(Storage storage) {
    long begin = time.nanos();
    int count = 0;
    for (int number = 0; number < QUEUES; number++) {
      long next = 0;
      while (next < MESSAGES / QUEUES) {
        try (MessageBatch batch =
            storage.log().read(queue(number), next, new ReadLimits(GROUP, 1 << 22))) {
          next += batch.messages().size();
          count += batch.messages().size();
        }
      }
    }
    return perSecond(count, begin);
  }

  private double rawInserts(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists raw");
      statement.execute("create table raw (like mq_message including all)");
      connection.setAutoCommit(false);
      Bulk insert =
          new Bulk(
              "",
              Bulk.INSERT_MESSAGE.fromArrays().replace("into mq_message", "into raw"),
              Bulk.INSERT_MESSAGE.types());
      @Nullable Object[] message =
          MessageRow.of(SampleMessages.sized(queue(0), BODY_BYTES)).toColumns();
      long begin = time.nanos();
      for (int first = 0; first < MESSAGES; first += GROUP) {
        List<@Nullable Object[]> rows = new ArrayList<>();
        for (int i = first; i < first + GROUP; i++) {
          @Nullable Object[] row = new @Nullable Object[4 + message.length];
          row[0] = i % QUEUES;
          row[1] = (long) i / QUEUES;
          row[2] = (long) i;
          row[3] = 0L;
          System.arraycopy(message, 0, row, 4, message.length);
          rows.add(row);
        }
        new PostgresDialect().execute(connection, insert, rows);
        connection.commit();
      }
      return perSecond(MESSAGES, begin);
    }
  }

  private double rawSelect(String url) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url)) {
      long begin = time.nanos();
      int count = 0;
      for (int queue = 0; queue < QUEUES; queue++) {
        for (int next = 0; next < MESSAGES / QUEUES; next += GROUP) {
          try (var select =
              connection.prepareStatement(
                  "select * from raw where queue_id = ? and queue_offset >= ? order by"
                      + " queue_offset limit ?")) {
            select.setInt(1, queue);
            select.setLong(2, next);
            select.setInt(3, GROUP);
            try (ResultSet row = select.executeQuery()) {
              while (row.next()) {
                count += row.getBytes("body").length > 0 ? 1 : 0;
              }
            }
          }
        }
      }
      return perSecond(count, begin);
    }
  }

  private double perSecond(int count, long beginNanos) {
    return count * 1e9 / (time.nanos() - beginNanos);
  }

  private static QueueId queue(int number) {
    return new QueueId("load", number);
  }

  private Storage open() {
    StorageSettings defaults = StorageSettings.defaults(directory);
    return new JdbcStorageProvider()
        .open(
            new StorageSettings(
                directory,
                defaults.durability(),
                defaults.decisionRetention(),
                defaults.retention(),
                new PostgresEngine().options(directory)),
            StorageContext.system());
  }
}
