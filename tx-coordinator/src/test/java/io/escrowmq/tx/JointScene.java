package io.escrowmq.tx;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.MessageProperties;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Shorthand for joint transactions over a {@link Scene}. */
final class JointScene implements AutoCloseable {

  final Scene scene;

  JointScene(Scene scene) {
    this.scene = scene;
  }

  @Override
  public void close() {
    scene.close();
  }

  JointTransactions joint() {
    return scene.coordinator().joint();
  }

  JointOutcome.OfOpen open(String group, String key) {
    return Scene.await(joint().open(new JointOpening(group, key, "sender", Optional.empty())));
  }

  /** Opens one and gives its handle. */
  Handle opened(String key) {
    return ((JointOutcome.Opened) open(Scene.GROUP, key)).transaction();
  }

  JointOutcome.OfAdd add(Handle transaction, int sequence, QueueId queue, String body) {
    return Scene.await(joint().add(message(Scene.GROUP, transaction, sequence, queue, body, 0)));
  }

  JointOutcome.OfEnd commit(Handle transaction, Integer... named) {
    return end(transaction, Decision.COMMIT, Optional.of(new TreeSet<>(List.of(named))));
  }

  JointOutcome.OfEnd rollback(Handle transaction) {
    return end(transaction, Decision.ROLLBACK, Optional.empty());
  }

  JointOutcome.OfEnd end(
      Handle transaction, Decision decision, Optional<SortedSet<Integer>> named) {
    return Scene.await(
        joint()
            .end(
                new JointEnd(
                    transaction, Scene.GROUP, decision, named, Decider.producer("sender"))));
  }

  List<String> visible(QueueId queue) {
    return scene.visible(queue).stream().map(SampleMessages::textOf).toList();
  }

  static JointMessage message(
      String group,
      Handle transaction,
      int sequence,
      QueueId queue,
      String body,
      long deliverAtMs) {
    String properties =
        MessageProperties.format(
            Map.of(MessageProperties.UNIQUE_KEY, "k-" + body.replace(' ', '-')));
    Message message =
        SampleMessages.builder(queue, body)
            .preparedTransactionOffset(transaction.a())
            .propertiesText(properties)
            .build();
    return new JointMessage(
        transaction,
        group,
        sequence,
        queue,
        properties,
        ByteBuffer.wrap(body.getBytes(UTF_8)),
        deliverAtMs,
        message);
  }
}
