package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.request.RemotingRequest.QueueRef;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** The JSON bodies the server answers with, as official clients read them. */
public final class ResponseBodies {
  private ResponseBodies() {}

  /**
   * Where the queues of a topic are (answer to request 105).
   *
   * @param cluster cluster name
   * @param brokerName broker name, as clients put it into their queue keys
   * @param address {@code host:port} that clients reach
   * @param readQueues queues consumers see
   * @param writeQueues queues producers see
   * @param permission bits 2 write, 4 read
   * @param ordered whether the topic keeps the order of all its queues fixed
   */
  public record RouteData(
      String cluster,
      String brokerName,
      String address,
      int readQueues,
      int writeQueues,
      int permission,
      boolean ordered) {}

  /**
   * Writes route data; old clients want the broker number as a bare key.
   *
   * @param routes one per broker, at least one
   */
  public static byte[] route(List<RouteData> routes, boolean quotedKeys) {
    JsonWriter json = new JsonWriter(256 + 256 * routes.size()).startObject();
    json.name("brokerDatas").startArray();
    for (RouteData route : routes) {
      json.startObject().name("brokerAddrs").startObject();
      json.numericName(0, quotedKeys).text(route.address()).endObject();
      json.member("brokerName", route.brokerName())
          .member("cluster", route.cluster())
          .member("enableActingMaster", false)
          .endObject();
    }
    json.endArray().name("filterServerTable").startObject().endObject();
    if (routes.stream().anyMatch(RouteData::ordered)) {
      json.member(
          "orderTopicConf",
          routes.stream()
              .map(route -> route.brokerName() + ":" + route.writeQueues())
              .collect(Collectors.joining(";")));
    }
    json.name("queueDatas").startArray();
    for (RouteData route : routes) {
      if (route.readQueues() == 0 && route.writeQueues() == 0) {
        continue; // a broker that tools ask about the topic without there being a queue
      }
      json.startObject()
          .member("brokerName", route.brokerName())
          .member("perm", route.permission())
          .member("readQueueNums", route.readQueues())
          .member("topicSysFlag", 0)
          .member("writeQueueNums", route.writeQueues())
          .endObject();
    }
    return json.endArray().endObject().toBytes();
  }

  /** The members of a consumer group (answer to request 38). */
  public static byte[] consumerList(Collection<String> clientIds) {
    JsonWriter json = new JsonWriter(64 + 48 * clientIds.size()).startObject();
    json.name("consumerIdList").startArray();
    clientIds.forEach(json::text);
    return json.endArray().endObject().toBytes();
  }

  /** The queues a client holds after a lock request (answer to request 41). */
  public static byte[] lockedQueues(List<QueueRef> queues) {
    JsonWriter json = new JsonWriter(64 + 80 * queues.size()).startObject();
    json.name("lockOKMQSet").startArray();
    for (QueueRef queue : queues) {
      queueRef(json, queue);
    }
    return json.endArray().endObject().toBytes();
  }

  /**
   * Writes a queue as clients write theirs; also the shape of a map key in the object-keyed maps of
   * this protocol: follow with {@link JsonWriter#endKey()} to make it one.
   */
  public static JsonWriter queueRef(JsonWriter json, QueueRef queue) {
    return json.startObject()
        .member("brokerName", queue.brokerName())
        .member("queueId", queue.queue())
        .member("topic", queue.topic())
        .endObject();
  }
}
