package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A producer group that is away, on every engine; the clock is the test's. */
@ParameterizedClass
@ValueSource(strings = {"memory", "commitlog", "rocksdb", "h2", "postgresql"})
final class AbsentGroupTest {

  private static final int COUNT = 200;

  private final AtomicInteger writes = new AtomicInteger();
  private final Scene scene;

  AbsentGroupTest(String engine) {
    scene = new Scene(CheckPolicy.DEFAULT, this::counted, UnaryOperator.identity(), engine);
  }

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void aGroupAwayForADayCountsNoAttemptAndIsSettledWhenOneInstanceReturns() {
    List<Handle> handles =
        IntStream.range(0, COUNT).mapToObj(i -> scene.prepared("away-" + i)).toList();
    writes.set(0);
    passADay();
    assertThat(handles).allMatch(handle -> scene.attributes(handle).attempts() == 0);
    assertThat(writes).as("a group that is away costs no writes").hasValue(0);

    scene.producers.join(Scene.GROUP, "returned");
    scene.coordinator().memberArrived(Scene.GROUP);
    Set<Handle> answered = new HashSet<>();
    for (int i = 0; i < 100 && answered.size() < COUNT; i++) {
      scene.pass(Duration.ofMillis(100));
      scene.producers.delivered().stream()
          .map(asked -> asked.question().handle())
          .filter(answered::add)
          .forEach(this::commit);
    }

    assertThat(answered).containsExactlyInAnyOrderElementsOf(handles);
    assertThat(scene.audits("DECIDED"))
        .as("one question counted for each, and one decision")
        .hasSize(COUNT)
        .allMatch(record -> record.contains("\"attempts\":1,"));
    assertThat(scene.visible(Scene.QUEUE)).hasSize(COUNT);
    assertThat(scene.coordinator().statistics().open()).isZero();
  }

  /** Every five minutes somebody looks; at noon the server is restarted. */
  private void passADay() {
    int looks = 24 * 60 / 5;
    for (int i = 0; i < looks; i++) {
      scene.pass(Duration.ofMinutes(5));
      if (i == looks / 2) {
        scene.restart();
      }
    }
  }

  private void commit(Handle handle) {
    scene.end(handle, Scene.GROUP, Decision.COMMIT, Decider.checkAnswer("returned"));
  }

  private Storage counted(Storage store) {
    return new ForwardingStorage(store) {
      @Override
      public CompletionStage<WriteReceipt> write(WriteBatch batch) {
        writes.incrementAndGet();
        return super.write(batch);
      }
    };
  }
}
