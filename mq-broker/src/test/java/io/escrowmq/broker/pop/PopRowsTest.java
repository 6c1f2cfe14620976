package io.escrowmq.broker.pop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The bytes of a lease, which servers of other versions read. */
final class PopRowsTest {

  private static final LeaseId ID = new LeaseId(7, 9);

  @Test
  void aLeaseHasTheseBytes() {
    NavigableMap<Long, Integer> attempts = new TreeMap<>();
    attempts.put(5L, 0);
    attempts.put(300L, 2);
    assertThat(PopRows.encode(new Lease(ID, 1_000, "x", attempts)))
        .hasToString("01" + "00000000000003e8" + "0001" + "78" + "00000002" + "0500" + "a70202");
  }

  @Test
  void andIsReadAsItWasWritten() {
    NavigableMap<Long, Integer> attempts = new TreeMap<>();
    attempts.put(0L, 0);
    attempts.put(Long.MAX_VALUE - 1, Integer.MAX_VALUE);
    byte[] bytes = PopRows.encode(new Lease(ID, Long.MAX_VALUE, "ä", attempts)).toArray();
    Lease read = PopRows.decode(ID, ByteBuffer.wrap(bytes));
    assertThat(read.attempts()).isEqualTo(attempts);
    assertThat(read.visibleAtMs()).isEqualTo(Long.MAX_VALUE);
    assertThat(read.attemptId()).isEqualTo("ä");
    assertThat(read.id()).isEqualTo(ID);
  }

  @Test
  void anotherFormatIsNotGuessed() {
    assertThatThrownBy(() -> PopRows.decode(ID, ByteBuffer.wrap(new byte[] {2, 0, 0})))
        .hasMessageContaining("format 2");
  }
}
