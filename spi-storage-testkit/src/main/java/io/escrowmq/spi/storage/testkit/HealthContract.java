package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.MessageIndex.Field;
import io.escrowmq.spi.storage.MessageIndex.Query;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageHealth;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Maintenance, health, and the life cycle from open to closed. */
public abstract class HealthContract extends StorageContract {

  @Test
  void theProviderIsFoundByItsId() {
    assertThat(
            ServiceLoader.load(io.escrowmq.spi.storage.StorageProvider.class).stream()
                .map(found -> found.get().id()))
        .as("META-INF/services entry")
        .contains(engine().provider().id());
  }

  @Test
  void anOpenStoreIsUp() {
    assertThat(storage().maintenance().health()).isEqualTo(StorageHealth.UP);
    append(ORDERS, "a");
    assertThat(storage().maintenance().health().writable()).isTrue();
  }

  @Test
  void statisticsHaveSpeakingNames() {
    append(ORDERS, "a");
    assertThat(storage().maintenance().statistics())
        .isNotEmpty()
        .allSatisfy((name, value) -> {
          assertThat(name).matches("[a-z0-9]+(-[a-z0-9]+)*");
          assertThat(value).isNotNull();
        });
  }

  @Test
  void verificationReadsWhatWasWritten() {
    Maintenance maintenance = storage().maintenance();
    for (int i = 0; i < 20; i++) {
      append(ORDERS, "m" + i);
    }
    Maintenance.Verification verification = maintenance.verify();
    assertThat(verification.records()).isGreaterThanOrEqualTo(20);
    assertThat(verification.bytes()).isGreaterThanOrEqualTo(20 * 91);
  }

  @Test
  void maintenanceRunsBesideWrites() {
    ParallelRun.of(
        3,
        thread -> {
          for (int i = 0; i < 60; i++) {
            switch (thread) {
              case 0 -> append(ORDERS, "m" + i);
              case 1 -> storage().maintenance().checkpoint();
              default -> {
                storage().maintenance().retain();
                storage().maintenance().verify();
              }
            }
          }
        });
    assertThat(readAll(ORDERS)).hasSize(60);
  }

  @Test
  void aClosedStoreRefusesEverything() {
    append(ORDERS, "a");
    Storage storage = storage();
    storage.close();
    storage.close();

    CompletionStage<WriteReceipt> write = storage.write(WriteBatch.of(putOf("k", "v")));
    assertThatThrownBy(() -> await(write)).isInstanceOf(StorageException.Closed.class);
    assertClosed(() -> storage.log().bounds(ORDERS));
    assertClosed(() -> storage.log().read(ORDERS, 0, new ReadLimits(1, 1)).close());
    assertClosed(() -> storage.log().offsetAt(ORDERS, 0));
    assertClosed(() -> storage.log().at(0));
    assertClosed(() -> storage.escrow().get(id(1)));
    assertClosed(() -> storage.escrow().status(id(1)));
    assertClosed(() -> storage.escrow().due(HoldKind.DELAY, Optional.empty(), 1, 1));
    assertClosed(() -> storage.escrow().scan(HoldKind.DELAY, Optional.empty(), 1));
    assertClosed(() -> storage.escrow().counts());
    assertClosed(() -> storage.tables().get(TABLE, Bytes.utf8("k")));
    assertClosed(() -> storage.tables().scan(TABLE, Bytes.EMPTY, Optional.empty(), 1));
    Query query = new Query("orders", Field.KEY, "k", 0, Long.MAX_VALUE, 1, Optional.empty());
    assertClosed(() -> storage.index().find(query));
    assertClosed(() -> storage.maintenance().verify());
    assertThat(storage.maintenance().health().state()).isEqualTo(StorageHealth.State.DOWN);
    assertThat(storage.maintenance().health().reason()).isNotBlank();
    assertThat(storage.maintenance().health().remedy()).isNotBlank();
  }

  @Test
  void closingFinishesWhatWasAccepted() {
    List<CompletableFuture<WriteReceipt>> pending = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      Mutation append = new Mutation.Append(ORDERS, SampleMessages.message(ORDERS, "m" + i));
      pending.add(storage().write(WriteBatch.of(append)).toCompletableFuture());
    }
    storage().close();
    assertThat(pending).allMatch(CompletableFuture::isDone);
    assertThat(pending).noneMatch(CompletableFuture::isCompletedExceptionally);
    if (engine().persistent()) {
      fixture().reopen();
      assertThat(readAll(ORDERS)).hasSize(500);
    }
  }

  @Test
  void writersThatRaceWithCloseGetAnAnswer() {
    Storage storage = storage();
    ParallelRun.of(
        4,
        thread -> {
          if (thread == 0) {
            append(ORDERS, "first");
            storage.close();
            return;
          }
          boolean open = true;
          while (open) {
            try {
              await(storage.write(WriteBatch.of(putOf("k", "v"))));
            } catch (StorageException.Closed expected) {
              open = false;
            }
          }
        });
    assertThat(storage.maintenance().health().writable()).isFalse();
  }

  private static void assertClosed(Runnable read) {
    assertThatThrownBy(read::run).isInstanceOf(StorageException.Closed.class);
  }
}
