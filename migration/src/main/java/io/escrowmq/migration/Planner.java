package io.escrowmq.migration;

import io.escrowmq.migration.MigrationPlan.Queue;
import io.escrowmq.migration.SourceNames.Kind;
import io.escrowmq.migration.SourceSnapshot.OfBroker;
import io.escrowmq.migration.SourceSnapshot.Position;
import io.escrowmq.spi.protocol.GroupConfig;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Decides what a run does, from what the source says and what earlier runs did. Asks nobody itself.
 * One use; not thread-safe.
 */
final class Planner {

  private static final int READABLE = TopicConfig.READ;

  private final SourceSnapshot source;
  private final SourceNames names;
  private final Choice choice;
  private final Map<SourceQueue, QueueProgress> known = new HashMap<>();
  private final Map<SourceQueue, QueueId> targets = new HashMap<>();

  /** By topic and group. */
  private final Map<String, Map<String, Map<SourceQueue, Long>>> committed = new HashMap<>();

  private final List<String> notes = new ArrayList<>();
  private final List<String> obstacles = new ArrayList<>();

  /** What the operator wants. */
  record Choice(Selection topics, Selection groups, Scope scope) {}

  /** A topic with its queues at the source, before anybody asked what is in them. */
  record Candidate(TopicConfig config, Kind kind, List<Candidate.Place> places) {

    /** A queue here and there. */
    record Place(QueueId target, SourceQueue source, SourceBroker broker) {}
  }

  Planner(SourceSnapshot source, Choice choice, Iterable<QueueProgress> earlier) {
    this.source = source;
    this.names = new SourceNames(source);
    this.choice = choice;
    earlier.forEach(progress -> known.put(progress.source(), progress));
    source.brokers().forEach(this::index);
  }

  /** The topics to copy; their bounds have to be asked for. */
  List<Candidate> candidates() {
    TreeSet<String> all = new TreeSet<>();
    source.brokers().forEach(broker -> all.addAll(broker.topics().keySet()));
    List<Candidate> candidates = new ArrayList<>();
    for (String topic : all) {
      Kind kind = names.kind(topic);
      boolean chosen =
          switch (kind) {
            case Kind.Internal _ -> false;
            case Kind.Plain _ -> choice.topics().contains(topic);
            case Kind.OfGroup of -> choice.groups().contains(of.group());
            case Kind.Unclear _ -> {
              notes.add(
                  "topic "
                      + topic
                      + " is left out: it belongs to no group here (retries of consumers that take"
                      + " by POP, or of a group that was deleted). Let such consumers empty it"
                      + " before you switch over.");
              yield false;
            }
          };
      if (chosen) {
        candidates.add(candidate(topic, kind));
      }
    }
    return candidates;
  }

  /** Queues of the first broker come first, then those of the next: the order clients know. */
  private Candidate candidate(String topic, Kind kind) {
    List<OfBroker> having =
        source.brokers().stream().filter(it -> it.topics().containsKey(topic)).toList();
    Map<Integer, Candidate.Place> places = new TreeMap<>();
    List<Candidate.Place> added = new ArrayList<>();
    for (OfBroker broker : having) {
      TopicConfig config = config(broker, topic);
      for (int number = 0; number < queues(config); number++) {
        SourceQueue queue = new SourceQueue(broker.broker().name(), topic, number);
        QueueProgress progress = known.get(queue);
        if (progress == null) {
          added.add(new Candidate.Place(new QueueId(topic, 0), queue, broker.broker()));
        } else {
          places.put(
              progress.target().queue(),
              new Candidate.Place(progress.target(), queue, broker.broker()));
        }
      }
    }
    for (Candidate.Place place : added) {
      int number = nextFree(topic, places);
      places.put(
          number, new Candidate.Place(new QueueId(topic, number), place.source(), place.broker()));
    }
    places.values().forEach(place -> targets.put(place.source(), place.target()));
    int last = places.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
    return new Candidate(merged(topic, having, last + 1), kind, List.copyOf(places.values()));
  }

  private int nextFree(String topic, Map<Integer, Candidate.Place> places) {
    int free = places.keySet().stream().mapToInt(Integer::intValue).max().orElse(-1);
    for (QueueProgress progress : known.values()) {
      if (progress.target().topic().equals(topic)) {
        free = Math.max(free, progress.target().queue());
      }
    }
    return free + 1;
  }

  private TopicConfig merged(String topic, List<OfBroker> having, int queues) {
    TopicConfig first = config(having.getFirst(), topic);
    int read = first.readQueues();
    int write = first.writeQueues();
    for (OfBroker broker : having.subList(1, having.size())) {
      TopicConfig other = config(broker, topic);
      read = queues;
      write = queues;
      boolean same =
          other.permission() == first.permission()
              && other.ordered() == first.ordered()
              && other.attributes().equals(first.attributes());
      if (!same) {
        notes.add(
            "topic "
                + topic
                + " is not configured alike on all brokers; it will be as on "
                + having.getFirst().broker().name());
      }
    }
    if (queues(first) < queues && having.size() == 1) {
      // An earlier run saw more queues; what is in them stays readable.
      read = queues;
    }
    return new TopicConfig(
        topic,
        read,
        write,
        first.permission(),
        first.systemFlag(),
        first.ordered(),
        first.attributes());
  }

  private static TopicConfig config(OfBroker broker, String topic) {
    TopicConfig config = broker.topics().get(topic);
    if (config == null) {
      throw new IllegalStateException(broker.broker() + " does not have " + topic);
    }
    return config;
  }

  private static int queues(TopicConfig config) {
    return Math.max(config.readQueues(), config.writeQueues());
  }

  /**
   * The plan.
   *
   * @param bounds what the source has in a queue, asked for after the snapshot was taken
   */
  MigrationPlan plan(List<Candidate> candidates, Function<SourceQueue, QueueBounds> bounds) {
    List<MigrationPlan.Topic> topics = new ArrayList<>();
    for (Candidate candidate : candidates) {
      List<Queue> queues = new ArrayList<>();
      for (Candidate.Place place : candidate.places()) {
        queues.add(queue(candidate, place, bounds.apply(place.source())));
      }
      MigrationPlan.Topic topic = new MigrationPlan.Topic(candidate.config(), queues);
      check(topic);
      topics.add(topic);
    }
    List<GroupConfig> groups = groups(topics);
    List<MigrationPlan.Offset> offsets = offsets(groups);
    noteUnconsumed(topics);
    noteWaiting();
    return new MigrationPlan(topics, groups, offsets, notes, obstacles);
  }

  private Queue queue(Candidate candidate, Candidate.Place place, QueueBounds bounds) {
    QueueProgress progress = known.get(place.source());
    long from;
    if (progress == null) {
      from = Math.clamp(first(candidate, place.source(), bounds), bounds.min(), bounds.max());
    } else {
      from = progress.next();
      if (from < bounds.min() || from > bounds.max()) {
        obstacles.add(
            "queue "
                + place.source()
                + " has offsets "
                + bounds.min()
                + " to "
                + bounds.max()
                + " now, and was copied up to "
                + from
                + (from < bounds.min()
                    ? ": its retention removed messages in between. Migrate into a new store, and"
                        + " keep messages longer at the source (fileReservedTime) meanwhile."
                    : ": it was emptied or is another queue. Migrate into a new store."));
        from = bounds.max();
      }
    }
    return new Queue(place.target(), place.source(), place.broker(), from, bounds.max());
  }

  private long first(Candidate candidate, SourceQueue queue, QueueBounds bounds) {
    boolean deadLetters = candidate.kind() instanceof Kind.OfGroup of && of.deadLetters();
    return switch (choice.scope()) {
      case ALL -> bounds.min();
      case NONE -> bounds.max();
      case UNCONSUMED -> deadLetters ? bounds.min() : lowestCommitted(queue).orElse(bounds.min());
    };
  }

  /** Empty if nobody has consumed from the topic, or somebody never from this queue. */
  private OptionalLong lowestCommitted(SourceQueue queue) {
    Map<String, Map<SourceQueue, Long>> groups = committed.getOrDefault(queue.topic(), Map.of());
    long lowest =
        groups.values().stream()
            .mapToLong(offsets -> offsets.getOrDefault(queue, -1L))
            .min()
            .orElse(-1);
    return lowest < 0 ? OptionalLong.empty() : OptionalLong.of(lowest);
  }

  private void index(OfBroker broker) {
    broker
        .offsets()
        .forEach((position, offset) -> {
          if (isChosenGroup(position.group())) {
            committed
                .computeIfAbsent(position.topic(), _ -> new HashMap<>())
                .computeIfAbsent(position.group(), _ -> new HashMap<>())
                .put(
                    new SourceQueue(broker.broker().name(), position.topic(), position.queue()),
                    offset);
          }
        });
  }

  private boolean isChosenGroup(String group) {
    return !SourceNames.isSystemGroup(group)
        && choice.groups().contains(group)
        && source.brokers().stream().anyMatch(broker -> broker.groups().containsKey(group));
  }

  private void check(MigrationPlan.Topic topic) {
    if (topic.messages() == 0) {
      return;
    }
    String name = topic.config().name();
    String leaveOut = " Or leave it out: --topics '!" + name + "' (of retries: --groups).";
    if ((topic.config().permission() & READABLE) == 0) {
      obstacles.add(
          "topic "
              + name
              + " has "
              + topic.messages()
              + " messages to copy and is not readable. Give it the permission 6 at the source"
              + " (mqadmin updateTopicPerm)."
              + leaveOut);
    }
    String queueType = topic.config().attributes().getOrDefault("queue.type", "SimpleCQ");
    String cleanup = topic.config().attributes().getOrDefault("cleanup.policy", "DELETE");
    if (!queueType.equals("SimpleCQ") || !cleanup.equals("DELETE")) {
      obstacles.add(
          "topic "
              + name
              + " has queue.type="
              + queueType
              + " and cleanup.policy="
              + cleanup
              + ", whose offsets have gaps and cannot be kept. Send its messages again by a program"
              + " of yours."
              + leaveOut);
    }
  }

  private List<GroupConfig> groups(List<MigrationPlan.Topic> topics) {
    Map<String, GroupConfig> groups = new TreeMap<>();
    for (OfBroker broker : source.brokers()) {
      broker
          .groups()
          .forEach((name, group) -> {
            if (!isChosenGroup(name)) {
              return;
            }
            GroupConfig before = groups.putIfAbsent(name, group);
            if (before != null && !before.equals(group)) {
              notes.add(
                  "group "
                      + name
                      + " is not configured alike on all brokers; the first one's counts");
            }
          });
    }
    Map<String, Integer> retryQueues = new HashMap<>();
    topics.forEach(topic -> retryQueues.put(topic.config().name(), topic.config().writeQueues()));
    return groups.values().stream()
        .map(group ->
            withRetryQueues(
                group,
                retryQueues.getOrDefault(SourceNames.RETRY + group.name(), group.retryQueues())))
        .toList();
  }

  private static GroupConfig withRetryQueues(GroupConfig group, int queues) {
    return new GroupConfig(
        group.name(),
        group.consumes(),
        group.broadcasts(),
        group.ordered(),
        group.notifies(),
        Math.max(1, queues),
        group.maxRetries(),
        group.attributes(),
        group.others(),
        group.retryPolicy());
  }

  private List<MigrationPlan.Offset> offsets(List<GroupConfig> groups) {
    List<MigrationPlan.Offset> offsets = new ArrayList<>();
    TreeSet<String> without = new TreeSet<>();
    groups.forEach(group -> without.add(group.name()));
    for (OfBroker broker : source.brokers()) {
      for (Map.Entry<Position, Long> entry : broker.offsets().entrySet()) {
        Position at = entry.getKey();
        QueueId target =
            targets.get(new SourceQueue(broker.broker().name(), at.topic(), at.queue()));
        if (isChosenGroup(at.group())) {
          without.remove(at.group());
          if (target != null && entry.getValue() >= 0) {
            offsets.add(new MigrationPlan.Offset(at.group(), target, entry.getValue()));
          }
        }
      }
    }
    if (!without.isEmpty()) {
      notes.add(
          "groups without committed offsets at the source, where a consumer begins as its own"
              + " setting says (ConsumeFromWhere), as at the source: "
              + String.join(", ", without));
    }
    return offsets;
  }

  private void noteUnconsumed(List<MigrationPlan.Topic> topics) {
    List<String> nobodys =
        topics.stream()
            .filter(topic -> choice.scope() == Scope.UNCONSUMED && topic.messages() > 0)
            .map(topic -> topic.config().name())
            .filter(topic -> !committed.containsKey(topic))
            .filter(topic -> names.kind(topic) instanceof Kind.Plain)
            .toList();
    if (!nobodys.isEmpty()) {
      notes.add(
          "no chosen group has committed an offset of these topics, so all their messages count as"
              + " unconsumed: "
              + String.join(", ", nobodys));
    }
  }

  private void noteWaiting() {
    SourceSnapshot.Waiting waiting = source.waiting();
    String stay = " Keep the old cluster running until they are delivered; a later run takes them.";
    if (waiting.delayed() + waiting.timed() > 0) {
      notes.add(
          "not copied: "
              + waiting.delayed()
              + " messages that wait for a delay level and "
              + waiting.timed()
              + " that wait for a time."
              + stay);
    }
    if (waiting.half() > 0) {
      notes.add(
          "not copied: up to "
              + waiting.half()
              + " half messages of transactions (decided ones count until the broker sweeps them"
              + " up). Leave their producers connected to the old cluster until they are decided; a"
              + " later run takes the committed ones.");
    }
    if (waiting.givenUp() > 0) {
      notes.add(
          "not copied: "
              + waiting.givenUp()
              + " half messages that the old cluster gave up asking about; they are in its topic"
              + " TRANS_CHECK_MAX_TIME_TOPIC. Decide about them there.");
    }
  }
}
