package io.escrowmq.protocol.remoting;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.escrowmq.protocol.remoting.request.AdminRequest;
import io.escrowmq.protocol.remoting.request.AdminRequest.AllValues;
import io.escrowmq.protocol.remoting.request.AdminRequest.ClusterInfo;
import io.escrowmq.protocol.remoting.request.AdminRequest.FindValue;
import io.escrowmq.protocol.remoting.request.AdminRequest.MemberGroup;
import io.escrowmq.protocol.remoting.request.AdminRequest.NameServerConfig;
import io.escrowmq.protocol.remoting.request.AdminRequest.NoTopicNames;
import io.escrowmq.protocol.remoting.request.AdminRequest.Nothing;
import io.escrowmq.protocol.remoting.request.AdminRequest.PutValue;
import io.escrowmq.protocol.remoting.request.AdminRequest.RemoveValue;
import io.escrowmq.protocol.remoting.request.AdminRequest.SystemTopicNames;
import io.escrowmq.protocol.remoting.request.AdminRequest.TopicNames;
import io.escrowmq.protocol.remoting.request.AdminRequest.WritePermission;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerIdentity;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.NamedValues;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.TopicConfig;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** What tools ask a name server: clusters, topic names, and values that they keep there. */
final class NameServerTools {
  /** RocketMQ's own; they are no topics here, but tools leave alone what is in this list. */
  private static final List<String> RESERVED =
      List.of(
          "TBW102",
          "SELF_TEST_TOPIC",
          "SCHEDULE_TOPIC_XXXX",
          "RMQ_SYS_TRANS_HALF_TOPIC",
          "RMQ_SYS_TRANS_OP_HALF_TOPIC",
          "TRANS_CHECK_MAX_TIME_TOPIC",
          "RMQ_SYS_TRACE_TOPIC",
          "OFFSET_MOVED_EVENT",
          "rmq_sys_wheel_timer");

  private final BrokerServices services;
  private final Routes routes;

  NameServerTools(BrokerServices services, Routes routes) {
    this.services = services;
    this.routes = routes;
  }

  Answer answer(AdminRequest.NameServer request) {
    return switch (request) {
      case ClusterInfo ask -> Answer.success(clusters(ask.quotedKeys()));
      case TopicNames ask -> topicNames(ask);
      case SystemTopicNames _ -> Answer.success(names(systemTopics()));
      case NoTopicNames _ -> Answer.success(names(List.of()));
      case PutValue put -> {
        values().put(put.namespace(), put.key(), put.value());
        yield Answer.success();
      }
      case FindValue find -> found(find);
      case RemoveValue remove -> {
        values().remove(remove.namespace(), remove.key());
        yield Answer.success();
      }
      case AllValues all -> all(all);
      case MemberGroup ask -> members(ask.broker());
      case WritePermission change -> writePermission(change);
      // Tools fail on an empty body.
      case NameServerConfig _ -> Answer.success("product=EscrowMQ\n".getBytes(UTF_8));
      case Nothing _ -> Answer.success();
    };
  }

  private Answer writePermission(WritePermission change) {
    int topics = routes.sending(change.broker(), change.allowed());
    return Answer.success(
        Map.of(change.allowed() ? "addTopicCount" : "wipeTopicCount", Integer.toString(topics)));
  }

  private byte[] clusters(boolean quotedKeys) {
    Map<String, TreeSet<String>> byCluster = new TreeMap<>();
    JsonWriter json = new JsonWriter(512).startObject().name("brokerAddrTable").startObject();
    for (BrokerIdentity broker : routes.brokers()) {
      byCluster.computeIfAbsent(broker.cluster(), _ -> new TreeSet<>()).add(broker.name());
      json.name(broker.name()).startObject().name("brokerAddrs").startObject();
      json.numericName(0, quotedKeys).text(TopicRequests.address(broker.address())).endObject();
      json.member("brokerName", broker.name())
          .member("cluster", broker.cluster())
          .member("enableActingMaster", false)
          .endObject();
    }
    json.endObject().name("clusterAddrTable").startObject();
    byCluster.forEach((cluster, brokers) -> {
      json.name(cluster).startArray();
      brokers.forEach(json::text);
      json.endArray();
    });
    return json.endObject().endObject().toBytes();
  }

  private Answer members(String name) {
    JsonWriter json = new JsonWriter(256).startObject();
    routes.brokers().stream()
        .filter(broker -> broker.name().equals(name))
        .findFirst()
        .ifPresent(broker -> {
          json.name("brokerMemberGroup").startObject().name("brokerAddrs").startObject();
          json.numericName(0, true).text(TopicRequests.address(broker.address())).endObject();
          json.member("brokerName", broker.name()).member("cluster", broker.cluster()).endObject();
        });
    return Answer.success(json.endObject().toBytes());
  }

  private Answer topicNames(TopicNames ask) {
    String cluster = ask.cluster();
    boolean known =
        cluster == null
            || routes.brokers().stream().anyMatch(broker -> broker.cluster().equals(cluster));
    return Answer.success(
        names(known ? routes.topics().stream().map(TopicConfig::name).toList() : List.of()));
  }

  private Collection<String> systemTopics() {
    TreeSet<String> names = new TreeSet<>(RESERVED);
    for (BrokerIdentity broker : routes.brokers()) {
      names.add(broker.cluster());
      names.add(broker.name());
      names.add(broker.cluster() + "_REPLY_TOPIC");
    }
    return names;
  }

  static byte[] names(Collection<String> topics) {
    JsonWriter json = new JsonWriter(64 + 32 * topics.size()).startObject();
    json.name("topicList").startArray();
    topics.forEach(json::text);
    return json.endArray().endObject().toBytes();
  }

  private Answer found(FindValue find) {
    Optional<String> value = values().find(find.namespace(), find.key());
    return value.isPresent()
        ? Answer.success(Map.of("value", value.get()))
        : absent("No config item, Namespace: " + find.namespace() + " Key: " + find.key());
  }

  private Answer all(AllValues all) {
    Map<String, String> values = values().all(all.namespace());
    return values.isEmpty()
        ? absent("No config item, Namespace: " + all.namespace())
        : Answer.success(table(values));
  }

  private static Answer absent(String what) {
    return Answer.refusal(ResponseCodes.QUERY_NOT_FOUND, what);
  }

  /** RocketMQ's table of texts. */
  static byte[] table(Map<String, String> values) {
    JsonWriter json = new JsonWriter(64 * (1 + values.size())).startObject();
    json.name("table").startObject();
    values.forEach((key, value) -> json.member(key, value));
    return json.endObject().endObject().toBytes();
  }

  private NamedValues values() {
    return services.operations().values();
  }
}
