package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Ownership.Lease;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Leases: one owner at a time, epochs that only rise. */
public abstract class OwnershipContract extends StorageContract {

  private static final Duration TTL = Duration.ofSeconds(10);

  @Test
  void aFreeScopeIsTaken() {
    Lease lease = ownership().acquire("shard-1", "a", TTL).orElseThrow();
    assertThat(lease.scope()).isEqualTo("shard-1");
    assertThat(lease.owner()).isEqualTo("a");
    assertThat(lease.epoch()).isPositive();
    assertThat(lease.expiresAtMs()).isEqualTo(time().nowMs() + TTL.toMillis());
    assertThat(ownership().current("shard-1")).contains(lease);
    assertThat(ownership().current("shard-2")).isEmpty();
    assertThat(ownership().acquire("shard-2", "b", TTL)).isPresent();
  }

  @Test
  void aLeaseKeepsOthersOutUntilItExpires() {
    Lease first = ownership().acquire("s", "a", TTL).orElseThrow();
    time().advance(TTL.minusMillis(1));
    assertThat(ownership().acquire("s", "b", TTL)).isEmpty();
    time().advanceMs(1);
    Lease second = ownership().acquire("s", "b", TTL).orElseThrow();
    assertThat(second.epoch()).isGreaterThan(first.epoch());
    assertThat(second.owner()).isEqualTo("b");
  }

  @Test
  void aReleasedLeaseIsFreeAtOnce() {
    Lease first = ownership().acquire("s", "a", TTL).orElseThrow();
    ownership().release(first);
    Lease second = ownership().acquire("s", "b", TTL).orElseThrow();
    assertThat(second.epoch()).isGreaterThan(first.epoch());
    ownership().release(first);
    assertThat(ownership().acquire("s", "c", TTL)).as("a lost lease releases nothing").isEmpty();
  }

  @Test
  void aCurrentLeaseIsRenewedUnderItsEpoch() {
    Lease lease = ownership().acquire("s", "a", TTL).orElseThrow();
    time().advanceMs(6_000);
    Lease renewed = ownership().renew(lease, TTL).orElseThrow();
    assertThat(renewed.epoch()).isEqualTo(lease.epoch());
    time().advanceMs(6_000);
    assertThat(ownership().acquire("s", "b", TTL)).isEmpty();
  }

  @Test
  void aLostLeaseIsNotRenewed() {
    Lease lost = ownership().acquire("s", "a", TTL).orElseThrow();
    time().advance(TTL);
    Lease taken = ownership().acquire("s", "b", TTL).orElseThrow();
    assertThat(ownership().renew(lost, TTL)).isEmpty();
    assertThat(ownership().current("s")).contains(taken);
  }

  @Test
  void oneOfManyWins() {
    Set<Long> epochs = new HashSet<>();
    for (int round = 0; round < 10; round++) {
      AtomicInteger winners = new AtomicInteger();
      ParallelRun.of(
          4,
          thread -> {
            if (ownership().acquire("s", "server-" + thread, TTL).isPresent()) {
              winners.incrementAndGet();
            }
          });
      assertThat(winners).hasValue(1);
      assertThat(epochs.add(ownership().current("s").orElseThrow().epoch())).isTrue();
      time().advance(TTL);
    }
  }

  @Test
  void epochsRiseAcrossRestarts() {
    if (!engine().persistent()) {
      return;
    }
    Lease before = ownership().acquire("s", "a", TTL).orElseThrow();
    fixture().reopen();
    assertThat(ownership().current("s")).isEqualTo(Optional.of(before));
    assertThat(ownership().acquire("s", "b", TTL)).isEmpty();
    time().advance(TTL);
    assertThat(ownership().acquire("s", "b", TTL).orElseThrow().epoch())
        .isGreaterThan(before.epoch());
  }

  private Ownership ownership() {
    return storage().ownership();
  }
}
