package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Escrow.HoldGroup;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** The stored numbers of live holds. Stateless. */
final class HoldCounts {

  private HoldCounts() {}

  /** All numbers, as of one moment. */
  static Map<HoldGroup, Long> read(Database database) {
    Map<HoldGroup, Long> counts = new HashMap<>();
    byte[] prefix = Keys.counts();
    database.scan(
        Family.STORE,
        prefix,
        (key, value) -> {
          if (!Keys.startsWith(key, prefix)) {
            return false;
          }
          HoldGroup group = new HoldGroup(Keys.kindOfCount(key), Keys.topicOfCount(key));
          counts.put(group, ByteBuffer.wrap(value).getLong());
          return true;
        });
    return counts;
  }
}
