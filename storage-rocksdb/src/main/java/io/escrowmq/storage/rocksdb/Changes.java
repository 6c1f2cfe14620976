package io.escrowmq.storage.rocksdb;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Outcome;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.WriteReceipt;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;

/**
 * What batches mean. Each is decided against the database and the batches before it in the same
 * group; what they change is collected until {@link #commit} hands the group over as one. The
 * committer's alone.
 */
final class Changes {

  private final GroupSink sink;
  private final StoreClock clock;
  private final long mostReleasedBytes;
  private final BatchBuffer out = new BatchBuffer();
  private final StoreState state;
  private final Buckets buckets;
  private final Queues queues;
  private final Holds holds;
  private final Rows rows;

  Changes(Database database, GroupSink sink, StoreClock clock, RocksDbOptions options) {
    this.sink = sink;
    this.clock = clock;
    this.mostReleasedBytes = options.releaseBytes();
    this.state = new StoreState(database, clock);
    this.buckets = new Buckets(database, state, options);
    this.queues = new Queues(database, state, buckets, out);
    this.holds = new Holds(database, queues, clock, out);
    this.rows = new Rows(database, state, out);
  }

  Buckets buckets() {
    return buckets;
  }

  Queues queues() {
    return queues;
  }

  Holds holds() {
    return holds;
  }

  BatchBuffer out() {
    return out;
  }

  /**
   * Decides a batch: preconditions first, all against the store as it was; then the changes, in
   * order.
   *
   * @throws StorageException.Fenced if a lease was lost
   * @throws StorageException.TooLarge if it releases too much at once
   */
  WriteReceipt decide(Submission batch) throws RocksDBException {
    List<Mutation> mutations = batch.mutations();
    if (batch.needsJudging()) {
      List<Outcome> judged = judge(mutations);
      if (!judged.stream().allMatch(Outcome.APPLIED::equals)) {
        List<Outcome> rejected = judged.stream().map(Changes::rejected).toList();
        return new WriteReceipt(false, clock.nowMs(), rejected);
      }
    }
    clock.advanceTo(clock.nowMs());
    if (mutations.size() == 1) {
      Outcome only = change(mutations.getFirst(), batch.hashes().getFirst());
      return new WriteReceipt(true, clock.lastMs(), List.of(only));
    }
    List<Outcome> outcomes = new ArrayList<>(mutations.size());
    for (int i = 0; i < mutations.size(); i++) {
      outcomes.add(change(mutations.get(i), batch.hashes().get(i)));
    }
    return new WriteReceipt(true, clock.lastMs(), outcomes);
  }

  /** Bytes collected so far. */
  int sizeBytes() {
    return out.sizeBytes();
  }

  /** Writes what was collected as one; returns the queues that grew. */
  Map<QueueId, Long> commit(boolean sync) throws RocksDBException {
    queues.stage();
    holds.stage();
    rows.stage();
    if (out.isEmpty()) {
      return queues.takeGrown();
    }
    buckets.stage(out);
    state.stage(out);
    sink.write(out.take(), sync);
    buckets.flushFinished();
    return queues.takeGrown();
  }

  private List<Outcome> judge(List<Mutation> mutations) {
    List<Outcome> judged = new ArrayList<>(mutations.size());
    long released = 0;
    for (Mutation mutation : mutations) {
      judged.add(judge(mutation));
      released += mutation instanceof Mutation.Release release ? holds.bodyBytes(release.id()) : 0;
    }
    if (released > mostReleasedBytes) {
      throw new StorageException.TooLarge(
          "what the batch releases together", released, mostReleasedBytes);
    }
    return judged;
  }

  /** {@link Outcome#APPLIED} for whatever is no precondition, and for one that holds true. */
  private Outcome judge(Mutation mutation) {
    return switch (mutation) {
      case Mutation.Require require ->
          rows.versionOf(require) == require.version()
              ? Outcome.APPLIED
              : Outcome.of(Outcome.Result.PRECONDITION_FAILED);
      case Mutation.RequireHeld require -> holds.stateOf(require.id(), Outcome.APPLIED);
      case Mutation.Fence fence -> {
        long actual = rows.epochOf(fence.scope());
        if (actual != fence.epoch()) {
          throw new StorageException.Fenced(fence.scope(), fence.epoch(), actual);
        }
        yield Outcome.APPLIED;
      }
      default -> Outcome.APPLIED;
    };
  }

  private static Outcome rejected(Outcome judged) {
    return judged.equals(Outcome.APPLIED) ? Outcome.NOT_APPLIED : judged;
  }

  private Outcome change(Mutation mutation, long[] hashes) throws RocksDBException {
    if (mutation instanceof Mutation.Append append) {
      return append(append, hashes);
    }
    return switch (mutation) {
      case Mutation.Append append -> append(append, hashes);
      case Mutation.Hold hold -> holds.hold(hold);
      case Mutation.Release release -> holds.release(release.id());
      case Mutation.Discard discard -> holds.discard(discard.id());
      case Mutation.Reschedule change -> holds.reschedule(change);
      case Mutation.Put put -> {
        rows.put(put);
        yield Outcome.APPLIED;
      }
      case Mutation.Delete delete -> {
        rows.delete(delete);
        yield Outcome.APPLIED;
      }
      case Mutation.Trim trim -> {
        queues.trim(trim.queue(), trim.newMinOffset());
        yield Outcome.APPLIED;
      }
      case Mutation.Restore.Begin begin -> queues.begin(begin.queue(), begin.firstOffset());
      case Mutation.Restore.Visible visible -> {
        Message message = visible.message();
        yield queues.append(visible.queue(), message.bytes(), hashes, message.storeTimeMs());
      }
      case Mutation.Restore.Held held -> holds.restore(held);
      case Mutation.Restore.Decided decided -> holds.restore(decided);
      case Mutation.Require ignored -> Outcome.APPLIED;
      case Mutation.RequireHeld ignored -> Outcome.APPLIED;
      case Mutation.Fence ignored -> Outcome.APPLIED;
    };
  }

  private Outcome append(Mutation.Append append, long[] hashes) throws RocksDBException {
    return queues.append(append.queue(), append.message().bytes(), hashes, clock.lastMs());
  }
}
