package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.storage.TimeSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Slows groups down that have a limit of messages per second. A pull or pop is admitted while the
 * group has room left, whatever it then finds: what was too much is made up for by its next pulls.
 * Thread-safe.
 */
final class Throttle {

  /** Attribute of a group: most messages per second, on all its members together. */
  static final String ATTRIBUTE = "consume.max.tps";

  private static final long MOST = 1_000_000_000;
  private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

  private final TimeSource time;
  private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

  Throttle(TimeSource time) {
    this.time = time;
  }

  /** Refuses a group's limit that is none. */
  static void check(GroupConfig group) {
    String text = group.attributes().get(ATTRIBUTE);
    if (text != null && limit(text) == 0) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "group " + group.name() + " cannot have " + ATTRIBUTE + "=" + text,
          "Use a whole number from 1 to " + MOST + ", or leave it out for no limit.");
    }
  }

  /** Refuses a pull for now if the group had more than its limit allows. */
  void admit(GroupConfig group) {
    String text = group.attributes().get(ATTRIBUTE);
    if (text == null) {
      return;
    }
    long perSecond = Math.max(1, limit(text));
    Bucket bucket = buckets.computeIfAbsent(group.name(), _ -> new Bucket(time.nanos()));
    if (!bucket.hasRoom(perSecond, time.nanos())) {
      throw new BrokerException(
          ErrorCode.THROTTLED,
          "group " + group.name() + " had its " + perSecond + " messages of this second",
          "Ask again a little later, or raise the group's attribute " + ATTRIBUTE + ".");
    }
  }

  /** The same by the group's name, where it has a limit. */
  void admit(String group, GroupTable groups) {
    GroupConfig config = groups.stored(group);
    if (config != null) {
      admit(config);
    }
  }

  /** Messages that a group got. */
  void took(String group, int messages) {
    Bucket bucket = buckets.get(group);
    if (bucket != null) {
      bucket.take(messages);
    }
  }

  private static long limit(String text) {
    try {
      long limit = Long.parseLong(text.strip());
      return limit >= 1 && limit <= MOST ? limit : 0;
    } catch (NumberFormatException _) {
      return 0;
    }
  }

  /** What is left; below zero after a pull that found more. */
  private static final class Bucket {
    private double room = 1;
    private long filledNanos;

    Bucket(long nowNanos) {
      this.filledNanos = nowNanos;
    }

    synchronized boolean hasRoom(long perSecond, long nowNanos) {
      room = Math.min((double) perSecond, room + (nowNanos - filledNanos) / NANOS * perSecond);
      filledNanos = nowNanos;
      return room >= 1;
    }

    synchronized void take(int messages) {
      room -= messages;
    }
  }
}
