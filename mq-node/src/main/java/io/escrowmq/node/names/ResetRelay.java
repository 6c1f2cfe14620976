package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.storage.QueueId;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;

/**
 * Tells each member once that its group was moved, whatever the number of broker names. Tools move
 * a group under one name after the other, and a client takes ten seconds for each message about it
 * and lets the next one wait on a thread that its answers need: with as many such messages as it
 * has processors it stands still. (Seen in the push client 5.5.0, {@code
 * MQClientInstance.resetOffset}.) So what the names say is gathered until all of them spoke, or for
 * a moment. Thread-safe.
 */
final class ResetRelay {

  private record Key(String consumerGroup, String topic) {}

  /** What was said since the last message about it, by the index of the name. */
  private static final class Round {
    private final Map<Integer, Map<QueueId, Long>> parts = new TreeMap<>();
  }

  private final BrokerServices broker;
  private final List<String> names;
  private final Executor momentLater;
  private final Map<Key, Round> waiting = new HashMap<>();

  /**
   * A relay for all names of a broker.
   *
   * @param momentLater runs what it is given after the time in which a tool asks every name
   */
  ResetRelay(BrokerServices broker, List<String> names, Executor momentLater) {
    this.broker = broker;
    this.names = List.copyOf(names);
    this.momentLater = momentLater;
  }

  /**
   * The group was moved in queues of one name.
   *
   * @param index of the name
   * @param offsets of queues with the numbers that they have under that name
   */
  void add(int index, String consumerGroup, String topic, Map<QueueId, Long> offsets) {
    Key key = new Key(consumerGroup, topic);
    Round round;
    boolean first;
    boolean complete;
    synchronized (waiting) {
      round = waiting.computeIfAbsent(key, _ -> new Round());
      first = round.parts.isEmpty();
      round.parts.computeIfAbsent(index, _ -> new HashMap<>()).putAll(offsets);
      complete = round.parts.size() == names.size();
      if (complete) {
        waiting.remove(key);
      }
    }
    if (complete) {
      tell(key, round.parts);
    } else if (first) {
      momentLater.execute(() -> timeOver(key, round));
    }
  }

  private void timeOver(Key key, Round round) {
    synchronized (waiting) {
      if (waiting.get(key) != round) {
        return;
      }
      waiting.remove(key);
    }
    tell(key, round.parts);
  }

  private void tell(Key key, Map<Integer, Map<QueueId, Long>> parts) {
    Map<String, NamedConnection> clients = new LinkedHashMap<>();
    for (GroupDirectory.Consumer member :
        broker.operations().groups().consumers(key.consumerGroup())) {
      if (member.connection() instanceof NamedConnection named && named.isOpen()) {
        clients.putIfAbsent(member.clientId(), named);
      }
    }
    for (NamedConnection client : clients.values()) {
      int own = client.share().index();
      Map<String, Map<QueueId, Long>> elsewhere = new TreeMap<>();
      parts.forEach((index, offsets) -> {
        if (index != own) {
          elsewhere.put(names.get(index), offsets);
        }
      });
      // One that is deaf now closes, and reads its offset again when it comes back.
      boolean _ =
          client
              .connection()
              .push(
                  new ServerPush.OffsetsReset(
                      key.topic(),
                      key.consumerGroup(),
                      parts.getOrDefault(own, Map.of()),
                      elsewhere));
    }
  }
}
