package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.testkit.CopyContract;
import io.escrowmq.spi.storage.testkit.EngineUnderTest;
import io.escrowmq.spi.storage.testkit.IndexContract;
import io.escrowmq.spi.storage.testkit.ModelContract;
import io.escrowmq.spi.storage.testkit.ReadContract;
import io.escrowmq.spi.storage.testkit.RetentionContract;
import io.escrowmq.spi.storage.testkit.TrimContract;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/** The suites that see buckets, on PostgreSQL, with a few messages in each bucket. */
class PostgresSmallBucketsTest {

  private static final int BUCKET_BYTES = 64 * 1024;

  /** The engine with small buckets. */
  record SmallBuckets() implements EngineUnderTest {
    @Override
    public StorageProvider provider() {
      return new JdbcStorageProvider();
    }

    @Override
    public Map<String, String> options(Path directory) {
      Map<String, String> options = new HashMap<>(new PostgresEngine().options(directory));
      options.put("bucket-bytes", Integer.toString(BUCKET_BYTES));
      // A group is in one bucket.
      options.put("group-bytes", Integer.toString(BUCKET_BYTES));
      return options;
    }

    @Override
    public long retentionSlackBytes() {
      return 2 * BUCKET_BYTES;
    }
  }

  @Nested
  @Tag("campaign")
  class Copy extends CopyContract {
    @Override
    protected EngineUnderTest engine() {
      return new SmallBuckets();
    }
  }

  @Nested
  class Index extends IndexContract {
    @Override
    protected EngineUnderTest engine() {
      return new SmallBuckets();
    }
  }

  @Nested
  class Model extends ModelContract {
    @Override
    protected EngineUnderTest engine() {
      return new SmallBuckets();
    }
  }

  @Nested
  class Read extends ReadContract {
    @Override
    protected EngineUnderTest engine() {
      return new SmallBuckets();
    }
  }

  @Nested
  class Retention extends RetentionContract {
    @Override
    protected EngineUnderTest engine() {
      return new SmallBuckets();
    }
  }

  @Nested
  class Trim extends TrimContract {
    @Override
    protected EngineUnderTest engine() {
      return new SmallBuckets();
    }
  }
}
