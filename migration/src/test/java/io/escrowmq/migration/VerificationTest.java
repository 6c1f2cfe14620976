package io.escrowmq.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.broker.FirstState;
import io.escrowmq.server.cli.StoreOption;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBuilder;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.copy.CopyListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison notices what it is there for. */
final class VerificationTest {

  private static final QueueId QUEUE = new QueueId("orders", 0);
  private static final SourceQueue SOURCE = new SourceQueue("broker-a", "orders", 0);
  private static final Mutation.Put ROW = FirstState.topic(TopicConfig.of("orders", 1));

  @TempDir private Path folder;

  private TargetStore target;
  private Bytes chain = Chain.START;

  @BeforeEach
  void fill() {
    target =
        TargetStore.open(
            StoreOption.side("--to", "commitlog:" + folder, List.of()), StorageContext.system());
    target.write(List.of(new Mutation.Restore.Begin(QUEUE, 5), ROW));
    for (int i = 0; i < 3; i++) {
      Message message = message("m" + i, 5 + i);
      chain = new Chain().next(chain, message);
      target.write(List.of(new Mutation.Restore.Visible(QUEUE, message)));
    }
  }

  @AfterEach
  void close() {
    target.close();
  }

  @Test
  void nothingDiffers() {
    assertThat(verify(progress(8, chain), ROW)).isEmpty();
    assertThat(target.progress().get(QUEUE).comparedNext()).isEqualTo(8);
  }

  @Test
  void aMessageThatIsAnotherDiffers() {
    Bytes other = new Chain().next(chain, message("not stored", 8));
    assertThat(verify(progress(8, other), ROW).get("orders"))
        .contains("has other messages than were pulled");
  }

  @Test
  void aMissingMessageDiffers() {
    assertThat(verify(progress(9, chain), ROW).get("orders")).contains("copied were 5 to 9");
  }

  @Test
  void aRowThatIsAnotherDiffers() {
    Mutation.Put other = FirstState.topic(TopicConfig.of("orders", 2));
    assertThat(verify(progress(8, chain), other).get("table topics"))
        .contains("orders is not as written");
    Mutation.Put missing = FirstState.offset("group", QUEUE, 7);
    assertThat(verify(progress(8, chain), missing)).hasSize(1);
  }

  private Map<String, String> verify(QueueProgress queue, Mutation.Put row) {
    return new Verification(target, CopyListener.NONE).run(List.of(queue), List.of(row));
  }

  private static QueueProgress progress(long next, Bytes chain) {
    return QueueProgress.begin(QUEUE, SOURCE, 5).copied(next, 300, chain);
  }

  private static Message message(String body, long offset) {
    return new MessageBuilder()
        .queue(QUEUE)
        .bornTimeMs(1_700_000_000_000L)
        .bornHost(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1))
        .storeHost(new InetSocketAddress(InetAddress.getLoopbackAddress(), 2))
        .body(ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)))
        .propertiesText("")
        .build()
        .stamped(offset, 0, 1_700_000_000_000L + offset);
  }
}
