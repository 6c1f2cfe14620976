package io.escrowmq.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.node.StorageCopy.Side;
import io.escrowmq.node.StorageCopyException.Reason;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.TransactionHandle;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import io.escrowmq.spi.protocol.TransactionServices.EndRequest;
import io.escrowmq.spi.protocol.TransactionServices.Ended;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.copy.CopyFigures;
import io.escrowmq.spi.storage.copy.CopyListener;
import io.escrowmq.spi.storage.copy.CopyMark;
import io.escrowmq.spi.storage.copy.CopyStep;
import io.escrowmq.spi.storage.copy.StoreComparison;
import io.escrowmq.spi.storage.copy.StoreCopy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.ServiceLoader;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The data of a broker, moved from engine to engine, and the broker going on there. */
final class StorageCopyTest {

  private static final QueueId QUEUE = new QueueId(SampleSend.TOPIC, 0);
  private static final QueueId OTHER = new QueueId(SampleSend.TOPIC, 1);
  private static final int PLAIN = 60;
  private static final int TRIMMED = 17;

  /** With one in another queue, a committed one, and an audit record for each decision. */
  private static final int MESSAGES = PLAIN - TRIMMED + 1 + 1 + 2;

  @TempDir private Path directory;

  /** What a producer and a consumer know across the move. */
  private record Known(
      TransactionHandle open, TransactionHandle committed, TransactionHandle rolledBack) {}

  @Test
  void aBrokerGoesOnWithItsDataOnEveryEngine() throws Exception {
    Side first = side("commitlog", "first");
    Known known = fill(first);
    List<Side> copies =
        List.of(side("rocksdb", "second"), side("jdbc", "third"), side("commitlog", "fourth"));
    Side from = first;
    for (Side to : copies) {
      Notes notes = new Notes();
      CopyFigures figures = new StorageCopy(from, to, false, StorageContext.system()).run(notes);
      assertThat(figures.messages()).isEqualTo(MESSAGES);
      assertThat(figures.holds()).isEqualTo(2);
      assertThat(figures.decisions()).isEqualTo(2);
      assertThat(notes.works).hasSize(3).last().asString().contains("comparing " + to.name());
      assertThat(notes.steps.keySet()).containsExactlyInAnyOrder(CopyStep.values());
      assertThat(notes.steps).containsEntry(CopyStep.MESSAGES, figures.messages());
      from = to;
    }
    for (Side copy : copies) {
      assertThat(compare(first, copy).messages()).isEqualTo(MESSAGES);
    }
    for (Side copy : copies) {
      goesOn(copy, known);
    }
    goesOn(first, known);
  }

  @Test
  void aTargetThatIsNotEmptyIsLeftAlone() throws Exception {
    Side from = side("commitlog", "from");
    Side to = side("rocksdb", "to");
    fill(from);
    try (EscrowNode node = EscrowNode.start(settings(to))) {
      send(node.broker(), 0, Map.of(), "its own");
    }
    refused(from, to, Reason.NOT_USABLE, "is not empty", "Copy into a new directory");
    try (EscrowNode node = EscrowNode.start(settings(to))) {
      assertThat(node.broker().offsets().bounds(QUEUE)).isEqualTo(new QueueBounds(0, 1));
    }
  }

  @Test
  void aSourceInUseIsRefused() {
    Side from = side("commitlog", "from");
    Side to = side("rocksdb", "to");
    try (EscrowNode node = EscrowNode.start(settings(from))) {
      assertThat(node.health().canSend()).isTrue();
      refused(from, to, Reason.NOT_USABLE, from.settings().directory().toString(), "");
    }
    assertThat(provider("rocksdb").exists(to.settings())).isFalse();
  }

  @Test
  void aSourceThatIsNotThereIsNotCreated() {
    for (String type : List.of("commitlog", "rocksdb", "jdbc")) {
      Side from = side(type, "nowhere");
      refused(
          from, side("commitlog", "to"), Reason.NO_SOURCE, "there is no store", "data directory");
      assertThat(directory.resolve("nowhere")).doesNotExist();
    }
    assertThat(directory.resolve("to")).doesNotExist();
  }

  @Test
  void bothSidesCannotBeTheSame() throws Exception {
    Side from = side("commitlog", "from");
    fill(from);
    refused(from, from, Reason.NOT_USABLE, "both sides are", "two different stores");
  }

  @Test
  void aDamagedSourceIsRefused() throws Exception {
    Side from = side("commitlog", "from");
    fill(from);
    damage(from.settings().directory().resolve("log"));
    refused(from, side("rocksdb", "to"), Reason.NOT_USABLE, "damage", "backup");
  }

  @Test
  void aSourceThatNeedsAttentionIsRefusedUnlessThatIsAccepted() throws Exception {
    Side healthy = side("commitlog", "from");
    fill(healthy);
    Side from = with(healthy, "disk-expire-percent", "1");
    Side to = side("rocksdb", "to");
    refused(from, to, Reason.NOT_USABLE, "is DEGRADED: the file system is", "--accept-degraded");
    CopyFigures figures = new StorageCopy(from, to, true, StorageContext.system()).run(new Notes());
    assertThat(figures.messages()).isEqualTo(MESSAGES);
  }

  @Test
  void aStoreThatWasNotFilledToTheEndDoesNotServe() throws Exception {
    Side from = side("commitlog", "from");
    Side to = side("rocksdb", "to");
    fill(from);
    try (Storage source = open(from);
        Storage target = open(to)) {
      // What a copy leaves that is killed before the comparison.
      var _ = new StoreCopy(source, target, CopyListener.NONE).run(from.name());
    }
    assertThatThrownBy(() -> EscrowNode.start(settings(to)))
        .isInstanceOfSatisfying(
            NodeStartException.class,
            e -> {
              assertThat(e.what()).contains("copy that did not finish");
              assertThat(e.where()).contains(to.settings().directory().toString());
              assertThat(e.why()).contains(from.name());
              assertThat(e.remedy()).contains("Delete").contains("storage copy");
            });
    refused(from, to, Reason.NOT_USABLE, "a copy that did not finish", "Delete");
    refused(to, side("commitlog", "next"), Reason.NOT_USABLE, "did not finish", "Copy from");
    delete(to.settings().directory());
    assertThat(new StorageCopy(from, to, false, StorageContext.system()).run(new Notes()).holds())
        .isEqualTo(2);
    try (Storage target = open(to)) {
      assertThat(CopyMark.of(target)).isEmpty();
    }
  }

  /** Plain, delayed, open, committed and rolled back messages, a consumer's offset, a cut head. */
  private Known fill(Side side) throws Exception {
    Known known;
    try (EscrowNode node = EscrowNode.start(settings(side))) {
      BrokerServices door = node.broker();
      for (int i = 0; i < PLAIN; i++) {
        send(door, 0, Map.of(MessageProperties.KEYS, "key-" + i), "plain " + i);
      }
      send(door, 1, Map.of(), "in another queue");
      send(door, 0, Map.of(MessageProperties.DELAY_SECONDS, "3600"), "later");
      TransactionHandle open = half(door, "open");
      TransactionHandle committed = half(door, "committed");
      TransactionHandle rolledBack = half(door, "rolled-back");
      assertThat(end(door, committed, Decision.COMMIT))
          .isEqualTo(new Ended.Decided(Decision.COMMIT, false));
      assertThat(end(door, rolledBack, Decision.ROLLBACK))
          .isEqualTo(new Ended.Decided(Decision.ROLLBACK, false));
      door.offsets().commit("consumers", QUEUE, 23);
      known = new Known(open, committed, rolledBack);
    }
    try (Storage storage = open(side)) {
      storage
          .write(WriteBatch.of(new Mutation.Trim(QUEUE, TRIMMED)))
          .toCompletableFuture()
          .get(10, TimeUnit.SECONDS);
    }
    return known;
  }

  private void goesOn(Side side, Known known) throws Exception {
    try (EscrowNode node = EscrowNode.start(settings(side))) {
      BrokerServices door = node.broker();
      assertThat(door.offsets().bounds(QUEUE)).isEqualTo(new QueueBounds(TRIMMED, PLAIN + 1L));
      assertThat(door.offsets().bounds(OTHER)).isEqualTo(new QueueBounds(0, 1));
      assertThat(door.offsets().committed("consumers", QUEUE, true)).isEqualTo(OptionalLong.of(23));
      assertThat(found(door, "key-40")).isEqualTo("plain 40");

      assertThat(end(door, known.committed(), Decision.ROLLBACK))
          .isEqualTo(new Ended.Conflict(Decision.COMMIT));
      assertThat(end(door, known.committed(), Decision.COMMIT))
          .isEqualTo(new Ended.Decided(Decision.COMMIT, true));
      assertThat(end(door, known.rolledBack(), Decision.COMMIT))
          .isEqualTo(new Ended.Conflict(Decision.ROLLBACK));
      assertThat(half(door, "open")).as("a repeated half finds its hold").isEqualTo(known.open());
      assertThat(end(door, known.open(), Decision.COMMIT))
          .isEqualTo(new Ended.Decided(Decision.COMMIT, false));
      assertThat(end(door, known.open(), Decision.ROLLBACK))
          .isEqualTo(new Ended.Conflict(Decision.COMMIT));
      assertThat(door.offsets().bounds(QUEUE).max()).isEqualTo(PLAIN + 2L);
      assertThat(send(door, 0, Map.of(), "next").queueOffset()).isEqualTo(PLAIN + 2L);
    }
  }

  private static SendReceipt send(
      BrokerServices door, int queue, Map<String, String> properties, String text)
      throws Exception {
    return SampleSend.send(door, queue, properties, text.getBytes(UTF_8)).get(10, TimeUnit.SECONDS);
  }

  private static TransactionHandle half(BrokerServices door, String uniqueKey) throws Exception {
    SendReceipt receipt =
        send(
            door,
            0,
            Map.of(
                MessageProperties.TRANSACTION,
                "true",
                MessageProperties.PRODUCER_GROUP,
                SampleSend.GROUP,
                MessageProperties.UNIQUE_KEY,
                uniqueKey),
            "half " + uniqueKey);
    return new TransactionHandle(receipt.queueOffset(), receipt.positions().getFirst());
  }

  private static Ended end(BrokerServices door, TransactionHandle handle, Decision decision)
      throws Exception {
    return door.sending()
        .transactions()
        .end(new EndRequest(handle, SampleSend.GROUP, "client-1", "", decision, false))
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  private static String found(BrokerServices door, String key) {
    return UTF_8
        .decode(
            door.offsets()
                .find(
                    new MessageIndex.Query(
                        SampleSend.TOPIC,
                        MessageIndex.Field.KEY,
                        key,
                        0,
                        Long.MAX_VALUE,
                        2,
                        Optional.empty()))
                .messages()
                .getFirst()
                .body())
        .toString();
  }

  private static void refused(Side from, Side to, Reason reason, String message, String remedy) {
    assertThatThrownBy(
            () -> new StorageCopy(from, to, false, StorageContext.system()).run(new Notes()))
        .isInstanceOfSatisfying(
            StorageCopyException.class,
            e -> {
              assertThat(e.reason()).as("%s", e).isEqualTo(reason);
              assertThat(e).hasMessageContaining(message);
              assertThat(e.remedy()).isNotEmpty().contains(remedy);
            });
  }

  private static CopyFigures compare(Side a, Side b) {
    try (Storage first = open(a);
        Storage second = open(b)) {
      return new StoreComparison(first, second, CopyListener.NONE).run();
    }
  }

  private static Storage open(Side side) {
    return provider(side.type()).open(side.settings(), StorageContext.system());
  }

  private static StorageProvider provider(String id) {
    return NodeParts.engine(id, ServiceLoader.load(StorageProvider.class));
  }

  private Side side(String type, String name) {
    Path home = directory.resolve(name);
    Map<String, String> options =
        switch (type) {
          case "jdbc" -> Map.of("url", "jdbc:h2:file:" + home.resolve("database"));
          case "commitlog" -> Map.of("segment-bytes", "1048576", "first-segment-bytes", "1048576");
          default -> Map.of();
        };
    return new Side(type, settings(home, options), type + " in " + home);
  }

  private static Side with(Side side, String option, String value) {
    Map<String, String> options = new HashMap<>(side.settings().options());
    options.put(option, value);
    return new Side(side.type(), settings(side.settings().directory(), options), side.name());
  }

  private static StorageSettings settings(Path home, Map<String, String> options) {
    StorageSettings defaults = StorageSettings.defaults(home);
    return new StorageSettings(
        home, defaults.durability(), defaults.decisionRetention(), defaults.retention(), options);
  }

  private static NodeSettings settings(Side side) {
    NodeSettings defaults = NodeSettings.defaults(side.settings().directory());
    return new NodeSettings(
        defaults.bindAddress(),
        defaults.advertisedAddress(),
        side.type(),
        side.settings(),
        defaults.broker(),
        List.of(),
        Map.of("remoting", Map.of("enabled", "false")),
        defaults.shutdownGrace(),
        Map.of());
  }

  /** Flips a bit of the first message. */
  private static void damage(Path log) throws IOException {
    try (Stream<Path> files = Files.list(log);
        FileChannel segment =
            FileChannel.open(
                files.sorted().findFirst().orElseThrow(),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      long at = 4096 + 200;
      segment.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 1)).flip();
      segment.write(one, at);
    }
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** What a copy told. */
  private static final class Notes implements StorageCopy.Progress {
    private final List<String> works = new ArrayList<>();
    private final Map<CopyStep, Long> steps = new HashMap<>();

    @Override
    public void begins(String what) {
      works.add(what);
    }

    @Override
    public void progress(CopyStep step, long done, long total) {
      steps.put(step, done);
    }
  }
}
