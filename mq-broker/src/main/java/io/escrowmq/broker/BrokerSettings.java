package io.escrowmq.broker;

import io.escrowmq.broker.pop.PopLimits;
import io.escrowmq.tx.CheckPolicy;
import java.time.Duration;
import java.util.List;

/**
 * What an operator chose for a broker. All defaults are here.
 *
 * @param cluster cluster name, also a routable topic name
 * @param name broker name, also a routable topic name
 * @param region the MSG_REGION given to producers and messages
 * @param topics how topics and groups come to be
 * @param limits bounds on sizes and numbers
 * @param timings how often and how long
 * @param transactions how undecided transactions are treated
 * @param security whether clients are asked who they are
 */
public record BrokerSettings(
    String cluster,
    String name,
    String region,
    Topics topics,
    Limits limits,
    Timings timings,
    TransactionRules transactions,
    SecuritySettings security) {

  /** Most messages in one answer to a pop: more than any official client asks for. */
  private static final int MAX_POPPED = 256;

  /** Longest time that a popped message can be invisible. */
  private static final Duration MAX_INVISIBLE = Duration.ofHours(12);

  /** Most messages of a queue that a popping group may have out at once. */
  private static final int MAX_IN_FLIGHT = 20_000;

  /** The default of every setting. */
  public static final BrokerSettings DEFAULT =
      new BrokerSettings(
          "DefaultCluster",
          "escrowmq",
          "DefaultRegion",
          Topics.DEFAULT,
          Limits.DEFAULT,
          Timings.DEFAULT,
          TransactionRules.DEFAULT,
          SecuritySettings.OPEN);

  public BrokerSettings {
    TopicNames.requireLegal("cluster name", cluster);
    TopicNames.requireLegal("broker name", name);
  }

  /** The same under another broker name. */
  public BrokerSettings withName(String changed) {
    return new BrokerSettings(
        cluster, changed, region, topics, limits, timings, transactions, security);
  }

  /** The same with other rules for topics and groups. */
  public BrokerSettings withTopics(Topics changed) {
    return new BrokerSettings(
        cluster, name, region, changed, limits, timings, transactions, security);
  }

  /** The same with other limits. */
  public BrokerSettings withLimits(Limits changed) {
    return new BrokerSettings(
        cluster, name, region, topics, changed, timings, transactions, security);
  }

  /** The same with other timings. */
  public BrokerSettings withTimings(Timings changed) {
    return new BrokerSettings(
        cluster, name, region, topics, limits, changed, transactions, security);
  }

  /** The same with another check-back policy. */
  public BrokerSettings withChecks(CheckPolicy changed) {
    return withTransactions(transactions.withChecks(changed));
  }

  /** The same with other rules for transactions. */
  public BrokerSettings withTransactions(TransactionRules changed) {
    return new BrokerSettings(cluster, name, region, topics, limits, timings, changed, security);
  }

  /** The same with other rules for who may do what. */
  public BrokerSettings withSecurity(SecuritySettings changed) {
    return new BrokerSettings(
        cluster, name, region, topics, limits, timings, transactions, changed);
  }

  /**
   * How topics and groups come to be, and how often a message is tried.
   *
   * @param autoCreate true if a send to an unknown topic creates it and a heartbeat of an unknown
   *     group creates that
   * @param queues queues of the auto-create template; an auto-created topic has the lesser of this
   *     and what the producer wants
   * @param maxReconsumeTimes attempts after the first before a message goes to the dead letters,
   *     unless the client says otherwise
   * @param delayLevels the delays of the levels 1, 2, ...
   * @param checkMessageType true if a topic with the attribute {@code message.type} refuses
   *     messages of other kinds
   */
  public record Topics(
      boolean autoCreate,
      int queues,
      int maxReconsumeTimes,
      List<Duration> delayLevels,
      boolean checkMessageType) {

    /** Auto-creation with 8 queues, 16 attempts, RocketMQ's 18 delay levels. */
    public static final Topics DEFAULT =
        new Topics(true, 8, 16, DelayLevels.parse(DelayLevels.DEFAULT_TEXT), true);

    public Topics {
      delayLevels = List.copyOf(delayLevels);
      requirePositive("queues", queues);
      requirePositive("maxReconsumeTimes", maxReconsumeTimes);
    }

    /** The same with or without auto-creation. */
    public Topics withAutoCreate(boolean changed) {
      return new Topics(changed, queues, maxReconsumeTimes, delayLevels, checkMessageType);
    }

    /** The same with or without a check of the kinds of messages. */
    public Topics withCheckMessageType(boolean changed) {
      return new Topics(autoCreate, queues, maxReconsumeTimes, delayLevels, changed);
    }
  }

  /** Bounds on popping: those on pulls, and what pulls have no word for. */
  PopLimits popLimits() {
    return new PopLimits(
        Math.min(MAX_POPPED, limits.maxPullMessages()),
        limits.maxPullBytes(),
        limits.maxWaitingPulls(),
        timings.maxSuspend().toMillis(),
        MAX_INVISIBLE.toMillis(),
        MAX_IN_FLIGHT,
        timings.offsetFlush().toMillis());
  }

  /**
   * Bounds on sizes and numbers.
   *
   * @param maxMessageBytes largest body
   * @param maxInFlightBytes messages accepted and not yet stored; beyond it sends are refused
   * @param maxPullMessages most messages in one pull answer, whatever the client wishes
   * @param pullBytes size of a pull answer for clients that do not say
   * @param maxPullBytes largest pull answer, whatever the client wishes; one larger message is
   *     still given alone
   * @param maxWaitingPulls pulls that may wait for messages at once
   * @param maxQueuesPerTopic most read or write queues
   * @param maxDelay longest delivery delay
   */
  public record Limits(
      int maxMessageBytes,
      long maxInFlightBytes,
      int maxPullMessages,
      int pullBytes,
      int maxPullBytes,
      int maxWaitingPulls,
      int maxQueuesPerTopic,
      Duration maxDelay) {

    private static final int KIB = 1024;
    private static final int MIB = KIB * KIB;

    /** Generous for one server with a heap of a gigabyte. */
    public static final Limits DEFAULT =
        new Limits(
            4 * MIB, 128L * MIB, 1024, 256 * KIB, 4 * MIB, 100_000, 4096, Duration.ofDays(365));

    public Limits {
      requirePositive("maxMessageBytes", maxMessageBytes);
      requirePositive("maxInFlightBytes", maxInFlightBytes);
      requirePositive("maxPullMessages", maxPullMessages);
      requirePositive("pullBytes", pullBytes);
      requirePositive("maxPullBytes", maxPullBytes);
      requirePositive("maxWaitingPulls", maxWaitingPulls);
      requirePositive("maxQueuesPerTopic", maxQueuesPerTopic);
    }

    /** The same with another bound on bytes in flight. */
    public Limits withMaxInFlightBytes(long changed) {
      return new Limits(
          maxMessageBytes,
          changed,
          maxPullMessages,
          pullBytes,
          maxPullBytes,
          maxWaitingPulls,
          maxQueuesPerTopic,
          maxDelay);
    }

    /** The same with another bound on waiting pulls. */
    public Limits withMaxWaitingPulls(int changed) {
      return new Limits(
          maxMessageBytes,
          maxInFlightBytes,
          maxPullMessages,
          pullBytes,
          maxPullBytes,
          changed,
          maxQueuesPerTopic,
          maxDelay);
    }
  }

  /**
   * How often and how long.
   *
   * @param memberTimeout a client that was silent for so long has left
   * @param memberScan how often silent clients are looked for
   * @param lockLease how long a queue lock lasts without renewal
   * @param maxSuspend longest waiting time of a pull
   * @param offsetFlush how long a committed offset may stay in memory before it is written
   * @param retention how often the store is asked to forget what is old
   */
  public record Timings(
      Duration memberTimeout,
      Duration memberScan,
      Duration lockLease,
      Duration maxSuspend,
      Duration offsetFlush,
      Duration retention) {

    /** RocketMQ's times where clients know them. */
    public static final Timings DEFAULT =
        new Timings(
            Duration.ofSeconds(120),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMillis(100),
            Duration.ofMinutes(1));
  }

  private static void requirePositive(String what, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " must be at least 1: " + value);
    }
  }
}
