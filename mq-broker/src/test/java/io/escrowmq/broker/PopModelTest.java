package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.broker.PopFixture.Got;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.testkit.Seeds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random sends, pops, acknowledgements (late and repeated ones too), changes of the invisible time,
 * waits and restarts, against the plainest account of what each group was promised.
 */
final class PopModelTest {

  private static final int ROUNDS = 40;
  private static final int STEPS = 250;
  private static final int MAX_RETRIES = 3;
  private static final long INVISIBLE_MS = 1_000;

  /** What was promised about one message to one group. */
  private static final class Promise {
    private boolean done;
    private boolean dead;
    private int attempt = -1;
    private long visibleAtMs = Long.MIN_VALUE;
    private Delivery newest;
  }

  /** One group and the reference for it. */
  private static final class Member {
    final BrokerFixture fixture;
    final PopFixture door;
    final String group;
    final boolean ordered;
    final Map<Long, Promise> promises = new TreeMap<>();
    final List<Got> given = new ArrayList<>();
    int sent;
    int attempts;

    Member(BrokerFixture fixture, String group, boolean ordered) {
      this.fixture = fixture;
      this.group = group;
      this.ordered = ordered;
      this.door = new PopFixture(fixture, group, "t");
      fixture.broker.operations().groups().createOrUpdate(GroupConfig.of(group, MAX_RETRIES));
    }

    long now() {
      return fixture.time.nowMs();
    }

    Promise promise(long offset) {
      return promises.computeIfAbsent(offset, _ -> new Promise());
    }

    void pop(int max) {
      boolean blocked = ordered && promises.values().stream().anyMatch(this::isOut);
      Set<Long> available = available();
      if (ordered) {
        door.ordered("attempt" + attempts++);
      }
      List<Got> got = door.pop(max, INVISIBLE_MS);
      buryTheDead();
      if (blocked) {
        assertThat(got).as("while a batch is out").isEmpty();
        return;
      }
      assertThat(got).hasSizeLessThanOrEqualTo(max);
      // What is dead now may have used up the room for others: then the next pop gives them.
      assertThat(got.isEmpty()).as("nothing, of %s", available).isEqualTo(available.isEmpty());
      if (ordered) {
        checkOrder(got, available);
      }
      got.forEach(one -> take(one, available));
    }

    private Set<Long> available() {
      Set<Long> available = new HashSet<>();
      for (long offset = 0; offset < sent; offset++) {
        Promise promise = promise(offset);
        boolean exhausted = promise.attempt >= MAX_RETRIES;
        if (!promise.done && !promise.dead && !isOut(promise) && !exhausted) {
          available.add(offset);
        }
      }
      return available;
    }

    private static void checkOrder(List<Got> got, Set<Long> available) {
      long before = -1;
      for (Got one : got) {
        long offset = one.delivery().offset();
        assertThat(offset).isGreaterThan(before);
        assertThat(available.stream().filter(it -> it < offset && isOpen(it, got)))
            .as("overtaken by %d", offset)
            .isEmpty();
        before = offset;
      }
    }

    private void take(Got one, Set<Long> available) {
      long offset = one.delivery().offset();
      assertThat(available).contains(offset);
      Promise promise = promise(offset);
      promise.attempt++;
      assertThat(one.reconsumeTimes()).isEqualTo(promise.attempt);
      promise.visibleAtMs = now() + INVISIBLE_MS;
      promise.newest = one.delivery();
      given.add(one);
    }

    private static boolean isOpen(long offset, List<Got> got) {
      return got.stream().noneMatch(it -> it.delivery().offset() == offset);
    }

    boolean isOut(Promise promise) {
      return !promise.done && !promise.dead && promise.attempt >= 0 && promise.visibleAtMs > now();
    }

    void ack(Got got) {
      Promise promise = promise(got.delivery().offset());
      Delivery.Outcome outcome = door.ack(got);
      buryTheDead();
      if (promise.done || promise.dead) {
        assertThat(outcome).isEqualTo(Delivery.Outcome.DONE);
      } else if (got.delivery().equals(promise.newest)) {
        assertThat(outcome).isEqualTo(Delivery.Outcome.DONE);
        promise.done = true;
      } else {
        assertThat(outcome).isEqualTo(Delivery.Outcome.STALE);
      }
    }

    void change(Got got, long invisibleMs) {
      Promise promise = promise(got.delivery().offset());
      var changed = door.change(got, invisibleMs);
      buryTheDead();
      boolean valid = !promise.done && !promise.dead && got.delivery().equals(promise.newest);
      assertThat(changed.outcome() == Delivery.Outcome.DONE).isEqualTo(valid);
      if (valid) {
        promise.visibleAtMs = now() + invisibleMs;
        promise.newest =
            new Delivery(
                got.delivery().queue(),
                got.delivery().offset(),
                changed.lease().popTimeMs(),
                changed.lease().generation());
        given.add(new Got(promise.newest, got.body(), got.reconsumeTimes()));
      }
    }

    /**
     * Every dead letter is of a message that was given out for the last time, and is there once.
     */
    void buryTheDead() {
      Set<String> bodies = new HashSet<>();
      for (Message letter : door.deadLetters()) {
        String body = new String(bytes(letter), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(bodies.add(body)).as("twice dead: %s", body).isTrue();
        Promise promise = promise(Long.parseLong(body));
        if (!promise.dead) {
          assertThat(promise.done).isFalse();
          assertThat(promise.attempt).isEqualTo(MAX_RETRIES);
          assertThat(promise.visibleAtMs).isLessThanOrEqualTo(now());
          promise.dead = true;
        }
      }
    }

    private static byte[] bytes(Message message) {
      byte[] bytes = new byte[message.bodyLength()];
      message.body().get(bytes);
      return bytes;
    }

    void checkOffset() {
      long expected = 0;
      while (expected < sent && (promise(expected).done || promise(expected).dead)) {
        expected++;
      }
      long committed = door.committed();
      assertThat(committed < 0 ? 0 : committed).isEqualTo(expected);
    }

    boolean finished() {
      return promises.size() == sent
          && promises.values().stream().allMatch(it -> it.done || it.dead);
    }
  }

  @Test
  void everyMessageIsDoneOrDeadAndEveryPromiseIsKept() {
    long seed = Seeds.seed("PopModelTest");
    for (int round = 0; round < ROUNDS; round++) {
      try (BrokerFixture fixture = BrokerFixture.withDefaults()) {
        run(fixture, new Random(seed + round));
      }
    }
  }

  private static void run(BrokerFixture fixture, Random random) {
    fixture.topic("t", 1);
    List<Member> members =
        List.of(new Member(fixture, "any", false), new Member(fixture, "ordered", true));
    for (int step = 0; step < STEPS; step++) {
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> send(fixture, members, 1 + random.nextInt(5));
        case 3 -> fixture.pass(Duration.ofMillis(random.nextInt(2_500)));
        case 4 -> {
          if (random.nextInt(3) == 0) {
            fixture.restart();
          }
        }
        default -> {
          Member member = members.get(random.nextInt(members.size()));
          act(member, random);
          member.checkOffset();
        }
      }
      members.forEach(Member::buryTheDead);
    }
    for (Member member : members) {
      for (int i = 0; i < 2_000 && !member.finished(); i++) {
        fixture.pass(Duration.ofMillis(INVISIBLE_MS));
        member.pop(10);
        List.copyOf(member.given).forEach(member::ack);
      }
      assertThat(member.finished()).as("group %s is done with everything", member.group).isTrue();
      member.checkOffset();
    }
    assertThat(fixture.broker.statistics()).containsEntry("pop-in-flight-messages", 0L);
  }

  private static void send(BrokerFixture fixture, List<Member> members, int count) {
    for (int i = 0; i < count; i++) {
      fixture.send("t", Integer.toString(members.getFirst().sent));
      members.forEach(member -> member.sent++);
    }
  }

  private static void act(Member member, Random random) {
    int choice = random.nextInt(10);
    if (choice < 4 || member.given.isEmpty()) {
      member.pop(1 + random.nextInt(8));
      return;
    }
    // Mostly a young one; old ones are stale or done.
    int back = Math.min(member.given.size(), random.nextInt(10) == 0 ? 1_000 : 8);
    Got got = member.given.get(member.given.size() - 1 - random.nextInt(back));
    if (choice < 8) {
      member.ack(got);
    } else {
      member.change(got, random.nextInt(3) * 400L);
    }
  }
}
