package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopLease;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.RequestModes;
import io.escrowmq.spi.storage.Message;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Answers what it was told to, and remembers what it was asked. */
final class FakePopping implements PopServices, RequestModes {

  static final PopLease LEASE = new PopLease(1_700_000_000_000L, 60_000, 77);

  final List<PopRequest> pops = new ArrayList<>();
  final List<Delivery> named = new ArrayList<>();
  final Map<String, Mode> modes = new TreeMap<>();
  List<Message> next = List.of();
  PopAnswer.Status empty = PopAnswer.Status.NOTHING_NEW;
  Delivery.Outcome outcome = Delivery.Outcome.DONE;
  long changedTo;

  @Override
  public synchronized CompletionStage<PopAnswer> pop(PopRequest request) {
    pops.add(request);
    List<Message> given = next;
    next = List.of();
    PopAnswer.Status status = given.isEmpty() ? empty : PopAnswer.Status.FOUND;
    return CompletableFuture.completedFuture(new PopAnswer(status, given, LEASE, 5, List.of()));
  }

  @Override
  public synchronized CompletionStage<List<Delivery.Outcome>> ack(
      String consumerGroup, List<Delivery> deliveries) {
    named.addAll(deliveries);
    return CompletableFuture.completedFuture(deliveries.stream().map(_ -> outcome).toList());
  }

  @Override
  public synchronized CompletionStage<Changed> changeInvisible(
      String consumerGroup, Delivery delivery, long invisibleMs) {
    named.add(delivery);
    changedTo = invisibleMs;
    return CompletableFuture.completedFuture(new Changed(outcome, LEASE));
  }

  @Override
  public synchronized CompletionStage<Boolean> hasMessages(PopRequest request) {
    pops.add(request);
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public CompletionStage<PopAnswer> peek(PopRequest request) {
    return pop(request);
  }

  @Override
  public int waiting(String consumerGroup, String topic, int queue) {
    return 3;
  }

  @Override
  public RequestModes modes() {
    return this;
  }

  @Override
  public Optional<Mode> find(String consumerGroup, String topic) {
    return Optional.ofNullable(modes.get(topic + "@" + consumerGroup));
  }

  @Override
  public List<Mode> all() {
    return List.copyOf(modes.values());
  }

  @Override
  public void set(Mode mode) {
    modes.put(mode.topic() + "@" + mode.consumerGroup(), mode);
  }
}
