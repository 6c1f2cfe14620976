package io.escrowmq.node.names;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TopicServices;
import java.util.List;
import java.util.Optional;

/**
 * Topics with one name's share of their queues.
 *
 * @param names all of them, each a routable topic
 */
record NamedTopics(BrokerServices broker, Share share, List<String> names)
    implements TopicServices {

  @Override
  public Optional<TopicConfig> route(String topic) {
    Optional<TopicConfig> found = broker.topics().route(topic);
    if (found.isEmpty() && names.contains(topic)) {
      return Optional.of(TopicConfig.of(topic, share.of(1)));
    }
    return found.map(share::shown);
  }

  /** A topic has as many queues under each name: tools ask every broker for the same. */
  @Override
  public void createOrUpdate(TopicConfig topic) {
    Optional<TopicConfig> now = broker.topics().route(topic.name());
    broker
        .topics()
        .createOrUpdate(
            Share.withQueues(
                topic,
                share.total(topic.readQueues(), now.map(TopicConfig::readQueues).orElse(0)),
                share.total(topic.writeQueues(), now.map(TopicConfig::writeQueues).orElse(0))));
  }

  @Override
  public List<TopicConfig> list() {
    return broker.topics().list().stream().map(share::shown).toList();
  }

  @Override
  public void delete(String topic) {
    broker.topics().delete(topic);
  }
}
