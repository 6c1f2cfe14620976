package io.escrowmq.spi.protocol;

import java.util.List;

/** Clients and their groups. Blocking. */
public interface GroupServices {

  /**
   * Registers or renews a client on its connection, creates groups and retry topics as needed, and
   * tells the other members if membership or subscriptions changed.
   *
   * @return true if a subscription of a group changed
   */
  boolean heartbeat(ClientConnection connection, Heartbeat heartbeat);

  /**
   * A client leaves groups.
   *
   * @param producerGroup empty text for none
   * @param consumerGroup empty text for none
   */
  void unregister(
      ClientConnection connection, String clientId, String producerGroup, String consumerGroup);

  /** The connection is gone: everything registered on it leaves. Never fails. */
  void connectionClosed(ClientConnection connection);

  /** Ids of the group's live consumers, sorted. Empty if nobody is online. */
  List<String> members(String consumerGroup);

  /**
   * Compiles a filter expression.
   *
   * @throws BrokerException with {@link ErrorCode#FILTER_INVALID} saying where it is wrong
   */
  void checkSubscription(String consumerGroup, Subscription subscription);
}
