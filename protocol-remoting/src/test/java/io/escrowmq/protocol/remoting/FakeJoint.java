package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.JointServices;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes what it is asked about transactions and gives the answers that it was told. */
final class FakeJoint implements JointServices {

  static final String ID = "0123456789abcdef0123456789abcdef";

  final List<Object> asked = new CopyOnWriteArrayList<>();
  final List<Ended> endings = new ArrayList<>();

  @Override
  public CompletionStage<Opened> open(OpenRequest request) {
    asked.add(request);
    return CompletableFuture.completedFuture(new Opened(ID, false));
  }

  @Override
  public CompletionStage<Added> add(AddRequest request) {
    asked.add(request);
    return CompletableFuture.completedFuture(new Added(3, true));
  }

  @Override
  public CompletionStage<Ended> end(EndRequest request) {
    asked.add(request);
    return CompletableFuture.completedFuture(endings.removeFirst());
  }

  @Override
  public CompletionStage<View> view(String transactionId, String producerGroup) {
    asked.add(transactionId);
    return CompletableFuture.completedFuture(
        new View("OPEN", List.of(new Held(2, "orders", 1, 77))));
  }
}
