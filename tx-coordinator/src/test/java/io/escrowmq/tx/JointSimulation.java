package io.escrowmq.tx;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * Transactions of several messages on two servers over one store, against a plain map, with random
 * events: requests are repeated, late, out of order and at once; servers restart; producers keep a
 * journal that stands for their database and answer questions from it, and some of them lie.
 */
final class JointSimulation implements AutoCloseable {

  private static final List<QueueId> QUEUES =
      List.of(new QueueId("debits", 0), new QueueId("debits", 1), new QueueId("credits", 0));

  private final Random random;
  private final Scene scene;
  private final List<Runnable> dice = new ArrayList<>();
  private final List<Model> all = new ArrayList<>();
  private final Map<QueueId, List<String>> expected = new HashMap<>();
  private TransactionCoordinator second;
  private int conflicts;
  private int answered;

  /** What the map says about one transaction. */
  private static final class Model {
    private final String key;
    private final Handle handle;
    private final SortedMap<Integer, JointMessage> members = new TreeMap<>();
    private Optional<Decision> decision = Optional.empty();
    private SortedSet<Integer> committed = new TreeSet<>();

    /** The producer's database: what became of the local transaction, if it is over. */
    private Optional<Decision> journal = Optional.empty();

    /** What the local transaction was about: known to the producer when it committed. */
    private SortedSet<Integer> meant = new TreeSet<>();

    /** Sends both decisions, at random. */
    private boolean liar;

    private Model(String key, Handle handle, boolean liar) {
      this.key = key;
      this.handle = handle;
      this.liar = liar;
    }
  }

  JointSimulation(long seed, JointSabotage sabotage, String engine) {
    random = new Random(seed);
    scene = new Scene(Simulation.POLICY, sabotage.storage(), channel -> channel, engine);
    second = scene.another();
    QUEUES.forEach(queue -> expected.put(queue, new ArrayList<>()));
    scene.producers.join(Scene.GROUP, "sender");
    add(12, this::open);
    add(3, this::openAgain);
    add(30, this::addOne);
    add(10, this::addAgain);
    add(15, this::localTransaction);
    add(15, this::sendEnd);
    add(5, this::endWrongly);
    add(8, this::race);
    add(10, this::timePasses);
    add(2, this::restart);
    add(2, this::releaseDelays);
  }

  /** Runs that many random events, then lets the truth settle everything. */
  void run(int steps) {
    for (int i = 0; i < steps; i++) {
      pick(dice).run();
      if (i % 20 == 19) {
        compare();
      }
    }
    compare();
    settle();
    compare();
  }

  @Override
  public void close() {
    second.close();
    scene.close();
  }

  private void add(int weight, Runnable event) {
    dice.addAll(Collections.nCopies(weight, event));
  }

  private JointTransactions server() {
    return (random.nextBoolean() ? scene.coordinator() : second).joint();
  }

  private JointOutcome.OfOpen open(String key) {
    return Scene.await(
        server().open(new JointOpening(Scene.GROUP, key, "sender", Optional.empty())));
  }

  private void open() {
    String key = "key-" + all.size();
    JointOutcome.Opened opened = (JointOutcome.Opened) open(key);
    assertThat(opened.repeated()).isFalse();
    all.add(new Model(key, opened.transaction(), random.nextInt(4) == 0));
  }

  private void openAgain() {
    if (all.isEmpty()) {
      return;
    }
    Model it = recent();
    assertThat(open(it.key))
        .as("an opened key names one transaction")
        .isEqualTo(
            it.decision.isEmpty()
                ? new JointOutcome.Opened(it.handle, true)
                : new JointOutcome.AlreadyDecided(it.handle, it.decision.get()));
  }

  private void addOne() {
    if (!all.isEmpty()) {
      Model it = recent();
      int sequence = random.nextInt(6);
      if (!it.members.containsKey(sequence) && it.journal.isEmpty()) {
        long deliverAtMs =
            random.nextInt(6) == 0 ? scene.time.nowMs() + random.nextInt(100_000) : 0;
        String body = it.key + " " + sequence;
        judgeAdd(
            it,
            JointScene.message(Scene.GROUP, it.handle, sequence, pick(QUEUES), body, deliverAtMs));
      }
    }
  }

  private void addAgain() {
    if (all.isEmpty() || recent().members.isEmpty()) {
      return;
    }
    Model it = recent();
    if (!it.members.isEmpty()) {
      judgeAdd(it, pick(List.copyOf(it.members.values())));
    }
  }

  private void judgeAdd(Model it, JointMessage message) {
    JointOutcome.OfAdd outcome = Scene.await(server().add(message));
    if (it.decision.isPresent()) {
      assertThat(outcome)
          .as("added to " + it.key)
          .isEqualTo(new JointOutcome.AlreadyDecided(it.handle, it.decision.get()));
      return;
    }
    boolean there = it.members.putIfAbsent(message.sequence(), message) != null;
    assertThat(outcome)
        .as("added to " + it.key)
        .isEqualTo(new JointOutcome.Added(message.queue(), there));
  }

  /** A truthful producer commits locally when all its additions were acknowledged. */
  private void localTransaction() {
    if (!all.isEmpty()) {
      Model it = recent();
      if (it.journal.isEmpty() && it.decision.isEmpty()) {
        it.journal = Optional.of(random.nextInt(3) == 0 ? Decision.ROLLBACK : Decision.COMMIT);
        it.meant = new TreeSet<>(it.members.keySet());
      }
    }
  }

  private void sendEnd() {
    if (all.isEmpty()) {
      return;
    }
    Model it = recent();
    if (it.liar) {
      end(it, random.nextBoolean() ? Decision.COMMIT : Decision.ROLLBACK, named(it));
    } else if (it.journal.isPresent()) {
      end(it, it.journal.get(), Optional.of(it.meant));
    }
  }

  private Optional<SortedSet<Integer>> named(Model it) {
    if (random.nextInt(3) == 0) {
      return Optional.empty();
    }
    return Optional.of(
        it.members.keySet().stream()
            .filter(_ -> random.nextInt(4) > 0)
            .collect(Collectors.toCollection(TreeSet::new)));
  }

  /** A commit that names what was not added, ends by strangers and of unknown ones. */
  private void endWrongly() {
    if (all.isEmpty()) {
      return;
    }
    Model it = recent();
    SortedSet<Integer> tooMany = new TreeSet<>(it.members.keySet());
    tooMany.add(9);
    JointOutcome.OfEnd outcome = end(it.handle, Scene.GROUP, Decision.COMMIT, Optional.of(tooMany));
    if (it.decision.isEmpty()) {
      assertThat(outcome).isEqualTo(new JointOutcome.Incomplete(List.of(9)));
    } else {
      conflicts++;
      assertThat(outcome).isEqualTo(refused(it, Decision.COMMIT));
    }
    if (it.decision.isEmpty()) {
      assertThat(end(it.handle, "strangers", Decision.ROLLBACK, Optional.empty()))
          .isEqualTo(new JointOutcome.GroupMismatch(Scene.GROUP));
    }
    Handle nobodys = new Handle(random.nextLong() >>> 1, random.nextLong() >>> 1);
    assertThat(end(nobodys, Scene.GROUP, Decision.COMMIT, Optional.empty()))
        .isEqualTo(new JointOutcome.NotFound());
  }

  private JointOutcome.OfEnd end(
      Handle handle, String group, Decision decision, Optional<SortedSet<Integer>> named) {
    return Scene.await(
        server().end(new JointEnd(handle, group, decision, named, Decider.producer("sender"))));
  }

  private void end(Model it, Decision wanted, Optional<SortedSet<Integer>> named) {
    judgeEnd(it, wanted, named, end(it.handle, Scene.GROUP, wanted, named));
  }

  private void judgeEnd(
      Model it, Decision wanted, Optional<SortedSet<Integer>> named, JointOutcome.OfEnd outcome) {
    if (it.decision.isEmpty()) {
      JointOutcome.Decided decided = (JointOutcome.Decided) outcome;
      assertThat(decided.decision()).isEqualTo(wanted);
      assertThat(decided.repeated()).isFalse();
      settled(it, wanted, named);
      return;
    }
    boolean same =
        it.decision.get() == wanted
            && (wanted == Decision.ROLLBACK || named.isEmpty() || it.committed.equals(named.get()));
    if (same) {
      assertThat(((JointOutcome.Decided) outcome).repeated()).isTrue();
    } else {
      conflicts++;
      assertThat(outcome).as("I3").isEqualTo(refused(it, wanted));
    }
  }

  /** The answer to whoever wants another decision, or the same about other messages. */
  private static JointOutcome.OfEnd refused(Model it, Decision wanted) {
    return it.decision.orElseThrow() == wanted
        ? new JointOutcome.OtherMessages(List.copyOf(it.committed))
        : new JointOutcome.Conflict(it.decision.get());
  }

  private void settled(Model it, Decision decision, Optional<SortedSet<Integer>> named) {
    it.decision = Optional.of(decision);
    if (decision == Decision.COMMIT) {
      it.committed =
          named.isPresent() ? new TreeSet<>(named.get()) : new TreeSet<>(it.members.keySet());
      for (int sequence : it.committed) {
        JointMessage message = it.members.get(sequence);
        if (message.deliverAtMs() <= scene.time.nowMs()) {
          expected.get(message.queue()).add(it.key + " " + sequence);
        }
      }
    }
  }

  /** Two deciders and an addition at once, on both servers; their writes land in random order. */
  private void race() {
    open();
    Model it = all.getLast();
    it.liar = true;
    if (random.nextBoolean()) {
      judgeAdd(it, JointScene.message(Scene.GROUP, it.handle, 0, pick(QUEUES), it.key + " 0", 0));
    }
    JointMessage extra =
        JointScene.message(Scene.GROUP, it.handle, 1, pick(QUEUES), it.key + " 1", 0);
    Decision one = anyDecision();
    Decision other = anyDecision();
    scene.gate().shut();
    CompletableFuture<JointOutcome.OfEnd> first = ending(scene.coordinator(), it, one);
    if (random.nextBoolean()) {
      CompletableFuture<JointOutcome.OfAdd> adding =
          second.joint().add(extra).toCompletableFuture();
      letGo();
      JointOutcome.OfEnd ended = Scene.await(first);
      if (Scene.await(adding) instanceof JointOutcome.Added) {
        it.members.put(1, extra);
      }
      judgeEnd(it, one, Optional.empty(), ended);
      return;
    }
    CompletableFuture<JointOutcome.OfEnd> late = ending(second, it, other);
    letGo();
    JointOutcome.OfEnd ended = Scene.await(first);
    JointOutcome.OfEnd endedLate = Scene.await(late);
    boolean firstWon = ended instanceof JointOutcome.Decided won && !won.repeated();
    judgeEnd(it, firstWon ? one : other, Optional.empty(), firstWon ? ended : endedLate);
    judgeEnd(it, firstWon ? other : one, Optional.empty(), firstWon ? endedLate : ended);
  }

  private Decision anyDecision() {
    return random.nextBoolean() ? Decision.COMMIT : Decision.ROLLBACK;
  }

  private void letGo() {
    Awaitility.await().pollInterval(Duration.ofMillis(1)).until(() -> scene.gate().waiting() == 2);
    scene.gate().open(random);
  }

  private static CompletableFuture<JointOutcome.OfEnd> ending(
      TransactionCoordinator server, Model it, Decision decision) {
    return server
        .joint()
        .end(
            new JointEnd(
                it.handle, Scene.GROUP, decision, Optional.empty(), Decider.producer("racer")))
        .toCompletableFuture();
  }

  private void timePasses() {
    scene.time.advanceMs(random.nextInt(30_000));
    scene.runDue();
    answerQuestions();
  }

  /** Answers some questions from the journals, as any member of the group may. */
  private void answerQuestions() {
    List<FakeProducers.Delivered> questions = scene.producers.delivered();
    for (; answered < questions.size(); answered++) {
      if (random.nextInt(3) > 0) {
        Handle handle = questions.get(answered).question().handle();
        all.stream().filter(it -> it.handle.equals(handle)).forEach(this::answer);
      }
    }
  }

  private void answer(Model it) {
    // The tombstone: from here on the local transaction cannot commit.
    it.journal = it.journal.or(() -> Optional.of(Decision.ROLLBACK));
    Decision truth = it.journal.get();
    EndOutcome outcome =
        Scene.await(
            (random.nextBoolean() ? scene.coordinator() : second)
                .end(
                    new EndRequest(
                        it.handle,
                        Scene.GROUP,
                        Optional.of(truth),
                        Decider.checkAnswer("sender"))));
    if (it.decision.isEmpty()) {
      assertThat(outcome).isEqualTo(new EndOutcome.Decided(truth, -1, -1, 0));
      settled(it, truth, Optional.empty());
    } else if (it.decision.get() == truth) {
      assertThat(outcome).isInstanceOf(EndOutcome.Repeated.class);
    } else {
      conflicts++;
      assertThat(outcome).as("I3").isEqualTo(new EndOutcome.Conflict(it.decision.get()));
    }
  }

  private void restart() {
    second.close();
    scene.restart();
    second = scene.another();
  }

  private void releaseDelays() {
    for (HoldEntry entry : scene.releaseDueDelays()) {
      for (Model it : all) {
        it.committed.stream()
            .filter(sequence -> id(it, sequence).equals(entry.attributes()))
            .forEach(sequence -> expected.get(entry.queue()).add(it.key + " " + sequence));
      }
    }
  }

  /** What the hold of a message is recognised by. */
  private static Bytes id(Model it, int sequence) {
    return JointDecisions.attributes(it.handle, sequence);
  }

  private void settle() {
    for (int round = 0;
        round < 100 && all.stream().anyMatch(it -> it.decision.isEmpty());
        round++) {
      scene
          .storage()
          .escrow()
          .scan(HoldKind.PARKED, Optional.empty(), 1000)
          .forEach(entry ->
              Scene.await(
                  scene
                      .coordinator()
                      .rearm(
                          Handle.of(entry.id()).orElseThrow(), Decider.operator("bob", "again"))));
      scene.pass(Duration.ofSeconds(40));
      answerQuestions();
    }
    assertThat(all).as("I8: still undecided").allMatch(it -> it.decision.isPresent());
    scene.time.advance(Duration.ofHours(1));
    releaseDelays();
    assertThat(scene.storage().escrow().counts()).as("nothing is left behind").isEmpty();
    for (Model it : all) {
      if (!it.liar && !it.key.isEmpty() && it.journal.isPresent()) {
        assertThat(it.decision).as("I15: the journal of " + it.key).isEqualTo(it.journal);
        if (it.decision.get() == Decision.COMMIT) {
          assertThat(it.committed).as("I7, I15").isEqualTo(it.meant);
        }
      }
    }
  }

  private void compare() {
    for (QueueId queue : QUEUES) {
      List<Message> visible = scene.visible(queue);
      assertThat(visible.stream().map(SampleMessages::textOf))
          .as("I1, I2, I6, I7: visible in " + queue)
          .containsExactlyInAnyOrderElementsOf(expected.get(queue));
      for (int i = 0; i < visible.size(); i++) {
        assertThat(visible.get(i).queueOffset()).as("I11").isEqualTo(i);
      }
    }
    long undecided = all.stream().filter(it -> it.decision.isEmpty()).count();
    TransactionStatistics statistics = scene.coordinator().statistics();
    assertThat(statistics.open() + statistics.parked())
        .as("I5: one open transaction each")
        .isEqualTo(undecided);
    long held =
        scene.storage().escrow().counts().entrySet().stream()
            .filter(count -> count.getKey().kind() == HoldKind.MEMBER)
            .mapToLong(Map.Entry::getValue)
            .sum();
    assertThat(held)
        .as("I5: every acknowledged message of an open one is held")
        .isEqualTo(
            all.stream()
                .filter(it -> it.decision.isEmpty())
                .mapToLong(it -> it.members.size())
                .sum());
    Map<String, Long> records =
        scene.audits("DECIDED").stream()
            .collect(
                Collectors.groupingBy(
                    json -> Simulation.field(json, "handle"), Collectors.counting()));
    for (Model it : all) {
      assertThat(records.getOrDefault(it.handle.toString(), 0L))
          .as("I14: " + it.key)
          .isEqualTo(it.decision.isPresent() ? 1 : 0);
    }
    assertThat(scene.audits("CONFLICT")).as("I3: conflicts are on record").hasSize(conflicts);
  }

  private Model recent() {
    return all.get(Math.max(0, all.size() - 1 - random.nextInt(6)));
  }

  private <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }
}
