package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.HoldStatus;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Drives the coordinator and a plain map with the same random events and compares. The map says
 * what is right: one decision per transaction, visible if and only if committed.
 */
final class Simulation implements AutoCloseable {

  static final CheckPolicy POLICY =
      new CheckPolicy(
          CheckRules.regular(Duration.ofSeconds(6), Duration.ofSeconds(30), 4, Duration.ofDays(3)),
          500,
          100,
          Duration.ofSeconds(10));

  private static final List<String> GROUPS = List.of("bank", "shop", "post");
  private static final List<String> CLIENTS = List.of("one", "two", "three");
  private static final List<QueueId> QUEUES =
      List.of(new QueueId("transfers", 0), new QueueId("transfers", 1), new QueueId("parcels", 0));
  private static final long HORIZON_MS = Duration.ofDays(5).toMillis();

  private final Random random;
  private final Scene scene;
  private final long endMs;
  private final List<Runnable> dice = new ArrayList<>();
  private final List<ModelTransaction> all = new ArrayList<>();
  private final Map<Handle, ModelTransaction> byHandle = new HashMap<>();
  private final Map<String, ModelTransaction> latest = new HashMap<>();
  private final Set<String> members = new HashSet<>();
  private long latestMs;
  private int conflicts;
  private int keys;
  private int rearms;

  /** What the map says about one transaction. */
  private static final class ModelTransaction {
    private final Handle handle;
    private final String group;
    private final QueueId queue;
    private final String key;
    private final String body;
    private final long deliverAtMs;
    private Optional<Decision> decision = Optional.empty();
    private Optional<Decider> decider = Optional.empty();
    private boolean released;
    private long askedBeforeRearm;

    private ModelTransaction(Handle handle, HalfMessage half, String body) {
      this.handle = handle;
      this.group = half.producerGroup();
      this.queue = half.queue();
      this.key = half.uniqueKey().orElseThrow();
      this.body = body;
      this.deliverAtMs = half.deliverAtMs();
    }
  }

  Simulation(long seed, Sabotage sabotage) {
    this(seed, sabotage, StoreUnderTest.CHOSEN);
  }

  Simulation(long seed, Sabotage sabotage, String engine) {
    random = new Random(seed);
    scene = new Scene(POLICY, sabotage, engine);
    endMs = scene.time.nowMs() + HORIZON_MS;
    add(20, this::newHalf);
    add(10, this::repeatHalf);
    add(20, this::end);
    add(5, this::race);
    add(10, this::answerQuestion);
    add(7, this::memberComesOrGoes);
    add(16, this::timePasses);
    add(3, this::clockSteps);
    add(2, scene::restart);
    add(3, this::releaseDelays);
    add(4, this::rearm);
  }

  /** Runs that many random events, then lets truthful producers settle everything. */
  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      step();
      if (i % 50 == 49) {
        compare();
      }
    }
    compare();
    settle();
    compare();
  }

  @Override
  public void close() {
    scene.close();
  }

  private void step() {
    latestMs = Math.max(latestMs, scene.time.nowMs());
    pick(dice).run();
  }

  private void add(int weight, Runnable event) {
    dice.addAll(Collections.nCopies(weight, event));
  }

  private void newHalf() {
    String key = "key-" + keys++;
    long deliverAtMs =
        random.nextInt(4) == 0
            ? scene.time.nowMs() + random.nextInt(random.nextBoolean() ? 20_000 : 3_600_000)
            : 0;
    String body = "body " + random.nextInt(1000);
    send(pick(GROUPS), pick(CLIENTS), pick(QUEUES), key, deliverAtMs, body);
  }

  private void repeatHalf() {
    if (all.isEmpty()) {
      return;
    }
    ModelTransaction old = pick(all);
    // A client that repeats a send may choose another queue of the topic, and another connection.
    QueueId queue = old.queue.topic().equals("transfers") ? pick(QUEUES.subList(0, 2)) : old.queue;
    send(old.group, pick(CLIENTS), queue, old.key, old.deliverAtMs, old.body);
  }

  private void send(
      String group, String client, QueueId queue, String key, long deliverAtMs, String body) {
    HalfMessage half = scene.half(group, client, queue, key, deliverAtMs, body);
    ModelTransaction before = latest.get(key);
    HalfOutcome outcome = scene.prepare(half);
    if (before == null || before.decision.equals(Optional.of(Decision.ROLLBACK))) {
      assertThat(outcome).as("half of " + key).isInstanceOf(HalfOutcome.Prepared.class);
      Handle handle = ((HalfOutcome.Prepared) outcome).handle();
      assertThat(byHandle).as("a new incarnation has a new handle").doesNotContainKey(handle);
      ModelTransaction fresh = new ModelTransaction(handle, half, body);
      all.add(fresh);
      byHandle.put(handle, fresh);
      latest.put(key, fresh);
    } else if (before.decision.isEmpty()) {
      assertThat(outcome).isEqualTo(new HalfOutcome.AlreadyPrepared(before.handle, before.queue));
    } else {
      assertThat(outcome).isEqualTo(new HalfOutcome.AlreadyCommitted(before.handle));
    }
  }

  private void end() {
    if (random.nextInt(20) == 0) {
      Handle nobodys = new Handle(random.nextLong() >>> 1, random.nextLong() >>> 1);
      assertThat(scene.end(nobodys, Decision.COMMIT)).isEqualTo(new EndOutcome.NotFound());
      return;
    }
    if (all.isEmpty()) {
      return;
    }
    ModelTransaction target = recentOrAny();
    String group = random.nextInt(10) == 0 ? pick(GROUPS) : target.group;
    Decider decider =
        switch (random.nextInt(8)) {
          case 0 -> Decider.operator("alice", "the ledger says so");
          case 1, 2 -> Decider.checkAnswer(pick(CLIENTS));
          default -> Decider.producer(pick(CLIENTS));
        };
    decide(target, group, random.nextBoolean() ? Decision.COMMIT : Decision.ROLLBACK, decider);
  }

  private void answerQuestion() {
    List<FakeProducers.Delivered> questions = scene.producers.delivered();
    if (questions.isEmpty()) {
      return;
    }
    FakeProducers.Delivered asked =
        questions.get(
            Math.max(0, questions.size() - 1 - random.nextInt(Math.min(20, questions.size()))));
    ModelTransaction target = byHandle.get(asked.question().handle());
    if (random.nextInt(3) == 0) {
      assertThat(scene.answerUnknown(target.handle, asked.clientId()))
          .isEqualTo(new EndOutcome.Unknown());
    } else {
      decide(target, target.group, truth(target), Decider.checkAnswer(asked.clientId()));
    }
  }

  private void decide(ModelTransaction target, String group, Decision wanted, Decider decider) {
    EndOutcome outcome = scene.end(target.handle, group, wanted, decider);
    if (target.decision.isPresent()) {
      if (target.decision.get() == wanted) {
        assertThat(outcome).isInstanceOf(EndOutcome.Repeated.class);
        assertThat(((EndOutcome.Repeated) outcome).decision()).isEqualTo(wanted);
      } else {
        conflicts++;
        assertThat(outcome).isEqualTo(new EndOutcome.Conflict(target.decision.get()));
      }
      return;
    }
    if (!group.equals(target.group) && decider.kind() != Decider.Kind.OPERATOR) {
      assertThat(outcome).isEqualTo(new EndOutcome.GroupMismatch(target.group));
      return;
    }
    assertThat(outcome).as("end of " + target.key).isInstanceOf(EndOutcome.Decided.class);
    EndOutcome.Decided decided = (EndOutcome.Decided) outcome;
    boolean later = wanted == Decision.COMMIT && target.deliverAtMs > scene.time.nowMs();
    assertThat(decided.decision()).isEqualTo(wanted);
    assertThat(decided.visibleAtMs()).isEqualTo(later ? target.deliverAtMs : 0);
    assertThat(decided.queueOffset() >= 0).isEqualTo(wanted == Decision.COMMIT && !later);
    target.decision = Optional.of(wanted);
    target.decider = Optional.of(decider);
    target.released = wanted == Decision.COMMIT && !later;
  }

  /**
   * Several deciders and the check scheduler at the same time; their writes land in random order.
   */
  private void race() {
    if (all.isEmpty() || random.nextBoolean()) {
      newHalf();
    }
    ModelTransaction target = random.nextBoolean() ? all.getLast() : recentOrAny();
    scene.gate().shut();
    List<Decision> wanted = new ArrayList<>();
    List<CompletableFuture<EndOutcome>> replies = new ArrayList<>();
    for (int i = 0; i < 2 + random.nextInt(3); i++) {
      wanted.add(random.nextBoolean() ? Decision.COMMIT : Decision.ROLLBACK);
      replies.add(
          scene
              .coordinator()
              .end(
                  new EndRequest(
                      target.handle,
                      target.group,
                      Optional.of(wanted.getLast()),
                      Decider.producer("racer-" + i)))
              .toCompletableFuture());
    }
    BooleanSupplier allArrived =
        () ->
            replies.stream().filter(CompletableFuture::isDone).count() + scene.gate().waiting()
                >= replies.size();
    if (!allArrived.getAsBoolean()) {
      Awaitility.await().pollInterval(Duration.ofMillis(1)).until(allArrived::getAsBoolean);
    }
    CompletionStage<Void> checks = scene.coordinator().runDue(scene.time.nowMs());
    scene.gate().open(random);
    Scene.await(checks);
    List<EndOutcome> outcomes = replies.stream().map(Scene::await).toList();
    judgeRace(target, wanted, outcomes);
  }

  private void judgeRace(
      ModelTransaction target, List<Decision> wanted, List<EndOutcome> outcomes) {
    List<EndOutcome.Decided> winners =
        outcomes.stream()
            .filter(EndOutcome.Decided.class::isInstance)
            .map(EndOutcome.Decided.class::cast)
            .toList();
    assertThat(winners).as("I3: winners of a race").hasSize(target.decision.isEmpty() ? 1 : 0);
    if (target.decision.isEmpty()) {
      EndOutcome.Decided won = winners.getFirst();
      target.decision = Optional.of(won.decision());
      target.decider = Optional.of(Decider.producer("racer"));
      target.released = won.queueOffset() >= 0;
    }
    for (int i = 0; i < wanted.size(); i++) {
      switch (outcomes.get(i)) {
        case EndOutcome.Decided it -> assertThat(it.decision()).isEqualTo(wanted.get(i));
        case EndOutcome.Repeated it -> {
          assertThat(it.decision()).isEqualTo(wanted.get(i));
          assertThat(target.decision).contains(it.decision());
        }
        case EndOutcome.Conflict it -> {
          conflicts++;
          assertThat(it.recorded()).isNotEqualTo(wanted.get(i));
          assertThat(target.decision).as("I3").contains(it.recorded());
        }
        case EndOutcome.NotFound it -> throw new AssertionError("a racer was told " + it);
        case EndOutcome.GroupMismatch it -> throw new AssertionError("a racer was told " + it);
        case EndOutcome.Unknown it -> throw new AssertionError("a racer was told " + it);
      }
    }
  }

  private void memberComesOrGoes() {
    String group = pick(GROUPS);
    String client = pick(CLIENTS);
    if (members.remove(group + "/" + client)) {
      scene.producers.leave(group, client);
    } else {
      members.add(group + "/" + client);
      scene.producers.join(group, client);
      scene.coordinator().memberArrived(group);
    }
  }

  private void timePasses() {
    int size = random.nextInt(10);
    long byMs = size < 6 ? random.nextInt(10_000) : size < 9 ? random.nextInt(120_000) : 3_600_000;
    if (scene.time.nowMs() + byMs < endMs) {
      scene.time.advanceMs(byMs);
    }
    scene.runDue();
  }

  private void clockSteps() {
    long byMs = random.nextInt(7_200_000) - 3_600_000L;
    if (scene.time.nowMs() + byMs < endMs) {
      scene.time.stepWallTo(scene.time.nowMs() + byMs);
    }
  }

  private void releaseDelays() {
    for (HoldEntry entry : scene.releaseDueDelays()) {
      byHandle.get(Handle.of(entry.id()).orElseThrow()).released = true;
    }
  }

  private void rearm() {
    List<HoldEntry> parked = scene.storage().escrow().scan(HoldKind.PARKED, Optional.empty(), 100);
    if (!parked.isEmpty()) {
      rearm(pick(parked));
    }
  }

  private void rearm(HoldEntry entry) {
    Handle handle = Handle.of(entry.id()).orElseThrow();
    assertThat(Scene.await(scene.coordinator().rearm(handle, Decider.operator("bob", "again"))))
        .isTrue();
    byHandle.get(handle).askedBeforeRearm = scene.producers.deliveredFor(handle);
    rearms++;
  }

  /** Liveness: with truthful members everything is decided in bounded time. */
  private void settle() {
    for (String group : GROUPS) {
      scene.producers.join(group, "truthful");
      scene.coordinator().memberArrived(group);
    }
    // Where the clock was set back, questions wait until it is again where it was.
    scene.time.stepWallTo(latestMs);
    int answered = scene.producers.delivered().size();
    for (int round = 0;
        round < 200 && all.stream().anyMatch(it -> it.decision.isEmpty());
        round++) {
      scene.storage().escrow().scan(HoldKind.PARKED, Optional.empty(), 1000).forEach(this::rearm);
      scene.pass(Duration.ofSeconds(40));
      List<FakeProducers.Delivered> questions = scene.producers.delivered();
      for (FakeProducers.Delivered asked : questions.subList(answered, questions.size())) {
        ModelTransaction target = byHandle.get(asked.question().handle());
        decide(target, target.group, truth(target), Decider.checkAnswer(asked.clientId()));
      }
      answered = questions.size();
    }
    assertThat(all.stream().filter(it -> it.decision.isEmpty()).map(it -> it.key))
        .as("I8: still undecided")
        .isEmpty();
    scene.time.stepWallTo(Math.max(scene.time.nowMs(), endMs));
    releaseDelays();
    assertThat(all).allMatch(it -> it.released == it.decision.equals(Optional.of(Decision.COMMIT)));
  }

  /** Compares the whole store with the map. */
  private void compare() {
    compareVisible();
    compareHolds();
    compareAudits();
  }

  private void compareVisible() {
    for (QueueId queue : QUEUES) {
      List<Message> visible = scene.visible(queue);
      List<String> expected =
          all.stream()
              .filter(it -> it.released && it.queue.equals(queue))
              .map(it -> it.key + " " + it.body)
              .sorted()
              .toList();
      assertThat(
              visible.stream()
                  .map(it -> it.uniqueKey().orElseThrow() + " " + SampleMessages.textOf(it))
                  .sorted())
          .as("I1, I2, I6: visible in " + queue)
          .isEqualTo(expected);
      for (int i = 0; i < visible.size(); i++) {
        assertThat(visible.get(i).queueOffset()).as("I11").isEqualTo(i);
      }
    }
  }

  private void compareHolds() {
    long open = 0;
    long parked = 0;
    for (ModelTransaction it : all) {
      boolean held = it.decision.isEmpty() || isDelayed(it);
      HoldStatus.State state = scene.storage().escrow().status(it.handle.holdId()).state();
      assertThat(state == HoldStatus.State.HELD).as("I5: " + it.key).isEqualTo(held);
      if (it.decision.isEmpty()) {
        HoldEntry entry = scene.hold(it.handle);
        HoldAttributes attributes = scene.attributes(it.handle);
        long delivered = scene.producers.deliveredFor(it.handle) - it.askedBeforeRearm;
        assertThat((long) attributes.attempts()).as("I10: " + it.key).isEqualTo(delivered);
        assertThat(entry.kind()).isIn(HoldKind.TRANSACTION, HoldKind.PARKED);
        open += entry.kind() == HoldKind.TRANSACTION ? 1 : 0;
        parked += entry.kind() == HoldKind.PARKED ? 1 : 0;
      }
    }
    TransactionStatistics statistics = scene.coordinator().statistics();
    assertThat(statistics.open()).isEqualTo(open);
    assertThat(statistics.parked()).isEqualTo(parked);
  }

  private void compareAudits() {
    List<String> decided = scene.audits("DECIDED");
    Map<String, List<String>> byHandleText =
        decided.stream().collect(Collectors.groupingBy(json -> field(json, "handle")));
    for (ModelTransaction it : all) {
      List<String> records = byHandleText.getOrDefault(it.handle.toString(), List.of());
      assertThat(records).as("I14: " + it.key).hasSize(it.decision.isPresent() ? 1 : 0);
      if (it.decision.isPresent()) {
        assertThat(field(records.getFirst(), "decision")).isEqualTo(it.decision.get().name());
        assertThat(field(records.getFirst(), "by"))
            .isEqualTo(it.decider.orElseThrow().kind().name());
      }
    }
    assertThat(scene.audits("CONFLICT")).as("I3: conflicts are on record").hasSize(conflicts);
    assertThat(scene.audits("REARMED")).hasSize(rearms);
  }

  static String field(String json, String name) {
    int from = json.indexOf("\"" + name + "\":\"") + name.length() + 4;
    return json.substring(from, json.indexOf('"', from));
  }

  private boolean isDelayed(ModelTransaction it) {
    return it.decision.equals(Optional.of(Decision.COMMIT)) && !it.released;
  }

  private static Decision truth(ModelTransaction it) {
    return it.key.hashCode() % 3 == 0 ? Decision.ROLLBACK : Decision.COMMIT;
  }

  private ModelTransaction recentOrAny() {
    return random.nextBoolean()
        ? all.get(Math.max(0, all.size() - 1 - random.nextInt(10)))
        : pick(all);
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
