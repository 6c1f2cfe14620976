package io.escrowmq.broker;

import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import java.util.List;
import java.util.Optional;

/**
 * The topics of a broker that runs elsewhere, as its rows in the shared store say. Blocking,
 * stateless.
 *
 * @param settings of that broker
 * @param tables its rows
 */
public record StoredTopics(BrokerSettings settings, Tables tables) {

  /** What that broker would say to {@link io.escrowmq.spi.protocol.TopicServices#route}. */
  public Optional<TopicConfig> route(String topic) {
    Optional<TableRow> row = tables.get(TopicCodec.TABLE, TopicCodec.key(topic));
    return row.isPresent()
        ? row.map(TopicCodec::decode)
        : new RouteNames(settings, this::knowsGroup).route(topic);
  }

  /** Every topic that has a configuration, in name order. */
  public List<TopicConfig> list() {
    return TableScan.all(tables, TopicCodec.TABLE).stream().map(TopicCodec::decode).toList();
  }

  private boolean knowsGroup(String group) {
    return tables.get(GroupTable.TABLE, Bytes.utf8(group)).isPresent();
  }
}
