package io.escrowmq.node.names;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.broker.Broker;
import io.escrowmq.broker.BrokerSettings;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.Delivery;
import io.escrowmq.spi.protocol.GroupDirectory;
import io.escrowmq.spi.protocol.Heartbeat;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.PopAnswer;
import io.escrowmq.spi.protocol.PopRequest;
import io.escrowmq.spi.protocol.PopServices;
import io.escrowmq.spi.protocol.PullAnswer;
import io.escrowmq.spi.protocol.PullRequest;
import io.escrowmq.spi.protocol.QueueStride;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.SendReceipt;
import io.escrowmq.spi.protocol.SendRequest;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.Subscription;
import io.escrowmq.spi.protocol.TopicConfig;
import io.escrowmq.spi.protocol.TransactionServices.Decision;
import io.escrowmq.spi.storage.Message;
import io.escrowmq.spi.storage.QueueId;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.TimeSource;
import io.escrowmq.spi.storage.testkit.InMemoryStorage;
import io.escrowmq.spi.storage.testkit.SampleMessages;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One broker behind three doors. */
final class NamedBrokerTest {
  private static final InetSocketAddress HOST =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 1);

  private final InMemoryStorage storage =
      InMemoryStorage.open(StorageSettings.defaults(Path.of("unused")), StorageContext.system());
  private final Broker broker = Broker.start(BrokerSettings.DEFAULT, storage, TimeSource.system());
  private final List<Runnable> moments = new ArrayList<>();
  private final List<NamedBroker> doors =
      NamedBroker.of(broker, List.of(broker.identity().name(), "b", "c"), moments::add);
  private final Routes routes = NamedBroker.routes(broker, doors);

  @BeforeEach
  void advertise() {
    broker.advertise(HOST);
  }

  @AfterEach
  void close() {
    broker.close();
    storage.close();
  }

  @Test
  void queuesAreDivided() {
    broker.topics().createOrUpdate(TopicConfig.of("t", 7));
    assertThat(routes.of("t"))
        .extracting(route -> route.broker().name() + " " + route.topic().readQueues())
        .containsExactly("escrowmq 3", "b 2", "c 2");
    assertThat(routes.of("b"))
        .extracting(route -> route.topic().readQueues())
        .containsExactly(1, 0, 0);
    assertThat(routes.of("nowhere")).isEmpty();
    for (int index = 0; index < 3; index++) {
      Share share = new Share(index, 3);
      for (int shown = 0; shown < share.of(7); shown++) {
        assertThat(share.inner(shown)).isLessThan(7);
        assertThat(share.shown(share.inner(shown))).isEqualTo(shown);
      }
    }
    Share last = new Share(2, 3);
    assertThat(last.inner(last.shown(4))).as("a queue of another name").isEqualTo(4);
  }

  @Test
  void everyNameHasAsManyQueuesAsWanted() {
    doors.get(1).topics().createOrUpdate(TopicConfig.of("t", 4));
    assertThat(broker.topics().route("t").orElseThrow().readQueues()).isEqualTo(12);
    doors.get(2).topics().createOrUpdate(TopicConfig.of("t", 4));
    assertThat(broker.topics().route("t").orElseThrow().readQueues()).isEqualTo(12);
    broker.topics().createOrUpdate(TopicConfig.of("odd", 4));
    for (NamedBroker door : doors) {
      door.topics().createOrUpdate(door.topics().route("odd").orElseThrow());
    }
    assertThat(broker.topics().route("odd").orElseThrow().readQueues())
        .as("the same again changes nothing")
        .isEqualTo(4);
  }

  @Test
  void messagesGoToAndComeFromTheNamesOwnQueue() {
    doors.getFirst().topics().createOrUpdate(TopicConfig.of("t", 2));
    for (int index = 0; index < 3; index++) {
      for (int queue = 0; queue < 2; queue++) {
        SendReceipt receipt = send(index, queue);
        assertThat(receipt.queue()).isEqualTo(queue);
        assertThat(receipt.queueOffset()).isZero();
        Message found = doors.get(index).offsets().at(receipt.positions().getFirst()).orElseThrow();
        assertThat(found.queue()).isEqualTo(queue);
        assertThat(storage.log().bounds(new QueueId("t", queue * 3 + index)).max()).isEqualTo(1);
      }
    }
    SendReceipt anywhere = send(1, -1);
    assertThat(anywhere.queue()).isBetween(0, 1);
    assertThat(anywhere.queueOffset()).as("in a queue of this name").isEqualTo(1);
    PullRequest request = pull(new Client(), "g", 1);
    try (PullAnswer answer = doors.get(2).consuming().pull(request).toCompletableFuture().join()) {
      assertThat(answer.messages()).extracting(Message::queue).containsExactly(1);
      assertThat(SampleMessages.textOf(answer.messages().getFirst())).isEqualTo("2 1");
    }
  }

  @Test
  void messagesOfOneTransactionGoToTheNamesOwnQueues() {
    doors.getFirst().topics().createOrUpdate(TopicConfig.of("t", 2));
    JointServices joint = doors.get(1).sending().joint();
    String id =
        joint
            .open(new JointServices.OpenRequest("p", "key", "c", Optional.empty()))
            .toCompletableFuture()
            .join()
            .transactionId();
    assertThat(added(joint, id, 0, 1)).isEqualTo(new JointServices.Added(1, false));
    JointServices.Added anywhere = added(joint, id, 1, -1);
    assertThat(anywhere.queue()).isBetween(0, 1);
    // The name's turn has moved on to its other queue; the message has not.
    assertThat(added(joint, id, 1, -1)).isEqualTo(new JointServices.Added(anywhere.queue(), true));

    assertThat(queues(joint, id)).containsExactly(1, anywhere.queue());
    assertThat(queues(doors.get(2).sending().joint(), id))
        .as("another name shows them as queues that it does not have")
        .allMatch(queue -> queue >= Share.FOREIGN);
    SortedSet<Integer> both = new TreeSet<>(Set.of(0, 1));
    JointServices.EndRequest end =
        new JointServices.EndRequest(id, "p", "c", Decision.COMMIT, Optional.of(both), false);
    assertThat(joint.end(end).toCompletableFuture().join())
        .isInstanceOf(JointServices.Ended.Decided.class);

    long first = storage.log().bounds(new QueueId("t", 1)).max();
    long second = storage.log().bounds(new QueueId("t", 4)).max();
    assertThat(first + second).as("in the two queues of the second name").isEqualTo(2);
    assertThat(second).isPositive();
  }

  private static JointServices.Added added(
      JointServices joint, String id, int sequence, int queue) {
    return joint
        .add(new JointServices.AddRequest(id, sequence, message(1, queue)))
        .toCompletableFuture()
        .join();
  }

  private static List<Integer> queues(JointServices joint, String id) {
    return joint.view(id, "p").toCompletableFuture().join().messages().stream()
        .map(JointServices.Held::queue)
        .toList();
  }

  @Test
  void offsetsLocksAndMembersAreTheNamesOwn() {
    doors.getFirst().topics().createOrUpdate(TopicConfig.of("t", 2));
    NamedBroker second = doors.get(1);
    QueueId queue = new QueueId("t", 1);
    send(1, 1);
    second.offsets().commit("g", queue, 1);
    assertThat(second.operations().groups().progress().of("g")).isEqualTo(Map.of(queue, 1L));
    assertThat(doors.get(2).operations().groups().progress().of("g")).isEmpty();
    assertThat(broker.operations().groups().progress().of("g"))
        .isEqualTo(Map.of(new QueueId("t", 4), 1L));
    assertThat(second.consuming().lock("g", "one", List.of(queue))).containsExactly(queue);
    assertThat(second.consuming().lock("g", "two", List.of(queue))).isEmpty();
    assertThat(doors.get(2).consuming().lock("g", "two", List.of(queue))).containsExactly(queue);

    Client here = new Client();
    Client there = new Client();
    second.groups().heartbeat(here, heartbeat("one"));
    doors.get(2).groups().heartbeat(there, heartbeat("one"));
    assertThat(second.groups().members("g")).containsExactly("one");
    assertThat(second.operations().groups().consumers("g"))
        .extracting(GroupDirectory.Consumer::connection)
        .containsExactly(here);
    second.groups().connectionClosed(here);
    assertThat(second.operations().groups().consumers("g")).isEmpty();
    assertThat(doors.get(2).operations().groups().consumers("g")).hasSize(1);
  }

  @Test
  void aMemberHearsOnceThatItsGroupWasMoved() {
    doors.getFirst().topics().createOrUpdate(TopicConfig.of("t", 2));
    Client here = new Client();
    Client there = new Client();
    Client other = new Client();
    doors.get(1).groups().heartbeat(here, heartbeat("one"));
    doors.get(2).groups().heartbeat(there, heartbeat("one"));
    doors.get(2).groups().heartbeat(other, heartbeat("two"));
    Map<QueueId, Long> first = Map.of(new QueueId("t", 0), 4L, new QueueId("t", 1), 5L);
    Map<QueueId, Long> third = Map.of(new QueueId("t", 1), 6L);
    announce(0, first);
    announce(2, third);
    assertThat(here.resets()).isEmpty();
    assertThat(moments).hasSize(1);
    moments.removeFirst().run();
    String name = broker.identity().name();
    assertThat(here.resets())
        .containsExactly(
            new ServerPush.OffsetsReset("t", "g", Map.of(), Map.of(name, first, "c", third)));
    assertThat(there.resets()).isEmpty();
    assertThat(other.resets())
        .containsExactly(new ServerPush.OffsetsReset("t", "g", third, Map.of(name, first)));
    for (int index = 0; index < 3; index++) {
      announce(index, first);
    }
    assertThat(other.resets()).as("all names have spoken").hasSize(2);
    moments.removeFirst().run();
    assertThat(other.resets()).hasSize(2);
    assertThat(here.resets()).hasSize(2);
  }

  private void announce(int index, Map<QueueId, Long> offsets) {
    doors.get(index).operations().groups().progress().announce("g", "t", offsets);
  }

  @Test
  void oneNameIsClosedToSenders() {
    doors.getFirst().topics().createOrUpdate(TopicConfig.of("t", 2));
    assertThat(routes.sending("b", false)).isPositive();
    assertThat(routes.of("t"))
        .extracting(route -> route.topic().writable())
        .containsExactly(true, false, true);
    assertThat(NamedBroker.routes(broker, doors).of("t"))
        .as("after a restart")
        .extracting(route -> route.topic().writable())
        .containsExactly(true, false, true);
    assertThat(routes.sending("b", true)).isPositive();
    assertThat(routes.sending("none", false)).isZero();
  }

  @Test
  void popsTakeFromTheNamesOwnQueues() {
    doors.getFirst().topics().createOrUpdate(TopicConfig.of("t", 2));
    for (int index = 0; index < 3; index++) {
      send(index, 0);
      send(index, 1);
    }
    PopServices second = doors.get(1).consuming().popping();
    assertThat(second.hasMessages(pop(1)).toCompletableFuture().join()).isTrue();
    List<Delivery> got = popped(second.pop(pop(PopRequest.ANY_QUEUE)), "1 0", "1 1");
    assertThat(second.hasMessages(pop(PopRequest.ANY_QUEUE)).toCompletableFuture().join())
        .isFalse();
    Delivery back = got.getFirst();
    assertThat(second.changeInvisible("g", back, 0).toCompletableFuture().join().outcome())
        .isEqualTo(Delivery.Outcome.DONE);
    List<Delivery> again =
        popped(second.pop(pop(back.queue().queue())), "1 " + back.queue().queue());
    assertThat(second.ack("g", List.of(again.getFirst(), got.get(1))).toCompletableFuture().join())
        .containsExactly(Delivery.Outcome.DONE, Delivery.Outcome.DONE);
    assertThat(doors.get(1).operations().groups().progress().of("g"))
        .isEqualTo(Map.of(new QueueId("t", 0), 1L, new QueueId("t", 1), 1L));
    popped(doors.get(2).consuming().popping().peek(pop(PopRequest.ANY_QUEUE)), "2 0", "2 1");
    popped(broker.consuming().popping().pop(pop(PopRequest.ANY_QUEUE)), "0 0", "0 1", "2 0", "2 1");
  }

  private static PopRequest pop(int queue) {
    return new PopRequest(
        new Client(),
        "g",
        "t",
        queue,
        QueueStride.ALL,
        32,
        60_000,
        0,
        false,
        Optional.empty(),
        false,
        "");
  }

  /** The messages in the order of their queues; each says of which name and queue it is. */
  private static List<Delivery> popped(CompletionStage<PopAnswer> stage, String... texts) {
    try (PopAnswer answer = stage.toCompletableFuture().join()) {
      assertThat(answer.messages())
          .extracting(SampleMessages::textOf)
          .containsExactlyInAnyOrder(texts);
      return answer.messages().stream()
          .sorted(Comparator.comparingInt(Message::queue))
          .map(message ->
              new Delivery(
                  message.queueId(),
                  message.queueOffset(),
                  answer.lease().popTimeMs(),
                  answer.lease().generation()))
          .toList();
    }
  }

  private SendReceipt send(int index, int queue) {
    return doors.get(index).sending().send(message(index, queue)).toCompletableFuture().join();
  }

  private static SendRequest message(int index, int queue) {
    byte[] body = (index + " " + queue).getBytes(UTF_8);
    return new SendRequest(
        "p",
        "",
        "t",
        "",
        4,
        queue,
        0,
        0,
        0,
        HOST,
        "",
        ByteBuffer.wrap(body),
        0,
        OptionalInt.empty());
  }

  private static PullRequest pull(Client client, String group, int queue) {
    return new PullRequest(
        client,
        "",
        group,
        new QueueId("t", queue),
        0,
        32,
        Integer.MAX_VALUE,
        OptionalLong.empty(),
        0,
        Optional.of(new Subscription("t", Subscription.TAG, "*", 0)),
        0);
  }

  private static Heartbeat heartbeat(String clientId) {
    return new Heartbeat(
        clientId,
        Set.of(),
        List.of(
            new Heartbeat.Consumer(
                "g",
                Heartbeat.ConsumeType.PASSIVELY,
                Heartbeat.MessageModel.CLUSTERING,
                Heartbeat.ConsumeFrom.FIRST_OFFSET,
                Set.of(new Subscription("t", Subscription.TAG, "*", 1)))));
  }

  /** Remembers what it is told. */
  private static final class Client implements ClientConnection {
    final List<ServerPush> pushes = new ArrayList<>();

    List<ServerPush> resets() {
      return pushes.stream().filter(ServerPush.OffsetsReset.class::isInstance).toList();
    }

    @Override
    public String id() {
      return "client";
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return HOST;
    }

    @Override
    public String clientDescription() {
      return "test";
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean push(ServerPush push) {
      return pushes.add(push);
    }
  }
}
