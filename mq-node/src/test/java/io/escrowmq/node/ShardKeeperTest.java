package io.escrowmq.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.storage.ShardLeases.ShardState;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.TimeSource;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How servers divide shards, without a network and without a database. */
final class ShardKeeperTest {

  private static final int SHARDS = 4;
  private static final Duration LEASE = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private MemorySharedStore store;
  private final List<ShardKeeper> keepers = new ArrayList<>();

  @BeforeEach
  void prepare() {
    store = new MemorySharedStore(directory, SHARDS);
  }

  @AfterEach
  void stop() {
    store.away(false);
    keepers.forEach(keeper -> keeper.stop(Duration.ofSeconds(1)));
  }

  @Test
  void oneServerTakesEverythingAtOnce() {
    ShardKeeper only = start("a");
    assertThat(shares()).containsExactly(Map.entry("a", SHARDS));
    assertThat(only.view().shards()).allMatch(shard -> !shard.address().isEmpty());
  }

  @Test
  void serversThatComeGetTheirShareAndNobodyHasAShardTwice() {
    start("a");
    start("b");
    awaitShares(Map.of("a", 2, "b", 2));
    start("c");
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> {
          assertThat(shares()).hasSize(3);
          assertThat(shares().values()).allMatch(share -> share >= 1 && share <= 2);
          assertThat(keepers.stream().mapToInt(keeper -> keeper.owned().size()).sum())
              .isEqualTo(SHARDS);
        });
  }

  @Test
  void aServerThatStopsGivesItsShardsBackAtOnce() {
    start("a");
    ShardKeeper leaving = start("b");
    awaitShares(Map.of("a", 2, "b", 2));
    keepers.remove(leaving);
    leaving.stop(Duration.ofSeconds(1));
    awaitShares(Map.of("a", SHARDS));
    assertThat(store.servers()).extracting("name").containsExactly("a");
  }

  @Test
  void aLostShardIsNotServedAnyMore() {
    ShardKeeper a = start("a");
    OwnedShard shard = a.owned(0);
    EscrowNode node = shard.node();
    assertThat(SampleSend.send(node.broker())).succeedsWithin(PATIENCE);

    store.expire(0);
    assertThat(store.acquire(0, "thief", Duration.ofMinutes(5))).isPresent();

    Awaitility.await().atMost(PATIENCE).until(() -> a.owned(0) == null);
    assertThat(node.health().canSend()).isFalse();
  }

  @Test
  void aServerThatHearsNothingStopsServingByItsOwnClockAndGoesOnLater() {
    ShardKeeper a = start("a");
    EscrowNode node = a.owned(0).node();
    store.away(true);
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() ->
            assertThatThrownBy(() -> SampleSend.send(node.broker()).get(5, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOfSatisfying(
                    BrokerException.class,
                    e -> {
                      assertThat(e.code()).isEqualTo(ErrorCode.NOT_SERVING);
                      assertThat(e.getMessage()).contains("lease");
                    }));
    assertThat(a.view().trouble()).contains("the store is away");

    store.away(false);
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> SampleSend.send(node.broker()).get(5, TimeUnit.SECONDS) != null);
  }

  @Test
  void aShardThatCannotBeOpenedHereIsLeftToOthersAndTriedAgain() {
    AtomicInteger attempts = new AtomicInteger();
    ShardKeeper broken =
        keeper(
            "broken",
            shard -> {
              attempts.incrementAndGet();
              throw new NodeStartException("No", "here", "it is broken", "Repair it.", null);
            });
    broken.start("broken:1");
    assertThat(broken.openFailure()).hasMessageContaining("it is broken");
    start("sound");
    awaitShares(Map.of("sound", SHARDS));
    // Once at the start, and then at most once per lease and shard.
    assertThat(attempts).hasValueBetween(SHARDS, SHARDS * 40);
  }

  private ShardKeeper start(String name) {
    ShardKeeper keeper = keeper(name, this::open);
    keeper.start(name + ":9876");
    return keeper;
  }

  private ShardKeeper keeper(String name, ShardKeeper.ShardOpener opener) {
    ClusterSettings settings =
        new ClusterSettings(
            SHARDS, name, LEASE, (_, _) -> NodeSettings.defaults(directory), Map.of());
    ShardKeeper keeper = new ShardKeeper(settings, store, TimeSource.system(), opener);
    keepers.add(keeper);
    return keeper;
  }

  private EscrowNode open(OwnedShard shard) {
    return new NodeParts(NodeSettings.defaults(directory), StorageContext.system())
        .start(
            () -> store.open(shard.lease()),
            List.of(),
            Optional.empty(),
            () -> shard.current(TimeSource.system().nanos()));
  }

  private void awaitShares(Map<String, Integer> wanted) {
    Awaitility.await().atMost(PATIENCE).until(() -> shares().equals(wanted));
  }

  /** Served shards by server. */
  private Map<String, Integer> shares() {
    return store.shards().stream()
        .filter(shard -> shard.current() && !shard.address().isEmpty())
        .collect(Collectors.toMap(ShardState::server, _ -> 1, Integer::sum));
  }
}
