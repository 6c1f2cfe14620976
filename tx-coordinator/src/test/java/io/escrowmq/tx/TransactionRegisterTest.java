package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.QueueId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TransactionRegisterTest {

  private static final QueueId OTHER_QUEUE = new QueueId("invoices", 3);

  private final Scene scene = new Scene();
  private final TransactionRegister register = scene.coordinator().register();

  @AfterEach
  void close() {
    scene.close();
  }

  @Test
  void listsWhatIsOpenByGroupTopicKeyStateAndAge() {
    scene.prepared("old");
    scene.time.advance(Duration.ofMinutes(10));
    scene.prepared("young");
    scene.prepare(scene.half("shop", "s1", OTHER_QUEUE, "foreign", 0));

    assertThat(keys(query())).containsExactlyInAnyOrder("old", "young", "foreign");
    assertThat(keys(query().group("shop"))).containsExactly("foreign");
    assertThat(keys(query().topic("invoices"))).containsExactly("foreign");
    assertThat(keys(query().topic(Scene.QUEUE.topic()))).containsExactlyInAnyOrder("old", "young");
    assertThat(keys(query().key("young"))).containsExactly("young");
    assertThat(keys(query().age(Duration.ofMinutes(5)))).containsExactly("old");
    assertThat(keys(query().states(RegisterState.PARKED))).isEmpty();
    assertThat(keys(query().group("nobody"))).isEmpty();
  }

  /** With more open than a page looks at, a walk over all of them would need another page. */
  @Test
  void aKeyIsFoundWithoutLookingAtTheOthers() {
    for (int i = 0; i < TransactionRegister.MAX_LOOKED_AT; i++) {
      scene.prepared("other-" + i);
    }
    scene.prepared("wanted");
    scene.prepare(scene.half("shop", "s1", OTHER_QUEUE, "wanted", 0));

    TransactionRegister.Page page = register.list(query().key("wanted").build(Optional.empty()));
    assertThat(page.entries())
        .extracting(RegisterEntry::producerGroup)
        .containsExactlyInAnyOrder(Scene.GROUP, "shop");
    assertThat(page.cursor()).isEmpty();
    assertThat(register.list(query().group("shop").build(Optional.empty())).cursor()).isPresent();
  }

  @Test
  void everyKindOfKeyIsFound() {
    String longKey = "k".repeat(300);
    scene.prepared(longKey);
    scene.prepare(scene.half("shop", "s1", OTHER_QUEUE, "wanted", 0));
    scene.prepared("wanted");
    Handle joint = new JointScene(scene).opened("joint");
    scene.pass(Duration.ofDays(4));
    Handle held = scene.prepared("held");

    assertThat(keys(query().key("wanted").limit(1))).hasSize(2);
    assertThat(keys(query().key("wanted").group("shop"))).hasSize(1);
    assertThat(keys(query().key(longKey))).hasSize(1);
    assertThat(keys(query().key(HoldAttributes.shortened(longKey))))
        .as("as the register shows it")
        .hasSize(1);
    assertThat(all(query().key("joint"))).extracting(RegisterEntry::handle).containsExactly(joint);
    assertThat(all(query().key("held"))).extracting(RegisterEntry::handle).containsExactly(held);
    assertThat(keys(query().key("nobody"))).isEmpty();
  }

  @Test
  void listsWhatIsDecidedNewestFirst() {
    scene.end(scene.prepared("a"), Decision.COMMIT);
    scene.end(scene.prepared("b"), Decision.ROLLBACK);
    scene.end(scene.prepared("c"), Decision.COMMIT);

    assertThat(keys(query())).isEmpty();
    assertThat(keys(query().states(RegisterState.COMMITTED, RegisterState.ROLLED_BACK)))
        .containsExactly("c", "b", "a");
    assertThat(keys(query().states(RegisterState.ROLLED_BACK))).containsExactly("b");
    RegisterEntry c = all(query().key("c")).getFirst();
    assertThat(c.state()).isEqualTo(RegisterState.COMMITTED);
    assertThat(c.queue()).isEqualTo(Scene.QUEUE.toString());
    assertThat(c.decided().orElseThrow())
        .isEqualTo(
            new RegisterEntry.Decided(
                Decision.COMMIT, "PRODUCER", "sender", "", scene.time.nowMs(), 1));
  }

  @Test
  void aParkedOneSaysWhyAndComesFirst() {
    Handle parked = scene.prepared("parked");
    scene.pass(Duration.ofDays(4));
    scene.prepared("held");

    List<RegisterEntry> all = all(query());
    assertThat(all).extracting(RegisterEntry::uniqueKey).containsExactly("parked", "held");
    assertThat(all.getFirst().open().orElseThrow().parked()).contains(ParkReason.TOO_OLD);
    assertThat(all.getFirst().open().orElseThrow().nextCheckAtMs()).isEqualTo(-1);
    assertThat(all.getLast().open().orElseThrow().nextCheckAtMs())
        .isEqualTo(scene.time.nowMs() + 6_000);
    assertThat(keys(query().states(RegisterState.HELD))).containsExactly("held");
    assertThat(register.find(parked).orElseThrow().events())
        .extracting(AuditRecord::event)
        .containsExactly("PARKED");
  }

  @Test
  void pagesGoOnWhereTheyEndedOverAllSources() {
    for (int i = 0; i < 30; i++) {
      Handle handle = scene.prepared("k" + i);
      if (i % 3 == 0) {
        scene.end(handle, i % 2 == 0 ? Decision.COMMIT : Decision.ROLLBACK);
      }
    }
    Query everything = query().states(RegisterState.values());
    for (int limit : new int[] {1, 3, 7, 100}) {
      assertThat(keys(everything.limit(limit))).hasSize(30).doesNotHaveDuplicates();
    }
    assertThat(register.list(everything.limit(7).build(Optional.empty())).entries()).hasSize(7);
    assertThatThrownBy(() -> register.list(everything.build(Optional.of("nonsense"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTransactionIsShownWithItsHistory() {
    Handle handle = scene.prepared("k");
    assertThat(register.find(handle).orElseThrow().entry().state()).isEqualTo(RegisterState.HELD);
    scene.end(handle, Decision.ROLLBACK);
    scene.time.advance(Duration.ofSeconds(1));
    scene.end(handle, Decision.COMMIT);

    TransactionRegister.Details shown = register.find(handle).orElseThrow();
    assertThat(shown.entry().state()).isEqualTo(RegisterState.ROLLED_BACK);
    assertThat(shown.events())
        .extracting(AuditRecord::event)
        .containsExactly("CONFLICT", "DECIDED");
    assertThat(shown.events().getFirst().text("requested")).isEqualTo("COMMIT");
    assertThat(register.find(new Handle(1, 2))).isEmpty();
  }

  @Test
  void aCommittedDelayedMessageIsCommittedAndNotOpen() {
    long later = scene.time.nowMs() + 60_000;
    Handle handle =
        ((HalfOutcome.Prepared)
                scene.prepare(scene.half(Scene.GROUP, "sender", Scene.QUEUE, "late", later)))
            .handle();
    scene.end(handle, Decision.COMMIT);

    assertThat(keys(query())).isEmpty();
    RegisterEntry entry = register.find(handle).orElseThrow().entry();
    assertThat(entry.state()).isEqualTo(RegisterState.COMMITTED);
    assertThat(entry.deliverAtMs()).isEqualTo(later);
    assertThat(entry.decided().orElseThrow().queueOffset()).isEqualTo(-1);
  }

  @Test
  void theExportHasEveryDecisionOfATimeOnceInOrder() {
    decideMany("before", 5);
    scene.time.advance(Duration.ofHours(1));
    long fromMs = scene.time.nowMs();
    decideMany("in", 20);
    scene.time.advance(Duration.ofHours(1));
    long toMs = scene.time.nowMs();
    decideMany("after", 5);

    List<String> keys = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      TransactionRegister.Events page =
          register.events(
              new TransactionRegister.EventQuery(
                  Set.of("DECIDED"), fromMs, toMs, false, 7, cursor));
      assertThat(page.complete()).isTrue();
      page.events().forEach(record -> keys.add(record.uniqueKey()));
      cursor = page.cursor();
    } while (cursor.isPresent());

    assertThat(keys).hasSize(20).allMatch(key -> key.startsWith("in-")).isSorted();
  }

  @Test
  void conflictsAreListedNewestFirst() {
    for (int i = 0; i < 5; i++) {
      Handle handle = scene.prepared("k" + i);
      scene.end(handle, Decision.COMMIT);
      scene.end(handle, Decision.ROLLBACK);
    }
    TransactionRegister.Events conflicts =
        register.events(
            new TransactionRegister.EventQuery(
                Set.of("CONFLICT"), 0, Long.MAX_VALUE, true, 3, Optional.empty()));
    assertThat(conflicts.events()).hasSize(3).allMatch(it -> it.event().equals("CONFLICT"));
    assertThat(conflicts.events().getFirst().offset())
        .isGreaterThan(conflicts.events().getLast().offset());
    TransactionRegister.Events rest =
        register.events(
            new TransactionRegister.EventQuery(
                Set.of("CONFLICT"), 0, Long.MAX_VALUE, true, 3, conflicts.cursor()));
    assertThat(rest.events()).hasSize(2);
    assertThat(rest.cursor()).isEmpty();
  }

  private void decideMany(String prefix, int count) {
    for (int i = 0; i < count; i++) {
      Handle handle = scene.prepared(prefix + "-" + (10 + i));
      scene.end(handle, i % 2 == 0 ? Decision.COMMIT : Decision.ROLLBACK);
      scene.end(handle, Decision.COMMIT);
    }
  }

  private List<String> keys(Query query) {
    return all(query).stream().map(RegisterEntry::uniqueKey).toList();
  }

  private List<RegisterEntry> all(Query query) {
    List<RegisterEntry> all = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      TransactionRegister.Page page = register.list(query.build(cursor));
      assertThat(page.entries()).hasSizeLessThanOrEqualTo(query.limit);
      all.addAll(page.entries());
      cursor = page.cursor();
    } while (cursor.isPresent());
    assertThat(all.stream().map(RegisterEntry::handle).collect(Collectors.toSet()))
        .hasSameSizeAs(all);
    return all;
  }

  private static Query query() {
    return new Query(
        Set.of(), Optional.empty(), Optional.empty(), Optional.empty(), Duration.ZERO, 100);
  }

  private record Query(
      Set<RegisterState> states,
      Optional<String> group,
      Optional<String> topic,
      Optional<String> key,
      Duration age,
      int limit) {

    Query states(RegisterState... wanted) {
      return new Query(Set.of(wanted), group, topic, key, age, limit);
    }

    Query group(String wanted) {
      return new Query(states, Optional.of(wanted), topic, key, age, limit);
    }

    Query topic(String wanted) {
      return new Query(states, group, Optional.of(wanted), key, age, limit);
    }

    Query key(String wanted) {
      return new Query(states, group, topic, Optional.of(wanted), age, limit);
    }

    Query age(Duration atLeast) {
      return new Query(states, group, topic, key, atLeast, limit);
    }

    Query limit(int most) {
      return new Query(states, group, topic, key, age, most);
    }

    RegisterQuery build(Optional<String> cursor) {
      return new RegisterQuery(states, group, topic, key, age.toMillis(), limit, cursor);
    }
  }
}
