package io.escrowmq.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.HoldKind;
import org.junit.jupiter.api.Test;

/** A floor rises over nothing, and never over a hold. */
class DueFloorsTest {

  private final DueFloors floors = new DueFloors();
  private final DueFloors.Floor floor = floors.of(HoldKind.DELAY);

  @Test
  void aLookRaisesToWhatItFound() {
    assertThat(floor.begin().fromMs()).isEqualTo(Long.MIN_VALUE);
    floor.end(new DueFloors.Look(Long.MIN_VALUE, true), 500);
    assertThat(from()).isEqualTo(500);
    assertThat(floors.of(HoldKind.TRANSACTION).begin().fromMs()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aHoldThatComesLowersIt() {
    raise(500);
    floors.lower(HoldKind.DELAY, 300);
    assertThat(from()).isEqualTo(300);
    raise(600);
    assertThat(from()).isEqualTo(600);
    floors.reset();
    assertThat(from()).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aHoldThatComesDuringALookIsNotSteppedOver() {
    DueFloors.Look look = floor.begin();
    floors.lower(HoldKind.DELAY, 300);
    floor.end(look, 500);
    assertThat(from()).isEqualTo(300);
  }

  @Test
  void ofTwoLooksAtATimeTheFirstCounts() {
    DueFloors.Look first = floor.begin();
    floors.lower(HoldKind.DELAY, 300);
    DueFloors.Look second = floor.begin();
    floor.end(second, 900);
    assertThat(second.raises()).isFalse();
    floor.end(first, 500);
    assertThat(from()).isEqualTo(300);
  }

  @Test
  void aLookThatFailedOrFoundLessRaisesNothing() {
    raise(500);
    DueFloors.Look look = floor.begin();
    floor.end(look, Long.MIN_VALUE);
    raise(400);
    assertThat(from()).isEqualTo(500);
  }

  private void raise(long toMs) {
    floor.end(floor.begin(), toMs);
  }

  private long from() {
    DueFloors.Look look = floor.begin();
    floor.end(look, Long.MIN_VALUE);
    return look.fromMs();
  }
}
