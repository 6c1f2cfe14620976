package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueBounds;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Trimming a queue: what lies below the new minimum is unreadable, the rest stays where it was. */
public abstract class TrimContract extends StorageContract {

  @Test
  void messagesBelowTheMinimumAreUnreadable() {
    List<Outcome> outcomes = fill(10);
    assertThat(apply(new Mutation.Trim(ORDERS, 4)).result()).isEqualTo(Outcome.Result.APPLIED);
    assertThat(bounds(ORDERS)).isEqualTo(new QueueBounds(4, 10));
    assertThat(texts(ORDERS)).containsExactly("m4", "m5", "m6", "m7", "m8", "m9");
    assertThat(storage().log().at(outcomes.get(3).position())).isEmpty();
    assertThat(storage().log().at(outcomes.get(4).position())).isPresent();
  }

  @Test
  void theMinimumNeverGoesDown() {
    fill(10);
    apply(new Mutation.Trim(ORDERS, 6));
    apply(new Mutation.Trim(ORDERS, 2));
    apply(new Mutation.Trim(ORDERS, -1));
    assertThat(bounds(ORDERS)).isEqualTo(new QueueBounds(6, 10));
  }

  @Test
  void aTrimBeyondTheEndEmptiesTheQueueAndOffsetsGoOn() {
    fill(3);
    apply(new Mutation.Trim(ORDERS, 1_000));
    assertThat(bounds(ORDERS)).isEqualTo(new QueueBounds(3, 3));
    assertThat(append(ORDERS, "next").queueOffset()).isEqualTo(3);
    assertThat(texts(ORDERS)).containsExactly("next");
  }

  @Test
  void aTrimOfAnUnknownQueueDoesNothing() {
    assertThat(apply(new Mutation.Trim(ORDERS, 5)).result()).isEqualTo(Outcome.Result.APPLIED);
    assertThat(bounds(ORDERS)).isEqualTo(QueueBounds.EMPTY);
    assertThat(append(ORDERS, "first").queueOffset()).isZero();
  }

  @Test
  void otherQueuesAndHoldsAreNotTouched() {
    fill(5);
    append(ORDERS_1, "neighbour");
    hold(id(1), ORDERS, "held");
    apply(new Mutation.Trim(ORDERS, 5));
    assertThat(texts(ORDERS_1)).containsExactly("neighbour");
    assertThat(apply(new Mutation.Release(id(1))).queueOffset()).isEqualTo(5);
    assertThat(texts(ORDERS)).containsExactly("held");
  }

  @Test
  void theDecisionAboutATrimmedMessageIsRemembered() {
    hold(id(1), ORDERS, "released");
    Outcome release = apply(new Mutation.Release(id(1)));
    apply(new Mutation.Trim(ORDERS, 1));
    assertThat(apply(new Mutation.Discard(id(1))))
        .isEqualTo(new Outcome(Outcome.Result.ALREADY_RELEASED, 0, release.position()));
  }

  private List<Outcome> fill(int count) {
    List<Outcome> outcomes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      outcomes.add(append(ORDERS, "m" + i));
    }
    return outcomes;
  }
}
