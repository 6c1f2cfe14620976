package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.GroupProgress;
import io.escrowmq.spi.protocol.ReadRules;
import io.escrowmq.spi.storage.QueueId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Groups with those of their members that came in by this name's listener. */
record NamedDirectory(GroupDirectory all, Share share, ResetRelay resets)
    implements GroupDirectory {

  @Override
  public List<GroupConfig> list() {
    return all.list();
  }

  @Override
  public Optional<GroupConfig> find(String consumerGroup) {
    return all.find(consumerGroup);
  }

  @Override
  public void createOrUpdate(GroupConfig group) {
    all.createOrUpdate(group);
  }

  @Override
  public void delete(String consumerGroup, boolean withOffsets) {
    all.delete(consumerGroup, withOffsets);
  }

  @Override
  public List<Consumer> consumers(String consumerGroup) {
    return all.consumers(consumerGroup).stream()
        .flatMap(member ->
            mine(member.connection()).stream()
                .map(own -> new Consumer(own, member.clientId(), member.membership())))
        .toList();
  }

  @Override
  public Map<String, List<Producer>> producers() {
    Map<String, List<Producer>> here = new TreeMap<>();
    all.producers()
        .forEach((group, members) -> {
          List<Producer> mine =
              members.stream()
                  .flatMap(member ->
                      mine(member.connection()).stream()
                          .map(own -> new Producer(own, member.clientId())))
                  .toList();
          if (!mine.isEmpty()) {
            here.put(group, mine);
          }
        });
    return here;
  }

  @Override
  public GroupProgress progress() {
    return new NamedProgress(all.progress(), share, resets);
  }

  @Override
  public ReadRules readRules() {
    return all.readRules();
  }

  /** In this name's share of the queues. */
  private record NamedProgress(GroupProgress whole, Share share, ResetRelay resets)
      implements GroupProgress {

    @Override
    public Map<QueueId, Long> of(String consumerGroup) {
      return share.shown(whole.of(consumerGroup));
    }

    @Override
    public Map<String, Map<QueueId, Long>> all() {
      return share.shownByName(whole.all());
    }

    @Override
    public void announce(String consumerGroup, String topic, Map<QueueId, Long> offsets) {
      resets.add(share.index(), consumerGroup, topic, offsets);
    }
  }

  /** The protocol's own connection, if it is one of this name. */
  private Optional<ClientConnection> mine(ClientConnection connection) {
    return connection instanceof NamedConnection named && named.share().equals(share)
        ? Optional.of(named.connection())
        : Optional.empty();
  }
}
