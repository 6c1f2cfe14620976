package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * I13, measured on the disk: a transaction's body is written when it is held, and not again however
 * often it is asked about. The commitlog does not write it again for the commit either; the other
 * engines move it into the queue once.
 */
@ParameterizedClass
@CsvSource({"commitlog, 0", "rocksdb, 1", "h2, 1", "postgresql, 1"})
final class BodyWrittenOnceTest {

  private static final int BODY_BYTES = 1 << 20;
  private static final int CHECKS = 14;

  private final AtomicInteger given = new AtomicInteger();
  private final int mostForCommit;
  private final Scene scene;

  BodyWrittenOnceTest(String engine, int mostForCommit) {
    this.mostForCommit = mostForCommit;
    scene = new Scene(CheckPolicy.DEFAULT, this::counted, UnaryOperator.identity(), engine);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void i13_theBodyIsWrittenOncePerTransactionHoweverManyChecks() {
    byte[] body = body();
    String text = new String(body, ISO_8859_1);
    double before = scene.written(body);
    Handle handle =
        ((HalfOutcome.Prepared)
                scene.prepare(scene.half(Scene.GROUP, "sender", Scene.QUEUE, "k", 0, text)))
            .handle();
    double held = scene.written(body);
    scene.producers.join(Scene.GROUP, "sender");
    for (int i = 0; i < CHECKS; i++) {
      scene.pass(Duration.ofSeconds(30));
    }
    assertThat(scene.attributes(handle).attempts()).isEqualTo(CHECKS);
    double asked = scene.written(body);
    scene.end(handle, Decision.COMMIT);
    double committed = scene.written(body);

    System.out.printf(
        "bodies written: held %.2f, %d checks %.2f, commit %.2f%n",
        held - before, CHECKS, asked - held, committed - asked);
    assertThat(given).as("what the coordinator gave to the store").hasValue(1);
    assertThat(held - before).as("bodies written to hold it").isBetween(1.0, 1.5);
    assertThat(asked - held).as("bodies written by " + CHECKS + " checks").isLessThan(0.5);
    assertThat(committed - asked)
        .as("bodies written by the commit")
        .isLessThan(mostForCommit + 0.5);
    assertThat(scene.visible(Scene.QUEUE).getFirst().body())
        .isEqualTo(java.nio.ByteBuffer.wrap(body));
  }

  /** Letters and digits that no engine can make smaller to speak of. */
  private static byte[] body() {
    Random random = new Random(13);
    String letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    byte[] body = new byte[BODY_BYTES];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) letters.charAt(random.nextInt(letters.length()));
    }
    return body;
  }

  private Storage counted(Storage store) {
    return new ForwardingStorage(store) {
      @Override
      public CompletionStage<WriteReceipt> write(WriteBatch batch) {
        for (Mutation mutation : batch.mutations()) {
          boolean whole =
              switch (mutation) {
                case Mutation.Hold hold -> hold.message().size() >= BODY_BYTES;
                case Mutation.Append append -> append.message().size() >= BODY_BYTES;
                default -> false;
              };
          given.addAndGet(whole ? 1 : 0);
        }
        return super.write(batch);
      }
    };
  }
}
