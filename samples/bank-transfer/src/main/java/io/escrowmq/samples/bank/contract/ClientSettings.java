package io.escrowmq.samples.bank.contract;

import java.time.Duration;
import org.apache.rocketmq.client.ClientConfig;

/**
 * How one instance of a service connects.
 *
 * @param nameServer {@code host:port} of the name server
 * @param topic where transfers are sent
 * @param group producer group or consumer group: all instances of one service share it
 * @param instance name of this instance, unique within the group
 */
public record ClientSettings(String nameServer, String topic, String group, String instance) {
  // A client learns of a restarted server by its next heartbeat. The default of 30 s is fine in
  // production and long in a demo.
  private static final Duration HEARTBEAT = Duration.ofSeconds(2);

  /** Applies these settings to a producer or consumer that has not been started. */
  public void applyTo(ClientConfig client) {
    client.setNamesrvAddr(nameServer);
    client.setInstanceName(instance);
    client.setHeartbeatBrokerInterval((int) HEARTBEAT.toMillis());
    client.setPollNameServerInterval((int) HEARTBEAT.toMillis());
  }
}
