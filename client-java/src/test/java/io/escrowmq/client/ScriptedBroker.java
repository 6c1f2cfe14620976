package io.escrowmq.client;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.jspecify.annotations.Nullable;

/** Brokers that write down what they are asked, and answer or fail as the test wants. */
final class ScriptedBroker implements Requests {

  static final String ID = "0123456789abcdef0123456789abcdef";

  private final Map<String, List<MessageQueue>> topics = new HashMap<>();
  private final Map<Integer, EscrowException.Kind> failures = new HashMap<>();
  final List<Call> calls = new ArrayList<>();

  /** A request. */
  record Call(String broker, String topic, int code, Map<String, String> fields) {
    String field(String name) {
      return fields.getOrDefault(name, "");
    }
  }

  /** Gives a topic queues on a broker. */
  ScriptedBroker topic(String topic, String broker, int queues) {
    List<MessageQueue> all = topics.computeIfAbsent(topic, name -> new ArrayList<>());
    IntStream.range(0, queues).forEach(i -> all.add(new MessageQueue(topic, broker, i)));
    return this;
  }

  /** From now on requests with the code fail. */
  void fail(int code, EscrowException.Kind kind) {
    failures.put(code, kind);
  }

  /** From now on everything succeeds. */
  void recover() {
    failures.clear();
  }

  List<Call> of(int code) {
    return calls.stream().filter(call -> call.code() == code).toList();
  }

  @Override
  public List<MessageQueue> queues(String topic) {
    return topics.getOrDefault(topic, List.of());
  }

  @Override
  public RemotingCommand call(
      String broker, String topic, int code, Map<String, String> fields, byte @Nullable [] body)
      throws EscrowException {
    calls.add(new Call(broker, topic, code, Map.copyOf(fields)));
    EscrowException.Kind failure = failures.get(code);
    if (failure != null) {
      throw new EscrowException(failure, "scripted");
    }
    RemotingCommand answer = RemotingCommand.createRequestCommand(code, null);
    answer.addExtField("transactionId", ID);
    return answer;
  }
}
