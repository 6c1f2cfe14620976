package io.escrowmq.storage.commitlog.views;

import io.escrowmq.spi.storage.HoldId;
import io.escrowmq.spi.storage.QueueId;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What the views know about the oldest part of the log, for retention. Look-ups are thread-safe;
 * changes are the sequencer's.
 */
public final class Expiry {

  private final ViewStore store;
  private final Views views;
  private final Rows rows;

  Expiry(ViewStore store, Views views, Rows rows) {
    this.store = store;
    this.views = views;
    this.rows = rows;
  }

  /** Hears of a released message. */
  @FunctionalInterface
  public interface ReleasedVisitor {
    void released(long queueUid, long queueOffset, BodyRef body);
  }

  /** Visits live holds whose body lies before the position. */
  public void heldBefore(long position, BiConsumer<HoldId, BodyRef> visitor) {
    views
        .holds()
        .forEach((id, row) -> {
          if (row.body().position() < position) {
            visitor.accept(id, row.body());
          }
        });
  }

  /** Visits messages at or after the position whose body lies before it. */
  public void releasedBefore(long position, ReleasedVisitor visitor) {
    store.scan(
        ViewFamily.BODIES,
        new byte[0],
        (key, value) -> {
          ByteBuffer fields = ByteBuffer.wrap(key);
          long bodyPosition = fields.getLong();
          long uid = fields.getLong();
          long offset = fields.getLong();
          if (bodyPosition < position) {
            neededBody(uid, offset, bodyPosition, position)
                .ifPresent(body -> visitor.released(uid, offset, body));
          }
          return bodyPosition < position;
        });
  }

  /** For each queue that has messages before the position: its first offset at or after it. */
  public Map<QueueState, Long> minimums(long position) {
    Map<QueueState, Long> minimums = new HashMap<>();
    List<QueueId> names = views.queueNames();
    for (QueueId name : names) {
      Optional<QueueState> queue = views.queues().find(name);
      if (queue.isPresent() && queue.get().bounds().size() > 0) {
        long first = views.queues().firstAtOrAfter(queue.get(), position);
        if (first > queue.get().bounds().min()) {
          minimums.put(queue.get(), first);
        }
      }
    }
    return minimums;
  }

  /**
   * Lets queues begin later and drops what refers to older log positions. Publishes at once.
   *
   * @param firstTimeMs store time of the first frame that stays
   */
  public void apply(Map<QueueState, Long> minimums, long position, long firstTimeMs) {
    minimums.forEach(views.queues()::stageMin);
    rows.deleteRange(ViewFamily.BODIES, new byte[0], Keys.body(position, 0, 0));
    views.keys().forget(firstTimeMs, rows);
    views.publish();
  }

  /** Forgets decisions made before the time; true if there may be more. Publishes at once. */
  public boolean forgetDecisions(long beforeMs, int limit) {
    boolean more = views.holds().forget(beforeMs, limit, rows);
    views.publish();
    return more;
  }

  private Optional<BodyRef> neededBody(long uid, long offset, long bodyPosition, long position) {
    return views
        .queues()
        .find(uid)
        .filter(queue -> offset >= queue.bounds().min())
        .flatMap(queue -> views.queues().entry(queue, offset))
        .filter(entry -> entry.position() >= position)
        .map(IndexEntry::body)
        .filter(body -> body.position() == bodyPosition);
  }
}
