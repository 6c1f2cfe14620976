package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Ownership.Lease;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.RetentionPolicy;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.WriteReceipt;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/**
 * Random batches against the engine and against {@link InMemoryStorage}; every outcome and every
 * answer must be the same, also after restarts. A failure names the seed and the step; {@code
 * -Descrowmq.seed=} replays it and {@code -Descrowmq.model.steps=} makes the run longer.
 */
public abstract class ModelContract extends StorageContract {

  private static final int STEPS = Integer.getInteger("escrowmq.model.steps", 1_500);
  private static final int FULL_COMPARISON_EVERY = 40;
  private static final Duration LONGER_THAN_MEMORY =
      StorageSettings.DEFAULT_DECISION_RETENTION.plusDays(2);

  private final ModelComparison comparison = new ModelComparison();

  @Test
  void theEngineAnswersLikeTheModel() {
    long seed = Seeds.seed("ModelContract");
    fixture().settings(ModelContract::keepingEverything).open();
    Random random = new Random(seed);
    RandomBatches batches = new RandomBatches(random);
    try (InMemoryStorage model = openModel()) {
      for (int step = 0; step < STEPS; step++) {
        PlannedBatch batch = batches.next();
        try {
          step(model, batch, random, step);
        } catch (AssertionError | RuntimeException e) {
          throw new AssertionError(
              "seed " + seed + ", step " + step + ", " + batch + ": " + e.getMessage(), e);
        }
      }
      comparison.compareAll(model, storage());
    }
  }

  private void step(Storage model, PlannedBatch batch, Random random, int step) {
    time().advanceMs(random.nextInt(4));
    compareOutcome(model, batch);
    touched(batch, model);
    switch (random.nextInt(150)) {
      case 0 -> restart(model);
      case 1 -> storage().maintenance().checkpoint();
      case 2 -> forgetDecisions(model);
      case 3 -> takeOver(model);
      case 4 -> storage().maintenance().retain();
      default -> {
        // Most steps are only writes.
      }
    }
    if (step % FULL_COMPARISON_EVERY == 0) {
      comparison.compareAll(model, storage());
    }
  }

  private void compareOutcome(Storage model, PlannedBatch batch) {
    Optional<WriteReceipt> expected = unlessFenced(model.write(batch.resolve(model)));
    Optional<WriteReceipt> actual = unlessFenced(storage().write(batch.resolve(storage())));
    assertThat(actual.isPresent()).as("not fenced").isEqualTo(expected.isPresent());
    expected.ifPresent(receipt -> comparison.compare(receipt, actual.orElseThrow()));
  }

  private static Optional<WriteReceipt> unlessFenced(CompletionStage<WriteReceipt> stage) {
    try {
      return Optional.of(await(stage));
    } catch (StorageException.Fenced fenced) {
      return Optional.empty();
    }
  }

  /** What the batch was about is compared at once. */
  private void touched(PlannedBatch batch, Storage model) {
    for (Mutation mutation : batch.mutations()) {
      switch (mutation) {
        case Mutation.Append append -> sameBounds(append.queue(), model);
        case Mutation.Trim trim -> sameBounds(trim.queue(), model);
        case Mutation.Hold hold -> sameHold(hold.id(), model);
        case Mutation.Release release -> sameHold(release.id(), model);
        case Mutation.Discard discard -> sameHold(discard.id(), model);
        case Mutation.Reschedule reschedule -> sameHold(reschedule.id(), model);
        case Mutation.Put put -> comparison.compareRows(put.table(), model, storage());
        case Mutation.Delete delete -> comparison.compareRows(delete.table(), model, storage());
        case Mutation.Restore.Begin begin -> sameBounds(begin.queue(), model);
        case Mutation.Restore.Visible visible -> sameBounds(visible.queue(), model);
        case Mutation.Restore.Held held -> sameHold(held.entry().id(), model);
        case Mutation.Restore.Decided decided -> sameHold(decided.id(), model);
        case Mutation.Require ignored -> {}
        case Mutation.RequireHeld ignored -> {}
        case Mutation.Fence ignored -> {}
      }
    }
  }

  private void sameBounds(QueueId queue, Storage model) {
    assertThat(bounds(queue)).as("bounds of %s", queue).isEqualTo(model.log().bounds(queue));
  }

  private void sameHold(HoldId id, Storage model) {
    comparison.compareId(id, model, storage());
    assertThat(storage().escrow().counts()).isEqualTo(model.escrow().counts());
  }

  private void restart(Storage model) {
    if (engine().persistent()) {
      fixture().reopen();
      comparison.compareAll(model, storage());
    }
  }

  private void forgetDecisions(Storage model) {
    time().advance(LONGER_THAN_MEMORY);
    storage().maintenance().retain();
    model.maintenance().retain();
  }

  private void takeOver(Storage model) {
    time().advance(Duration.ofSeconds(1));
    Duration timeToLive = Duration.ofSeconds(1);
    Optional<Lease> expected = model.ownership().acquire(RandomBatches.SCOPE, "o", timeToLive);
    Optional<Lease> actual = storage().ownership().acquire(RandomBatches.SCOPE, "o", timeToLive);
    assertThat(actual.map(Lease::expiresAtMs)).isEqualTo(expected.map(Lease::expiresAtMs));
  }

  private InMemoryStorage openModel() {
    StorageSettings settings =
        keepingEverything(StorageSettings.defaults(scratch("the model has no files")));
    return InMemoryStorage.openInline(
        settings, new StorageContext(time(), io.escrowmq.spi.storage.Disk.real()));
  }

  private static StorageSettings keepingEverything(StorageSettings settings) {
    RetentionPolicy forEver = new RetentionPolicy(Duration.ofDays(36_500), Long.MAX_VALUE);
    return new StorageSettings(
        settings.directory(),
        Durability.DURABLE,
        settings.decisionRetention(),
        forEver,
        settings.options());
  }
}
