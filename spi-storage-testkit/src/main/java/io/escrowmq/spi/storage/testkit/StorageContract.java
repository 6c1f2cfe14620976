package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.HoldEntry;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.HoldKind;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageBatch;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.ReadLimits;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What all suites share: an open store in a fresh directory, and short words for writing and
 * reading. An engine extends each suite and says which engine it is.
 */
public abstract class StorageContract {

  /** Two queues of one topic and one of another. */
  protected static final QueueId ORDERS = new QueueId("orders", 0);

  protected static final QueueId ORDERS_1 = new QueueId("orders", 1);
  protected static final QueueId PAYMENTS = new QueueId("payments", 0);

  /** A table that no engine uses by itself. */
  protected static final String TABLE = "kit-table";

  private static final long PATIENCE_SECONDS = 60;
  private static final ReadLimits PAGE = new ReadLimits(512, 4 * 1024 * 1024);

  @TempDir Path directory;

  private StorageFixture fixture = new StorageFixture(new NoEngine(), Path.of("."));

  /** The engine that must satisfy the contract. */
  protected abstract EngineUnderTest engine();

  @BeforeEach
  final void openFixture() {
    fixture = new StorageFixture(engine(), directory.resolve("store"));
    fixture.open();
  }

  @AfterEach
  final void closeFixture() {
    fixture.close();
  }

  /** The store and its world. */
  protected final StorageFixture fixture() {
    return fixture;
  }

  /** The open store. */
  protected final Storage storage() {
    return fixture.storage();
  }

  /** The store's clock. */
  protected final ManualTimeSource time() {
    return fixture.time();
  }

  /** A directory that the engine does not know, removed after the test. */
  protected final Path scratch(String name) {
    return directory.resolve(name);
  }

  /** Writes a batch and waits for its receipt. */
  protected final WriteReceipt write(Mutation... mutations) {
    return await(storage().write(WriteBatch.of(mutations)));
  }

  /** Writes a batch that must be applied; the outcome of its first mutation. */
  protected final Outcome apply(Mutation... mutations) {
    WriteReceipt receipt = write(mutations);
    assertThat(receipt.applied()).as("applied: %s", receipt).isTrue();
    return receipt.outcome(0);
  }

  /** Appends one message. */
  protected final Outcome append(QueueId queue, String text) {
    return apply(new Mutation.Append(queue, SampleMessages.message(queue, text)));
  }

  /** Holds one message as a transaction that is asked about after a minute. */
  protected final Outcome hold(HoldId id, QueueId queue, String text) {
    return apply(holdOf(id, queue, text));
  }

  /** The mutation of {@link #hold}. */
  protected final Mutation.Hold holdOf(HoldId id, QueueId queue, String text) {
    return new Mutation.Hold(
        id,
        queue,
        SampleMessages.message(queue, text),
        HoldKind.TRANSACTION,
        time().nowMs() + 60_000,
        Bytes.utf8("attributes of " + text));
  }

  /** Sets a row. */
  protected final void put(String key, String value) {
    apply(putOf(key, value));
  }

  /** The mutation of {@link #put}. */
  protected static Mutation.Put putOf(String key, String value) {
    return new Mutation.Put(TABLE, Bytes.utf8(key), Bytes.utf8(value));
  }

  /** Everything readable in the queue, checked for density and stamps. */
  protected final List<Message> readAll(QueueId queue) {
    return readAll(storage(), queue);
  }

  /** The bodies of {@link #readAll(QueueId)}. */
  protected final List<String> texts(QueueId queue) {
    return readAll(queue).stream().map(SampleMessages::textOf).toList();
  }

  /** The queue's bounds. */
  protected final QueueBounds bounds(QueueId queue) {
    return storage().log().bounds(queue);
  }

  /** Ids of entries, in order. */
  protected static List<HoldId> ids(List<HoldEntry> entries) {
    return entries.stream().map(HoldEntry::id).toList();
  }

  /** A hold id from a small number. */
  protected static HoldId id(long number) {
    return new HoldId(number * 0x9E3779B97F4A7C15L, number);
  }

  /** Everything readable in the queue of a store, checked for density and stamps. */
  static List<Message> readAll(Storage storage, QueueId queue) {
    QueueBounds bounds = storage.log().bounds(queue);
    List<Message> all = new ArrayList<>();
    long next = bounds.min();
    while (next < bounds.max()) {
      try (MessageBatch batch = storage.log().read(queue, next, PAGE)) {
        assertThat(batch.messages())
            .as("messages of %s at %s within %s", queue, next, bounds)
            .isNotEmpty();
        for (Message message : batch.messages()) {
          assertThat(message.queueOffset()).as("offset in %s", queue).isEqualTo(next++);
          assertThat(message.queueId()).isEqualTo(queue);
          all.add(message.copy());
        }
      }
    }
    return all;
  }

  /** The result, or the failure as the store meant it. */
  protected static <T> T await(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError("a store fails with unchecked exceptions only", e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within " + PATIENCE_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for the store", e);
    }
  }

  /** Stands in until the first test opens the real fixture. */
  private record NoEngine() implements EngineUnderTest {
    @Override
    public io.escrowmq.spi.storage.StorageProvider provider() {
      throw new IllegalStateException("no engine yet");
    }
  }
}
