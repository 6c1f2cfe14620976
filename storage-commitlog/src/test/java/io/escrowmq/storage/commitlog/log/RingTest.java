package io.escrowmq.storage.commitlog.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** The ring: claims, wrapping, room, closing, and writers that race. */
class RingTest {

  private static final int CAPACITY = 1 << 16;
  private static final Claim PADDING = new Claim(-1, -1, 0);

  /** What a writer published. */
  private record Claim(int writer, int number, int bytes) {}

  @Test
  void entriesComeInClaimOrderWhenTheyArePublished() {
    Ring<Claim> ring = new Ring<>(CAPACITY, PADDING);
    long first = ring.claim(64);
    long second = ring.claim(128);
    ring.publish(second, new Claim(0, 2, 128));
    assertThat(ring.peek()).as("the first claim is not published").isNull();
    ring.publish(first, new Claim(0, 1, 64));
    assertThat(ring.peek()).isEqualTo(new Claim(0, 1, 64));
    ring.advance(64);
    assertThat(ring.peek()).isEqualTo(new Claim(0, 2, 128));
    ring.advance(128);
    assertThat(ring.peek()).isNull();
    assertThat(ring.head()).isEqualTo(192);
  }

  @Test
  void aClaimNeverWraps() {
    Ring<Claim> ring = new Ring<>(CAPACITY, PADDING);
    int bytes = ring.maxClaimBytes() - 64;
    for (int i = 0; i < 100; i++) {
      long claim = ring.claim(bytes);
      assertThat(claim).isNotNegative();
      assertThat(ring.offset(claim) + bytes).isLessThanOrEqualTo(CAPACITY);
      ring.publish(claim, new Claim(0, i, bytes));
      assertThat(ring.peek()).isEqualTo(new Claim(0, i, bytes));
      ring.advance(bytes);
      ring.release(ring.head());
    }
    assertThat(ring.usedBytes()).isZero();
  }

  @Test
  void aFullRingRefusesUntilRoomIsGivenBack() {
    Ring<Claim> ring = new Ring<>(CAPACITY, PADDING);
    for (int i = 0; i < CAPACITY / 4096; i++) {
      ring.publish(ring.claim(4096), new Claim(0, i, 4096));
    }
    assertThat(ring.claim(64)).isEqualTo(Ring.NO_ROOM);
    assertThat(ring.usedBytes()).isEqualTo(CAPACITY);
    assertThat(ring.peek()).isNotNull();
    ring.advance(4096);
    assertThat(ring.claim(64)).as("taken, but not written yet").isEqualTo(Ring.NO_ROOM);
    ring.release(ring.head());
    assertThat(ring.claim(64)).isEqualTo(CAPACITY);
  }

  @Test
  void aClosedRingRefusesAndIsDrainedOnceEverythingWasTaken() {
    Ring<Claim> ring = new Ring<>(CAPACITY, PADDING);
    long claim = ring.claim(64);
    ring.stopClaims();
    ring.stopClaims();
    assertThat(ring.claim(64)).isEqualTo(Ring.CLOSED);
    assertThat(ring.isDrained()).as("a claim is a promise").isFalse();
    ring.publish(claim, new Claim(0, 0, 64));
    assertThat(ring.peek()).isNotNull();
    ring.advance(64);
    assertThat(ring.isDrained()).isTrue();
  }

  @Test
  void aSizeThatIsNoPowerOfTwoIsRefused() {
    assertThatThrownBy(() -> new Ring<>(100_000, PADDING))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("100000");
  }

  @Test
  void racingWritersLoseNothingAndKeepTheirOwnOrder() throws InterruptedException {
    int writers = 4;
    int each = 5_000;
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Ring<Claim> ring = new Ring<>(CAPACITY, PADDING);
    List<Thread> threads = new ArrayList<>();
    for (int w = 0; w < writers; w++) {
      int writer = w;
      threads.add(
          Thread.ofPlatform()
              .uncaughtExceptionHandler((thread, thrown) -> failure.set(thrown))
              .start(() -> write(ring, writer, each)));
    }
    int[] next = new int[writers];
    for (int taken = 0; taken < writers * each; ) {
      Claim claim = ring.peek();
      if (claim == null) {
        assertThat(failure).hasValue(null);
        LockSupport.parkNanos(1_000);
        continue;
      }
      assertThat(claim.number()).isEqualTo(next[claim.writer()]++);
      checkBytes(ring, claim);
      ring.advance(claim.bytes());
      ring.release(ring.head());
      taken++;
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(ring.peek()).isNull();
  }

  private static void write(Ring<Claim> ring, int writer, int count) {
    Random random = new Random(writer);
    ByteBuffer view = ring.view();
    for (int number = 0; number < count; number++) {
      int bytes = 64 * (1 + random.nextInt(20));
      long claim = ring.claim(bytes);
      while (claim == Ring.NO_ROOM) {
        LockSupport.parkNanos(1_000);
        claim = ring.claim(bytes);
      }
      for (int i = 0; i < bytes; i += Integer.BYTES) {
        view.putInt(ring.offset(claim) + i, writer * 1_000_000 + number);
      }
      ring.publish(claim, new Claim(writer, number, bytes));
    }
  }

  private static void checkBytes(Ring<Claim> ring, Claim claim) {
    ByteBuffer view = ring.view();
    int at = ring.offset(ring.head());
    int wanted = claim.writer() * 1_000_000 + claim.number();
    for (int i = 0; i < claim.bytes(); i += Integer.BYTES) {
      if (view.getInt(at + i) != wanted) {
        throw new AssertionError("foreign bytes in the claim " + claim);
      }
    }
  }
}
