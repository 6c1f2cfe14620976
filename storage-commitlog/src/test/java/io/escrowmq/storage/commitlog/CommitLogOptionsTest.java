package io.escrowmq.storage.commitlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Options: defaults, ranges, and typing errors that are told. */
class CommitLogOptionsTest {

  @Test
  void everythingHasADefault() {
    CommitLogOptions options = CommitLogOptions.of(Map.of());
    assertThat(options.ringBytes()).isEqualTo(64 << 20);
    assertThat(options.segmentBytes()).isEqualTo(256L << 20);
    assertThat(options.disk().expirePercent()).isEqualTo(85);
    assertThat(options.disk().refuseSegmentPercent()).isEqualTo(90);
    assertThat(options.disk().readOnlyPercent()).isEqualTo(95);
  }

  @Test
  void anUnknownKeyIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> CommitLogOptions.of(Map.of("segment-byte", "1")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("segment-byte")
        .hasMessageContaining("segment-bytes");
  }

  @Test
  void valuesOutOfRangeAreRefused() {
    assertThatThrownBy(() -> CommitLogOptions.of(Map.of("segment-bytes", "10")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65536");
    assertThatThrownBy(() -> CommitLogOptions.of(Map.of("ring-bytes", "3000000")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("power of two");
    assertThatThrownBy(() -> CommitLogOptions.of(Map.of("group-bytes", "many")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("many");
  }
}
