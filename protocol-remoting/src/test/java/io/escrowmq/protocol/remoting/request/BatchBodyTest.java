package io.escrowmq.protocol.remoting.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.escrowmq.protocol.remoting.Golden;
import io.escrowmq.protocol.remoting.wire.FrameLimits;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** The inner batch encoding: golden bytes, damage, fuzz targets. */
final class BatchBodyTest {
  @Test
  void officialBatch() {
    List<BatchBody.Entry> entries = BatchBody.decode(ByteBuffer.wrap(Golden.bytes("batch")));
    assertThat(entries).hasSize(2);
    assertThat(entries.get(1).flag()).isEqualTo(1);
    assertThat(StandardCharsets.UTF_8.decode(entries.get(1).body()).toString()).isEqualTo("body1");
    assertThat(entries.get(0).properties()).contains("KEYS\u0001k0").contains("TAGS\u0001t0");
  }

  @Test
  void everyTruncation() {
    byte[] good = Golden.bytes("batch");
    int first = ByteBuffer.wrap(good).getInt();
    for (int length = 0; length < good.length; length++) {
      if (length == first) {
        continue;
      }
      ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(good, length));
      assertThatThrownBy(() -> BatchBody.decode(cut)).isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void lyingLengths() {
    for (int at : new int[] {0, 16, 25}) {
      for (int lie : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 20}) {
        ByteBuffer bad = ByteBuffer.wrap(Golden.bytes("batch"));
        bad.putInt(at, lie);
        assertThatThrownBy(() -> BatchBody.decode(bad))
            .isInstanceOf(ProtocolException.class)
            .hasMessageContaining("message 0 of the batch");
      }
    }
  }

  @Test
  void badUtf8InProperties() {
    byte[] bad = Golden.bytes("batch");
    bad[bad.length - 1] = (byte) 0xff;
    assertThatThrownBy(() -> BatchBody.decode(ByteBuffer.wrap(bad)))
        .hasMessageContaining("message 1 of the batch")
        .hasMessageContaining("UTF-8");
  }

  @FuzzTest(maxDuration = "60s")
  void batch(byte[] bytes) {
    try {
      Assertions.assertFalse(BatchBody.decode(ByteBuffer.wrap(bytes)).isEmpty());
    } catch (ProtocolException expected) {
      Assertions.assertTrue(expected.answerable());
    }
  }

  @FuzzTest(maxDuration = "60s")
  void jsonBodies(byte[] bytes) {
    RequestParser parser = new RequestParser(FrameLimits.DEFAULT);
    for (int code : new int[] {34, 41, 46}) {
      RemotingCommand command =
          RemotingCommand.request(code, 1, false, Map.of(), HeaderEncoding.JSON);
      try {
        Assertions.assertTrue(parser.parse(command, ByteBuffer.wrap(bytes)).isPresent());
      } catch (ProtocolException expected) {
        Assertions.assertTrue(expected.answerable());
      }
    }
  }
}
