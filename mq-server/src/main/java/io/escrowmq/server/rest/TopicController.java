package io.escrowmq.server.rest;

import io.escrowmq.server.settings.EscrowSettings;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.storage.QueueBounds;
import io.escrowmq.spi.storage.QueueId;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Topics. */
@RestController
@RequestMapping("/api/v1/topics")
final class TopicController {

  private final Doors doors;
  private final int defaultQueues;

  TopicController(Doors doors, EscrowSettings settings) {
    this.doors = doors;
    this.defaultQueues = settings.topics().defaultQueues();
  }

  /** A topic without its queues. */
  record TopicView(
      String name,
      int readQueues,
      int writeQueues,
      boolean readable,
      boolean writable,
      boolean ordered,
      Map<String, String> attributes) {

    static TopicView of(TopicConfig topic) {
      return new TopicView(
          topic.name(),
          topic.readQueues(),
          topic.writeQueues(),
          topic.readable(),
          topic.writable(),
          topic.ordered(),
          topic.attributes());
    }
  }

  /** A queue: offsets {@code minOffset} (inclusive) to {@code maxOffset} (exclusive). */
  record QueueView(int queue, long minOffset, long maxOffset, long messages) {}

  /** A topic with its queues. */
  record TopicDetails(TopicView topic, long messages, List<QueueView> queues) {}

  /** What a caller wants of a topic; what is absent keeps its value or gets the default. */
  record TopicWish(
      @Nullable String name,
      @Nullable Integer queues,
      @Nullable Integer readQueues,
      @Nullable Integer writeQueues,
      @Nullable Boolean readable,
      @Nullable Boolean writable,
      @Nullable Boolean ordered,
      @Nullable Map<String, String> attributes) {}

  /** A list of topics. */
  record Topics(List<TopicView> topics) {}

  @GetMapping
  Topics list() {
    return new Topics(door().topics().list().stream().map(TopicView::of).toList());
  }

  @GetMapping("/{name}")
  TopicDetails describe(@PathVariable String name) {
    TopicConfig topic = existing(name);
    List<QueueView> queues = new ArrayList<>();
    long messages = 0;
    for (int queue = 0; queue < Math.max(topic.readQueues(), topic.writeQueues()); queue++) {
      QueueBounds bounds = door().offsets().bounds(new QueueId(name, queue));
      queues.add(new QueueView(queue, bounds.min(), bounds.max(), bounds.size()));
      messages += bounds.size();
    }
    return new TopicDetails(TopicView.of(topic), messages, queues);
  }

  @PostMapping
  ResponseEntity<TopicView> create(@RequestBody TopicWish wish) {
    String name = wish.name();
    if (name == null || name.isBlank()) {
      throw new ApiException(
          HttpStatus.BAD_REQUEST,
          "INVALID_PARAMETER",
          "The request names no topic",
          "Send a JSON object with 'name', for example {\"name\":\"orders\",\"queues\":4}.");
    }
    if (find(name).isPresent()) {
      throw new ApiException(
          HttpStatus.CONFLICT,
          "TOPIC_EXISTS",
          "Topic " + name + " exists already",
          "Change it with PUT /api/v1/topics/" + name + ".");
    }
    TopicConfig created = merged(TopicConfig.of(name, defaultQueues), wish);
    door().topics().createOrUpdate(created);
    return ResponseEntity.created(URI.create("/api/v1/topics/" + name)).body(TopicView.of(created));
  }

  @PutMapping("/{name}")
  ResponseEntity<TopicView> put(@PathVariable String name, @RequestBody TopicWish wish) {
    Optional<TopicConfig> before = find(name);
    TopicConfig wanted = merged(before.orElse(TopicConfig.of(name, defaultQueues)), wish);
    door().topics().createOrUpdate(wanted);
    return ResponseEntity.status(before.isPresent() ? HttpStatus.OK : HttpStatus.CREATED)
        .body(TopicView.of(wanted));
  }

  @DeleteMapping("/{name}")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void delete(@PathVariable String name) {
    existing(name);
    door().topics().delete(name);
  }

  private static TopicConfig merged(TopicConfig before, TopicWish wish) {
    boolean readable = either(wish.readable(), before.readable());
    boolean writable = either(wish.writable(), before.writable());
    int permission =
        (before.permission() & TopicConfig.INHERIT)
            | (readable ? TopicConfig.READ : 0)
            | (writable ? TopicConfig.WRITE : 0);
    return new TopicConfig(
        before.name(),
        either(wish.readQueues(), either(wish.queues(), before.readQueues())),
        either(wish.writeQueues(), either(wish.queues(), before.writeQueues())),
        permission,
        before.systemFlag(),
        either(wish.ordered(), before.ordered()),
        either(wish.attributes(), before.attributes()));
  }

  private static <T> T either(@Nullable T wanted, T otherwise) {
    return wanted == null ? otherwise : wanted;
  }

  private TopicConfig existing(String name) {
    return find(name).orElseThrow(() -> Missing.topic(name));
  }

  private Optional<TopicConfig> find(String name) {
    return door().topics().list().stream().filter(topic -> topic.name().equals(name)).findFirst();
  }

  private BrokerServices door() {
    return doors.current();
  }
}
