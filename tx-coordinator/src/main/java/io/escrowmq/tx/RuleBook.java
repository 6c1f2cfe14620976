package io.escrowmq.tx;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.tx.CheckRules.OnGiveUp;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The check rules of the cluster, and what groups and topics want otherwise: a field of the topic
 * counts before the group's, that before the cluster's. Changes are rows of the store, each with a
 * record of the audit trail in the same batch. Thread-safe; look-ups are from memory.
 */
public final class RuleBook {

  /** Most groups and topics with rules of their own. */
  static final int MAX_ENTRIES = 10_000;

  /** What groups and topics want otherwise; the key is the scope's letter and the name. */
  static final String TABLE = "tx-policies";

  private static final Logger log = LoggerFactory.getLogger(RuleBook.class);
  private static final int PAGE = 1000;
  private static final int MAX_NAME = 255;

  private final Storage storage;
  private final TimeSource time;
  private final CheckRules cluster;
  private final Map<Key, RuleChanges> changes = new ConcurrentHashMap<>();

  /** One change after the other, so that each record tells what was there before. */
  private final ReentrantLock changing = new ReentrantLock();

  private RuleBook(Storage storage, TimeSource time, CheckRules cluster) {
    this.storage = storage;
    this.time = time;
    this.cluster = cluster;
  }

  /** What changes are about. */
  public enum Scope {
    GROUP('g'),
    TOPIC('t');

    private final char letter;

    Scope(char letter) {
      this.letter = letter;
    }
  }

  /** The changes of a group or topic. */
  public record Entry(Scope scope, String name, RuleChanges changes) {}

  private record Key(Scope scope, String name) {

    Bytes bytes() {
      return Bytes.utf8(scope.letter + ":" + name);
    }

    static Key of(Bytes bytes) {
      String text = bytes.asUtf8();
      return new Key(text.charAt(0) == 'g' ? Scope.GROUP : Scope.TOPIC, text.substring(2));
    }
  }

  /** Reads what the store has. Blocks. */
  static RuleBook open(Storage storage, TimeSource time, CheckRules cluster) {
    RuleBook book = new RuleBook(storage, time, cluster);
    Optional<Bytes> after = Optional.empty();
    while (true) {
      List<TableRow> page = storage.tables().scan(TABLE, Bytes.EMPTY, after, PAGE);
      for (TableRow row : page) {
        Key key = Key.of(row.key());
        RuleChanges changes = RuleChanges.decode(row.value());
        book.changes.put(key, changes);
        warnIfUnsafe(key, changes);
      }
      if (page.size() < PAGE) {
        return book;
      }
      after = Optional.of(page.getLast().key());
    }
  }

  /** What counts for a message of the group on the topic. */
  public CheckRules of(String producerGroup, String topic) {
    if (changes.isEmpty()) {
      return cluster;
    }
    RuleChanges group = changes.getOrDefault(new Key(Scope.GROUP, producerGroup), RuleChanges.NONE);
    RuleChanges ofTopic = changes.getOrDefault(new Key(Scope.TOPIC, topic), RuleChanges.NONE);
    return ofTopic.appliedTo(group.appliedTo(cluster));
  }

  /** All changes, groups first, by name. From memory. */
  public List<Entry> all() {
    List<Entry> all = new ArrayList<>();
    changes.forEach((key, value) -> all.add(new Entry(key.scope(), key.name(), value)));
    all.sort(Comparator.comparing(Entry::scope).thenComparing(Entry::name));
    return all;
  }

  /**
   * Sets the changes of a group or topic, in place of what it had. Counts from the next question of
   * each transaction on. Blocks.
   *
   * @throws IllegalArgumentException if a value is out of its range, a topic wants roll-backs, or
   *     there are too many entries
   */
  public void put(Scope scope, String name, RuleChanges wanted, String operator) {
    Key key = new Key(scope, name);
    if (name.isBlank() || name.length() > MAX_NAME) {
      throw new IllegalArgumentException("a name has 1 to " + MAX_NAME + " characters: " + name);
    }
    if (scope == Scope.TOPIC && wanted.onGiveUp().isPresent()) {
      throw new IllegalArgumentException(
          "what becomes of undecided transactions is a matter of the producer group, not of topic "
              + name);
    }
    if (changes.size() >= MAX_ENTRIES && !changes.containsKey(key)) {
      throw new IllegalArgumentException(
          "at most " + MAX_ENTRIES + " groups and topics have rules of their own");
    }
    CheckRules _ = wanted.appliedTo(cluster);
    change(key, Optional.of(wanted), operator);
    log.info(
        "Check rules of {} {} are set by {}: {}", scope, name, operator, wanted.encode().asUtf8());
    warnIfUnsafe(key, wanted);
  }

  /**
   * Removes the changes of a group or topic. Blocks.
   *
   * @return false if it had none
   */
  public boolean remove(Scope scope, String name, String operator) {
    boolean removed = change(new Key(scope, name), Optional.empty(), operator);
    if (removed) {
      log.info("Check rules of {} {} are removed by {}", scope, name, operator);
    }
    return removed;
  }

  /** Writes the row and its record; false if there is nothing to remove. */
  private boolean change(Key key, Optional<RuleChanges> wanted, String operator) {
    changing.lock();
    try {
      Optional<RuleChanges> before = Optional.ofNullable(changes.get(key));
      if (before.isEmpty() && wanted.isEmpty()) {
        return false;
      }
      Mutation row =
          wanted.isPresent()
              ? new Mutation.Put(TABLE, key.bytes(), wanted.get().encode())
              : new Mutation.Delete(TABLE, key.bytes());
      Mutation record =
          AuditTrail.ruleChange(
              new AuditTrail.RuleChange(
                  key.scope(), key.name(), json(before), json(wanted), operator),
              time.nowMs());
      storage.write(WriteBatch.of(row, record)).toCompletableFuture().join();
      wanted.ifPresentOrElse(it -> changes.put(key, it), () -> changes.remove(key));
      return true;
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    } finally {
      changing.unlock();
    }
  }

  private static String json(Optional<RuleChanges> changes) {
    return changes.orElse(RuleChanges.NONE).encode().asUtf8();
  }

  private static void warnIfUnsafe(Key key, RuleChanges changes) {
    if (changes.onGiveUp().filter(it -> it == OnGiveUp.ROLLBACK).isPresent()) {
      log.warn(
          "UNSAFE: undecided transactions of producer group {} are rolled back when questions are"
              + " used up. If a local transaction was committed and no answer came through, its"
              + " message is lost. Parking (onGiveUp=park) loses nothing.",
          key.name());
    }
  }
}
