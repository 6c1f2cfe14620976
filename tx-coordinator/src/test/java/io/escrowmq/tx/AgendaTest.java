package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AgendaTest {

  private final Agenda agenda = new Agenda(0);

  @Test
  void givesEachGroupItsOwnInOrderOfTime() {
    agenda.add("a", handle(1), 20);
    agenda.add("a", handle(2), 10);
    agenda.add("b", handle(3), 5);

    assertThat(agenda.groups()).containsExactlyInAnyOrder("a", "b");
    assertThat(agenda.isDue("a", 9)).isFalse();
    assertThat(agenda.take("a", 9)).isEmpty();
    assertThat(agenda.isDue("a", 10)).isTrue();
    assertThat(agenda.take("a", 30)).contains(handle(2));
    assertThat(agenda.take("a", 30)).contains(handle(1));
    assertThat(agenda.take("a", 30)).isEmpty();
    assertThat(agenda.groups()).containsExactly("b");
  }

  @Test
  void whatIsAddedTwiceIsThereOnce() {
    agenda.add("a", handle(1), 10);
    agenda.add("a", handle(1), 10);
    assertThat(agenda.size()).isEqualTo(1);

    agenda.decided("a", handle(1), 10);
    agenda.decided("a", handle(1), 10);

    assertThat(agenda.size()).isZero();
    assertThat(agenda.groups()).isEmpty();
  }

  @Test
  void transactionsAreNotedOnlyBesideMany() {
    for (int i = 0; i < Agenda.FEW; i++) {
      agenda.opened("a", handle(i), i);
    }
    assertThat(agenda.size()).isZero();
    agenda.opened("a", handle(Agenda.FEW), 7);
    assertThat(agenda.take("a", 7)).contains(handle(Agenda.FEW));
    for (int i = 0; i < Agenda.FEW; i++) {
      agenda.decided("a", handle(i), i);
    }
    agenda.opened("a", handle(Agenda.FEW + 1), 7);
    assertThat(agenda.size()).isZero();

    Agenda later = new Agenda(Agenda.FEW);
    later.opened("a", handle(1), 7);
    assertThat(later.size()).as("those found at a start count").isOne();
  }

  @Test
  void aGroupWithManyTakesNothingFromOneWithFew() {
    agenda.add("before", handle(1), Long.MAX_VALUE);
    for (int i = 0; i < 3 * Agenda.MOST; i++) {
      agenda.add("many", handle(i), i);
    }
    agenda.add("after", handle(2), Long.MAX_VALUE);

    assertThat(agenda.size()).isLessThanOrEqualTo(Agenda.MOST);
    assertThat(agenda.take("before", Long.MAX_VALUE)).contains(handle(1));
    assertThat(agenda.take("after", Long.MAX_VALUE)).contains(handle(2));
    assertThat(agenda.take("many", 0)).as("the earliest stay").contains(handle(0));
  }

  @Test
  void memoryIsBoundedHoweverManyGroupsThereAre() {
    for (int i = 0; i < 2 * Agenda.MOST; i++) {
      agenda.add("g" + i / 20, handle(i), i);
    }
    assertThat(agenda.size()).isLessThanOrEqualTo(Agenda.MOST);
    assertThat(agenda.groups()).hasSizeLessThanOrEqualTo(Agenda.MOST_GROUPS).contains("g0");
  }

  private static Handle handle(long number) {
    return new Handle(number, 0);
  }
}
