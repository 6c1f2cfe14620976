package io.escrowmq.spi.protocol;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Groups as operators see and manage them. Blocking, thread-safe. */
public interface GroupDirectory {

  /** All consumer groups, in name order. */
  List<GroupConfig> list();

  /** A consumer group, if it exists. */
  Optional<GroupConfig> find(String consumerGroup);

  /**
   * Creates or changes a consumer group, with its retry topic.
   *
   * @throws BrokerException with {@link ErrorCode#INVALID_PARAMETER} for an illegal name or number
   */
  void createOrUpdate(GroupConfig group);

  /**
   * Removes a consumer group with its retry and dead-letter topics. Nothing happens if there is
   * none. A client that still consumes in it creates it again where auto-creation is on.
   *
   * @param withOffsets also forget how far it was
   */
  void delete(String consumerGroup, boolean withOffsets);

  /** Live members of a consumer group, in no order. */
  List<Consumer> consumers(String consumerGroup);

  /** Live producers by group, in name order; groups without any are absent. */
  Map<String, List<Producer>> producers();

  /** How far the groups are. */
  GroupProgress progress();

  /** Which topics they may not read. */
  ReadRules readRules();

  /** A member of a consumer group. */
  record Consumer(ClientConnection connection, String clientId, Heartbeat.Consumer membership) {}

  /** A member of a producer group. */
  record Producer(ClientConnection connection, String clientId) {}
}
