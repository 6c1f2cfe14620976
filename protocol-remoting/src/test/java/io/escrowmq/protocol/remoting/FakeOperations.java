package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.GroupProgress;
import io.escrowmq.spi.protocol.NamedValues;
import io.escrowmq.spi.protocol.Operations;
import io.escrowmq.spi.protocol.ReadRules;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The operators' side of {@link FakeBroker}: maps that tests fill and look into. */
final class FakeOperations
    implements Operations, GroupDirectory, GroupProgress, ReadRules, NamedValues {

  final Map<String, GroupConfig> configs = new TreeMap<>();
  final Map<String, List<Consumer>> consumers = new TreeMap<>();
  final Map<String, List<Producer>> producers = new TreeMap<>();
  final Map<String, Map<QueueId, Long>> offsets = new TreeMap<>();
  final Map<String, Flow.Volume> volumes = new TreeMap<>();
  private final Map<String, Set<String>> forbidden = new TreeMap<>();
  final List<String> deleted = new ArrayList<>();
  private final Map<String, Map<String, String>> values = new TreeMap<>();

  @Override
  public GroupDirectory groups() {
    return this;
  }

  @Override
  public NamedValues values() {
    return this;
  }

  @Override
  public Map<String, Long> statistics() {
    return Map.of("sent-messages-total", 40L, "sent-bytes-total", 4000L);
  }

  @Override
  public Map<String, Rate> rates() {
    return Map.of("sent-messages-total", new Rate(1.5, 2.25, 3));
  }

  @Override
  public TransactionDesk transactionDesk() {
    throw new UnsupportedOperationException("no protocol has use for it yet");
  }

  @Override
  public Flow flow() {
    return (kind, topic, group) -> Optional.ofNullable(volumes.get(kind + " " + topic + group));
  }

  @Override
  public long startedAtMs() {
    return 1_700_000_000_000L;
  }

  @Override
  public List<GroupConfig> list() {
    return List.copyOf(configs.values());
  }

  @Override
  public Optional<GroupConfig> find(String consumerGroup) {
    return Optional.ofNullable(configs.get(consumerGroup));
  }

  @Override
  public void createOrUpdate(GroupConfig group) {
    configs.put(group.name(), group);
  }

  @Override
  public void delete(String consumerGroup, boolean withOffsets) {
    configs.remove(consumerGroup);
    deleted.add(consumerGroup + " " + withOffsets);
  }

  @Override
  public List<Consumer> consumers(String consumerGroup) {
    return consumers.getOrDefault(consumerGroup, List.of());
  }

  @Override
  public Map<String, List<Producer>> producers() {
    return producers;
  }

  @Override
  public GroupProgress progress() {
    return this;
  }

  @Override
  public ReadRules readRules() {
    return this;
  }

  @Override
  public Map<QueueId, Long> of(String consumerGroup) {
    return offsets.getOrDefault(consumerGroup, Map.of());
  }

  @Override
  public Map<String, Map<QueueId, Long>> all() {
    return offsets;
  }

  @Override
  public void announce(String consumerGroup, String topic, Map<QueueId, Long> moved) {
    ServerPush push = new ServerPush.OffsetsReset(topic, consumerGroup, moved, Map.of());
    consumers(consumerGroup).forEach(member -> member.connection().push(push));
  }

  @Override
  public Set<String> forbidden(String consumerGroup) {
    return forbidden.getOrDefault(consumerGroup, Set.of());
  }

  @Override
  public void forbid(String consumerGroup, String topic, boolean isForbidden) {
    Set<String> topics = forbidden.computeIfAbsent(consumerGroup, _ -> new TreeSet<>());
    boolean _ = isForbidden ? topics.add(topic) : topics.remove(topic);
  }

  @Override
  public Optional<String> find(String namespace, String key) {
    return Optional.ofNullable(all(namespace).get(key));
  }

  @Override
  public Map<String, String> all(String namespace) {
    return values.getOrDefault(namespace, Map.of());
  }

  @Override
  public void put(String namespace, String key, String value) {
    values.computeIfAbsent(namespace, _ -> new TreeMap<>()).put(key, value);
  }

  @Override
  public void remove(String namespace, String key) {
    values.getOrDefault(namespace, new TreeMap<>()).remove(key);
  }
}
