package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.TimeSource;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** I16 in the large: open transactions of one group that is away cost others nothing. */
@Tag("campaign")
final class ManyOpenTransactionsTest {

  private static final int COUNT = 1_000_000;
  private static final int IN_FLIGHT = 1_000;

  @Test
  void i16_aMillionOpenTransactionsDelayNobody() throws InterruptedException {
    try (Scene scene = new Scene(CheckPolicy.DEFAULT, Sabotage.NONE, StoreUnderTest.COMMITLOG)) {
      TimeSource clock = TimeSource.system();
      long start = clock.nanos();
      prepare(scene);
      report("held " + COUNT, start, clock);
      scene.producers.join(Scene.GROUP, "sender");
      Handle other = scene.prepared("other");

      start = clock.nanos();
      for (int i = 0; i < 200 && scene.producers.delivered().isEmpty(); i++) {
        scene.pass(Duration.ofMillis(i == 0 ? 6_000 : 100));
      }
      report("asked about the other one", start, clock);
      assertThat(scene.producers.deliveredFor(other)).isEqualTo(1);

      start = clock.nanos();
      scene.pass(Duration.ofMillis(100));
      report("an ordinary round", start, clock);

      start = clock.nanos();
      scene.restart();
      report("restart", start, clock);
      assertThat(scene.coordinator().statistics().open()).isEqualTo(COUNT + 1);
      System.gc();
      Runtime runtime = Runtime.getRuntime();
      System.out.println(
          "heap in use " + (runtime.totalMemory() - runtime.freeMemory() >> 20) + " MiB");
    }
  }

  private static void prepare(Scene scene) throws InterruptedException {
    Semaphore permits = new Semaphore(IN_FLIGHT);
    for (int i = 0; i < COUNT; i++) {
      permits.acquire();
      scene
          .coordinator()
          .prepare(scene.half("away", "sender", Scene.QUEUE, "key-" + i, 0))
          .whenComplete((_, _) -> permits.release());
      if (i % 100_000 == 0) {
        scene.events.clear();
      }
    }
    permits.acquire(IN_FLIGHT);
    scene.events.clear();
  }

  private static void report(String what, long startNanos, TimeSource clock) {
    System.out.println(what + ": " + (clock.nanos() - startNanos) / 1_000_000 + " ms");
  }
}
