package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Registration;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Listeners hear of every growth once it is readable, until their registration is closed. */
public abstract class ListenerContract extends StorageContract {

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @Test
  void listenersHearOfAppendsAndReleases() {
    Heard heard = new Heard();
    try (Registration registration = storage().log().onAppend(heard::appended)) {
      assertThat(registration).isNotNull();
      if (!pushes()) {
        append(ORDERS, "a");
        assertThat(heard.max).as("an engine without push notifications").isEmpty();
        return;
      }
      append(ORDERS, "a");
      heard.awaitMax(ORDERS, 1);
      append(ORDERS, "b");
      append(PAYMENTS, "c");
      heard.awaitMax(ORDERS, 2);
      heard.awaitMax(PAYMENTS, 1);
      hold(id(1), ORDERS_1, "d");
      apply(new Mutation.Release(id(1)));
      heard.awaitMax(ORDERS_1, 1);
    }
  }

  @Test
  void whatIsHeardIsReadable() {
    if (!pushes()) {
      return;
    }
    Heard heard = new Heard();
    try (Registration registration = storage().log().onAppend(heard::appended)) {
      assertThat(registration).isNotNull();
      ParallelRun.of(
          2,
          thread -> {
            for (int i = 0; i < 200; i++) {
              if (thread == 0) {
                append(ORDERS, "m" + i);
              } else {
                long max = heard.max.getOrDefault(ORDERS, 0L);
                assertThat(bounds(ORDERS).max()).isGreaterThanOrEqualTo(max);
              }
            }
          });
      heard.awaitMax(ORDERS, 200);
      assertThat(heard.max.get(ORDERS)).isEqualTo(200);
    }
  }

  @Test
  void holdsAndRejectedBatchesAreSilent() {
    if (!pushes()) {
      return;
    }
    Heard heard = new Heard();
    try (Registration registration = storage().log().onAppend(heard::appended)) {
      assertThat(registration).isNotNull();
      hold(id(1), ORDERS, "silent");
      apply(new Mutation.Discard(id(1)));
      write(
          new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "rejected")),
          new Mutation.RequireHeld(id(1)));
      append(PAYMENTS, "loud");
      heard.awaitMax(PAYMENTS, 1);
      assertThat(heard.max).containsOnlyKeys(PAYMENTS);
    }
  }

  @Test
  void aClosedRegistrationIsSilent() {
    if (!pushes()) {
      return;
    }
    Heard stays = new Heard();
    Heard leaves = new Heard();
    try (Registration registration = storage().log().onAppend(stays::appended)) {
      assertThat(registration).isNotNull();
      Registration leaving = storage().log().onAppend(leaves::appended);
      append(ORDERS, "a");
      leaves.awaitMax(ORDERS, 1);
      stays.awaitMax(ORDERS, 1);
      leaving.close();
      leaving.close();
      append(ORDERS, "b");
      stays.awaitMax(ORDERS, 2);
      append(ORDERS, "c");
      stays.awaitMax(ORDERS, 3);
      assertThat(leaves.max).containsExactly(Map.entry(ORDERS, 1L));
    }
  }

  private boolean pushes() {
    return storage().capabilities().contains(Capability.PUSH_NOTIFICATIONS);
  }

  private static final class Heard {
    private final Map<QueueId, Long> max = new ConcurrentHashMap<>();

    void appended(QueueId queue, long maxOffset) {
      max.merge(queue, maxOffset, Math::max);
    }

    void awaitMax(QueueId queue, long offset) {
      Awaitility.await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(2))
          .until(() -> max.getOrDefault(queue, 0L) >= offset);
    }
  }
}
