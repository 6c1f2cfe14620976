package io.escrowmq.broker;

import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopLease;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.QueueStride;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/** A member of a group that pops from one topic. */
final class PopFixture {

  private final BrokerFixture fixture;
  private final String group;
  private final String topic;
  final FakeConnection connection = new FakeConnection("popper");
  private boolean ordered;
  private String attemptId = "";
  private String expressionType = Subscription.TAG;
  private String expression = Subscription.ALL;
  private boolean fromEnd;
  private int queue = PopRequest.ANY_QUEUE;
  private QueueStride stride = QueueStride.ALL;

  PopFixture(BrokerFixture fixture, String group, String topic) {
    this.fixture = fixture;
    this.group = group;
    this.topic = topic;
  }

  /** A message as it was handed out. */
  record Got(Delivery delivery, String body, int reconsumeTimes) {}

  PopFixture ordered(String attempt) {
    ordered = true;
    attemptId = attempt;
    return this;
  }

  PopFixture wanting(String type, String text) {
    expressionType = type;
    expression = text;
    return this;
  }

  PopFixture fromEnd() {
    fromEnd = true;
    return this;
  }

  PopFixture queue(int only) {
    queue = only;
    return this;
  }

  PopFixture every(int step, int first) {
    stride = new QueueStride(first, step);
    return this;
  }

  PopServices door() {
    return fixture.broker.consuming().popping();
  }

  PopRequest request(int max, long invisibleMs, long waitMs) {
    return new PopRequest(
        connection,
        group,
        topic,
        queue,
        stride,
        max,
        invisibleMs,
        waitMs,
        fromEnd,
        Optional.of(new Subscription(topic, expressionType, expression, 0)),
        ordered,
        attemptId);
  }

  List<Got> pop(int max, long invisibleMs) {
    return got(BrokerFixture.get(door().pop(request(max, invisibleMs, 0))));
  }

  CompletionStage<List<Got>> wait(int max, long invisibleMs, long waitMs) {
    return door().pop(request(max, invisibleMs, waitMs)).thenApply(PopFixture::got);
  }

  static List<Got> got(PopAnswer answer) {
    try (answer) {
      List<Got> got = new ArrayList<>();
      PopLease lease = answer.lease();
      for (Message message : answer.messages()) {
        got.add(
            new Got(
                new Delivery(
                    message.queueId(),
                    message.queueOffset(),
                    lease.popTimeMs(),
                    lease.generation()),
                SampleMessages.textOf(message),
                message.reconsumeTimes()));
      }
      return got;
    }
  }

  static List<String> bodies(List<Got> got) {
    return got.stream().map(Got::body).toList();
  }

  Delivery.Outcome ack(Got got) {
    return BrokerFixture.get(door().ack(group, List.of(got.delivery()))).getFirst();
  }

  void ackAll(List<Got> got) {
    List<Delivery.Outcome> outcomes =
        BrokerFixture.get(door().ack(group, got.stream().map(Got::delivery).toList()));
    if (!outcomes.stream().allMatch(Delivery.Outcome.DONE::equals)) {
      throw new AssertionError("not all were acknowledged: " + outcomes);
    }
  }

  PopServices.Changed change(Got got, long invisibleMs) {
    return BrokerFixture.get(door().changeInvisible(group, got.delivery(), invisibleMs));
  }

  /** The group's offset in the only queue, -1 for none; as tools see it. */
  long committed() {
    return fixture.broker.offsets().committed(group, new QueueId(topic, 0), false).orElse(-1);
  }

  List<Message> deadLetters() {
    return fixture.messages("%DLQ%" + group, 0);
  }
}
