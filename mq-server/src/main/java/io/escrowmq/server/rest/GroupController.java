package io.escrowmq.server.rest;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.OffsetServices;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Consumer groups. A group is known by its retry topic, which the broker makes when the first
 * consumer of the group connects.
 */
@RestController
@RequestMapping("/api/v1/groups")
final class GroupController {

  private static final String RETRY_PREFIX = "%RETRY%";

  /** Queues looked at for one list; beyond it the list says no lag rather than a wrong one. */
  private static final int MAX_LOOKUPS = 20_000;

  private final Doors doors;

  GroupController(Doors doors) {
    this.doors = doors;
  }

  /**
   * A group and its live members.
   *
   * @param lag messages behind in all queues it has an offset for; absent if there are too many
   *     queues to look at
   */
  record GroupView(String name, List<String> members, @Nullable Long lag) {}

  /** A list of groups. */
  record Groups(List<GroupView> groups) {}

  /** Where the group is in a queue. */
  record QueueLag(String topic, int queue, long committed, long maxOffset, long lag) {}

  /** A group with its queues. */
  record GroupDetails(String name, List<String> members, long lag, List<QueueLag> queues) {}

  @GetMapping
  Groups list() {
    List<TopicConfig> topics = door().topics().list();
    List<String> names = names(topics);
    long queues = topics.stream().mapToLong(TopicConfig::readQueues).sum();
    boolean few = queues * names.size() <= MAX_LOOKUPS;
    return new Groups(
        names.stream()
            .map(name ->
                new GroupView(
                    name, door().groups().members(name), few ? total(lags(name, topics)) : null))
            .toList());
  }

  @GetMapping("/{name}")
  GroupDetails describe(@PathVariable String name) {
    List<TopicConfig> topics = door().topics().list();
    if (!names(topics).contains(name)) {
      throw Missing.group(name);
    }
    List<QueueLag> lags = lags(name, topics);
    return new GroupDetails(name, door().groups().members(name), total(lags), lags);
  }

  private static List<String> names(List<TopicConfig> topics) {
    return topics.stream()
        .map(TopicConfig::name)
        .filter(name -> name.startsWith(RETRY_PREFIX))
        .map(name -> name.substring(RETRY_PREFIX.length()))
        .toList();
  }

  private List<QueueLag> lags(String group, List<TopicConfig> topics) {
    OffsetServices offsets = door().offsets();
    List<QueueLag> lags = new ArrayList<>();
    for (TopicConfig topic : topics) {
      for (int number = 0; number < topic.readQueues(); number++) {
        QueueId queue = new QueueId(topic.name(), number);
        OptionalLong committed = offsets.committed(group, queue, false);
        if (committed.isPresent()) {
          QueueBounds bounds = offsets.bounds(queue);
          long lag = Math.max(0, bounds.max() - committed.getAsLong());
          lags.add(new QueueLag(topic.name(), number, committed.getAsLong(), bounds.max(), lag));
        }
      }
    }
    return lags;
  }

  private static long total(List<QueueLag> lags) {
    return lags.stream().mapToLong(QueueLag::lag).sum();
  }

  private BrokerServices door() {
    return doors.current();
  }
}
