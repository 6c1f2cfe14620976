package io.escrowmq.server.rest;

import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageIndex;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Visible messages by key, by unique id, or by the address in an offset message id. */
@RestController
@RequestMapping("/api/v1/messages")
final class MessageController {

  private static final int MAX_LIMIT = 500;

  /** Address (4 or 16 bytes), port (4 bytes) and position (8 bytes) in hexadecimal digits. */
  private static final Pattern OFFSET_MESSAGE_ID =
      Pattern.compile("[0-9A-Fa-f]{32}|[0-9A-Fa-f]{56}");

  private static final int POSITION_DIGITS = 16;

  private final Doors doors;

  MessageController(Doors doors) {
    this.doors = doors;
  }

  /**
   * An answer.
   *
   * @param complete false if there is more than the limit: go on with {@code nextCursor}
   */
  record Messages(List<MessageView> messages, boolean complete, @Nullable String nextCursor) {}

  /**
   * What to look for.
   *
   * @param id unique id or offset message id
   * @param from first store time, milliseconds since the epoch
   * @param to last store time, milliseconds since the epoch
   */
  record Question(
      @Nullable String topic,
      @Nullable String key,
      @Nullable String id,
      @Nullable Long from,
      @Nullable Long to,
      @Nullable Integer limit,
      @Nullable String cursor) {}

  @GetMapping
  Messages find(Question question) {
    if ((question.key() == null) == (question.id() == null)) {
      throw invalid("Exactly one of 'key' and 'id' is needed");
    }
    if (question.id() != null) {
      Optional<Message> message = byId(question.id(), question.topic());
      return new Messages(
          List.of(
              MessageView.of(
                  message.orElseThrow(() -> Missing.message("the id " + question.id())))),
          true,
          null);
    }
    return byKey(question);
  }

  private Messages byKey(Question question) {
    String topic = question.topic();
    if (topic == null) {
      throw invalid("A search by key needs 'topic'");
    }
    MessageIndex.Answer answer =
        door()
            .offsets()
            .find(
                query(
                    topic,
                    MessageIndex.Field.KEY,
                    question.key() == null ? "" : question.key(),
                    question));
    String next =
        answer
            .continuation()
            .map(bytes -> Base64.getUrlEncoder().encodeToString(bytes.toArray()))
            .orElse(null);
    return new Messages(
        answer.messages().stream().map(MessageView::of).toList(), next == null, next);
  }

  private Optional<Message> byId(String id, @Nullable String topic) {
    OptionalLong position = position(id);
    if (position.isPresent()) {
      Optional<Message> found = door().offsets().at(position.getAsLong());
      if (found.filter(message -> topic == null || message.topic().equals(topic)).isPresent()) {
        return found;
      }
    }
    if (topic == null) {
      if (position.isPresent()) {
        return Optional.empty();
      }
      throw invalid("A search by unique id needs 'topic'");
    }
    MessageIndex.Query query =
        query(
            topic,
            MessageIndex.Field.UNIQUE_ID,
            id,
            new Question(topic, null, id, null, null, 1, null));
    return door().offsets().find(query).messages().stream().findFirst();
  }

  private static MessageIndex.Query query(
      String topic, MessageIndex.Field field, String value, Question question) {
    int limit = question.limit() == null ? 32 : question.limit();
    if (limit < 1 || limit > MAX_LIMIT) {
      throw invalid("'limit' is 1 to " + MAX_LIMIT + ", not " + limit);
    }
    return new MessageIndex.Query(
        topic,
        field,
        value,
        question.from() == null ? 0 : question.from(),
        question.to() == null ? Long.MAX_VALUE : question.to(),
        limit,
        Optional.ofNullable(question.cursor()).map(MessageController::cursor));
  }

  private static Bytes cursor(String text) {
    try {
      return Bytes.wrap(Base64.getUrlDecoder().decode(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (IllegalArgumentException e) {
      throw invalid("'cursor' is not one that this API gave");
    }
  }

  /** The position in an offset message id (Apache RocketMQ's message id of the broker's making). */
  private static OptionalLong position(String id) {
    return OFFSET_MESSAGE_ID.matcher(id).matches()
        ? OptionalLong.of(Long.parseUnsignedLong(id.substring(id.length() - POSITION_DIGITS), 16))
        : OptionalLong.empty();
  }

  private static ApiException invalid(String text) {
    return new ApiException(
        HttpStatus.BAD_REQUEST,
        "INVALID_PARAMETER",
        text,
        "Use ?topic=T&key=K, ?topic=T&id=UNIQUE_ID or ?id=OFFSET_MESSAGE_ID.");
  }

  private BrokerServices door() {
    return doors.current();
  }
}
