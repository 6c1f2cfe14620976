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
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How fast the engine is on MariaDB, as a ratio to the raw database in the same run: inserts of the
 * same columns as statements of many rows and in the driver's bulk command, an ordered select of
 * the same rows. Prints; asserts only that it worked.
 */
@Tag("mariadb")
class MariaDbLoadTest {

  private static final int QUEUES = 8;
  private static final int BODY_BYTES = 256;
  private static final int MESSAGES = 40_000;
  private static final int GROUP = 500;
  private static final int IN_FLIGHT = 2_000;
  private static final int ROUNDS = 3;

  @TempDir Path directory;

  private final TimeSource time = TimeSource.system();

  @Test
  void appendsAndReadsAsRatiosToTheRawDatabase() throws Exception {
    String url = MariaDbServer.urlFor(directory);
    try (Storage storage = open()) {
      for (int round = 0; round < ROUNDS; round++) {
        double multiRow = rawInserts(url, true);
        double bulk = rawInserts(url, false);
        double engine = appends(storage);
        double rawRead = rawSelect(url);
        double read = reads(storage);
        System.out.printf(
            "MariaDbLoad: multi-row %.0f rows/s, bulk %.0f rows/s, engine %.0f messages/s = %.2f"
                + " and %.2f; raw select %.0f rows/s, catch-up %.0f messages/s = %.2f%n",
            multiRow,
            bulk,
            engine,
            engine / multiRow,
            engine / bulk,
            rawRead,
            read,
            read / rawRead);
      }
      assertThat(storage.log().bounds(queue(0)).max()).isEqualTo(ROUNDS * MESSAGES / QUEUES);
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

  private double rawInserts(String url, boolean multiRow) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url + "&useBulkStmts=true");
        Statement statement = connection.createStatement()) {
      statement.execute("drop table if exists raw");
      statement.execute("create table raw like mq_message");
      connection.setAutoCommit(false);
      String row = Bulk.INSERT_MESSAGE.byRow().replace("into mq_message", "into raw");
      String values = row.substring(row.indexOf("(?"));
      String rows = row + (", " + values).repeat(GROUP - 1);
      @Nullable Object[] message =
          MessageRow.of(SampleMessages.sized(queue(0), BODY_BYTES)).toColumns();
      long begin = time.nanos();
      for (int first = 0; first < MESSAGES; first += GROUP) {
        try (PreparedStatement insert = connection.prepareStatement(multiRow ? rows : row)) {
          int at = 0;
          for (int i = first; i < first + GROUP; i++) {
            insert.setInt(++at, i % QUEUES);
            insert.setLong(++at, i / QUEUES);
            insert.setLong(++at, i);
            insert.setLong(++at, 0L);
            for (Object value : message) {
              insert.setObject(++at, value);
            }
            if (!multiRow) {
              insert.addBatch();
              at = 0;
            }
          }
          if (multiRow) {
            insert.executeUpdate();
          } else {
            insert.executeBatch();
          }
        }
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
          try (PreparedStatement select =
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
                new MariaDbEngine().options(directory)),
            StorageContext.system());
  }
}
