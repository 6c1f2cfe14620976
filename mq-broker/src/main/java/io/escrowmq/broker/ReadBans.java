package io.escrowmq.broker;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Topics that groups may not read, by an operator's word: rows of the table {@code read-bans}, key
 * {@code group@topic} in UTF-8, value one byte; all of them also in memory. Thread-safe.
 */
final class ReadBans {

  private static final String TABLE = "read-bans";
  private static final Bytes BANNED = Bytes.wrap(new byte[] {1});

  private final Storage storage;
  private final Map<String, Set<String>> topicsByGroup = new ConcurrentHashMap<>();

  /** Loads every ban; blocks. */
  ReadBans(Storage storage) {
    this.storage = storage;
    for (TableRow row : TableScan.all(storage.tables(), TABLE)) {
      String key = row.key().asUtf8();
      // Neither groups nor topics can have the separator in their names.
      int at = key.indexOf('@');
      topics(key.substring(0, at)).add(key.substring(at + 1));
    }
  }

  /** Whether the group may not read the topic. Asked by every pull. */
  boolean forbid(String group, String topic) {
    Set<String> topics = topicsByGroup.get(group);
    return topics != null && topics.contains(topic);
  }

  /** Topics that the group may not read, in name order. */
  Set<String> of(String group) {
    return new TreeSet<>(topicsByGroup.getOrDefault(group, Set.of()));
  }

  /** Forbids or allows; blocks. */
  void set(String group, String topic, boolean forbidden) {
    Bytes key = key(group, topic);
    Mutation change =
        forbidden ? new Mutation.Put(TABLE, key, BANNED) : new Mutation.Delete(TABLE, key);
    Failures.await(storage.write(WriteBatch.of(change)));
    if (forbidden) {
      topics(group).add(topic);
    } else {
      topics(group).remove(topic);
    }
  }

  /** Allows the group everything; blocks. */
  void forget(String group) {
    for (String topic : of(group)) {
      set(group, topic, false);
    }
    topicsByGroup.remove(group);
  }

  private Set<String> topics(String group) {
    return topicsByGroup.computeIfAbsent(group, _ -> ConcurrentHashMap.newKeySet());
  }

  private static Bytes key(String group, String topic) {
    return Bytes.utf8(group + "@" + topic);
  }
}
