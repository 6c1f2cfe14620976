package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Mutation;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The first offset stored at or after a time. */
public abstract class TimeLookupContract extends StorageContract {

  @Test
  void anUnknownQueueAnswersZero() {
    assertThat(storage().log().offsetAt(ORDERS, 0)).isZero();
    assertThat(storage().log().offsetAt(ORDERS, Long.MAX_VALUE)).isZero();
  }

  @Test
  void equalTimesGiveTheFirstOfThem() {
    long start = time().nowMs();
    for (int i = 0; i < 9; i++) {
      append(ORDERS, "m" + i);
      if (i % 3 == 2) {
        time().advanceMs(100);
      }
    }
    assertThat(at(0)).isZero();
    assertThat(at(start)).isZero();
    assertThat(at(start + 1)).isEqualTo(3);
    assertThat(at(start + 100)).isEqualTo(3);
    assertThat(at(start + 101)).isEqualTo(6);
    assertThat(at(start + 200)).isEqualTo(6);
    assertThat(at(start + 201)).isEqualTo(9);
    assertThat(at(Long.MAX_VALUE)).isEqualTo(9);
    assertThat(at(Long.MIN_VALUE)).isZero();
  }

  @Test
  void aReleasedMessageCountsAtItsRelease() {
    long start = time().nowMs();
    hold(id(1), ORDERS, "held early");
    time().advanceMs(1_000);
    append(ORDERS, "appended");
    time().advanceMs(1_000);
    apply(new Mutation.Release(id(1)));
    assertThat(at(start)).isZero();
    assertThat(at(start + 1_001)).isEqualTo(1);
    assertThat(at(start + 2_001)).isEqualTo(2);
  }

  @Test
  void trimmedMessagesDoNotCount() {
    long start = time().nowMs();
    for (int i = 0; i < 10; i++) {
      append(ORDERS, "m" + i);
      time().advanceMs(10);
    }
    apply(new Mutation.Trim(ORDERS, 5));
    assertThat(at(start)).isEqualTo(5);
    assertThat(at(start + 60)).isEqualTo(6);
    apply(new Mutation.Trim(ORDERS, 10));
    assertThat(at(start)).isEqualTo(10);
  }

  @Test
  void aLongQueueAnswersEveryTime() {
    Random random = new Random(42);
    List<Long> times = new ArrayList<>();
    long offset = 0;
    while (offset < 3_000) {
      int burst = 1 + random.nextInt(20);
      List<Mutation> batch = new ArrayList<>();
      for (int i = 0; i < burst; i++) {
        batch.add(new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "m")));
        times.add(time().nowMs());
        offset++;
      }
      apply(batch.toArray(Mutation[]::new));
      append(PAYMENTS, "noise");
      time().advanceMs(random.nextInt(4));
    }
    for (long ms = times.getFirst() - 2; ms <= times.getLast() + 2; ms++) {
      long wanted = ms;
      long expected = times.stream().takeWhile(stored -> stored < wanted).count();
      assertThat(at(ms)).as("at %s", ms).isEqualTo(expected);
    }
  }

  private long at(long timeMs) {
    return storage().log().offsetAt(ORDERS, timeMs);
  }
}
