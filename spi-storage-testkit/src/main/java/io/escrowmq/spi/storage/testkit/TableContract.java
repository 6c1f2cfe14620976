package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tables: ordered byte strings with versions that never repeat. */
public abstract class TableContract extends StorageContract {

  @Test
  void aRowIsReadBack() {
    put("k", "v");
    TableRow row = get("k").orElseThrow();
    assertThat(row.key()).isEqualTo(Bytes.utf8("k"));
    assertThat(row.value()).isEqualTo(Bytes.utf8("v"));
    assertThat(row.version()).isPositive();
    assertThat(get("other")).isEmpty();
    assertThat(storage().tables().get("unknown-table", Bytes.utf8("k"))).isEmpty();
    assertThat(storage().tables().scan("unknown-table", Bytes.EMPTY, Optional.empty(), 10))
        .isEmpty();
  }

  @Test
  void aRowIsReplacedAndDeleted() {
    put("k", "1");
    put("k", "2");
    assertThat(get("k").orElseThrow().value()).isEqualTo(Bytes.utf8("2"));
    apply(new Mutation.Delete(TABLE, Bytes.utf8("k")));
    assertThat(get("k")).isEmpty();
    apply(new Mutation.Delete(TABLE, Bytes.utf8("k")));
    assertThat(scan("", Optional.empty(), 10)).isEmpty();
  }

  @Test
  void versionsNeverRepeat() {
    Set<Long> versions = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      put("k", "same value");
      assertThat(versions.add(get("k").orElseThrow().version())).as("put %s", i).isTrue();
      if (i % 3 == 0) {
        apply(new Mutation.Delete(TABLE, Bytes.utf8("k")));
      }
      if (i % 5 == 0) {
        apply(putOf("k", "x"), new Mutation.Delete(TABLE, Bytes.utf8("k")), putOf("k", "y"));
        assertThat(versions.add(get("k").orElseThrow().version())).as("batch %s", i).isTrue();
      }
    }
  }

  @Test
  void theVersionOfARowDoesNotChangeWithItsNeighbours() {
    put("k", "v");
    TableRow before = get("k").orElseThrow();
    put("l", "w");
    append(ORDERS, "a");
    assertThat(get("k")).contains(before);
  }

  @Test
  void tablesAreSeparate() {
    put("k", "here");
    apply(new Mutation.Put("kit", Bytes.utf8("k"), Bytes.utf8("there")));
    apply(new Mutation.Put("kit-table-2", Bytes.utf8("k"), Bytes.utf8("elsewhere")));
    apply(new Mutation.Put("k".repeat(64), Bytes.utf8("k"), Bytes.utf8("long name")));
    assertThat(scan("", Optional.empty(), 10)).hasSize(1);
    assertThat(get("k").orElseThrow().value()).isEqualTo(Bytes.utf8("here"));
    assertThat(storage().tables().get("kit", Bytes.utf8("k")).orElseThrow().value())
        .isEqualTo(Bytes.utf8("there"));
    assertThat(storage().tables().scan("kit", Bytes.EMPTY, Optional.empty(), 10)).hasSize(1);
  }

  @Test
  void keysAreOrderedAsUnsignedBytes() {
    List<Bytes> keys = new ArrayList<>();
    for (int first : new int[] {0, 1, 0x7F, 0x80, 0xFF}) {
      keys.add(Bytes.of((byte) first));
      keys.add(Bytes.of((byte) first, (byte) 0));
      keys.add(Bytes.of((byte) first, (byte) 0xFF));
    }
    List<Bytes> shuffled = new ArrayList<>(keys);
    java.util.Collections.reverse(shuffled);
    for (Bytes key : shuffled) {
      apply(new Mutation.Put(TABLE, key, Bytes.EMPTY));
    }
    assertThat(storage().tables().scan(TABLE, Bytes.EMPTY, Optional.empty(), 100))
        .extracting(TableRow::key)
        .isEqualTo(keys);
  }

  @Test
  void aScanKeepsToItsPrefix() {
    for (String key : new String[] {"a", "ab", "ab1", "ab2", "ac", "b"}) {
      put(key, "value of " + key);
    }
    assertThat(keys(scan("ab", Optional.empty(), 10))).containsExactly("ab", "ab1", "ab2");
    assertThat(keys(scan("ab1", Optional.empty(), 10))).containsExactly("ab1");
    assertThat(scan("c", Optional.empty(), 10)).isEmpty();
    apply(new Mutation.Put(TABLE, Bytes.of((byte) 0xFF, (byte) 0xFF), Bytes.EMPTY));
    assertThat(storage().tables().scan(TABLE, Bytes.of((byte) 0xFF), Optional.empty(), 10))
        .hasSize(1);
  }

  @Test
  void aScanBeginsAfterItsCursorAndEndsAtItsLimit() {
    for (String key : new String[] {"a", "b1", "b2", "b3", "c"}) {
      put(key, key);
    }
    assertThat(keys(scan("", Optional.of("b1"), 2))).containsExactly("b2", "b3");
    assertThat(keys(scan("b", Optional.of("b15"), 10))).containsExactly("b2", "b3");
    assertThat(keys(scan("b", Optional.of("a"), 1))).containsExactly("b1");
    assertThat(scan("b", Optional.of("b3"), 10)).isEmpty();
    assertThat(scan("b", Optional.of("zzz"), 10)).isEmpty();
  }

  @Test
  void aLongTableIsReadInPages() {
    int rows = 1000;
    List<Mutation> batch = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      batch.add(putOf(String.format("%05d", i), "v" + i));
    }
    apply(batch.toArray(Mutation[]::new));
    List<String> seen = new ArrayList<>();
    Optional<String> after = Optional.empty();
    while (true) {
      List<TableRow> page = scan("", after, 64);
      if (page.isEmpty()) {
        break;
      }
      seen.addAll(keys(page));
      after = Optional.of(seen.getLast());
    }
    assertThat(seen).hasSize(rows).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void theLargestRowFits() {
    Bytes key = Bytes.wrap(new byte[Tables.MAX_KEY_BYTES]);
    byte[] value = new byte[Tables.MAX_VALUE_BYTES];
    java.util.Arrays.fill(value, (byte) 0xA5);
    apply(new Mutation.Put(TABLE, key, Bytes.of(value)));
    assertThat(storage().tables().get(TABLE, key).orElseThrow().value().equals(Bytes.of(value)))
        .isTrue();
    apply(new Mutation.Put(TABLE, key, Bytes.EMPTY));
    assertThat(storage().tables().get(TABLE, key).orElseThrow().value()).isEqualTo(Bytes.EMPTY);
  }

  private Optional<TableRow> get(String key) {
    return storage().tables().get(TABLE, Bytes.utf8(key));
  }

  private List<TableRow> scan(String prefix, Optional<String> after, int limit) {
    return storage().tables().scan(TABLE, Bytes.utf8(prefix), after.map(Bytes::utf8), limit);
  }

  private static List<String> keys(List<TableRow> rows) {
    return rows.stream().map(row -> row.key().asUtf8()).toList();
  }
}
