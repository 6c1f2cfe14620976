package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest.StatsData;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Flow;
import io.escrowmq.spi.protocol.Flow.Kind;
import io.escrowmq.spi.protocol.Flow.Volume;
import io.escrowmq.spi.protocol.Flow.Window;
import java.util.Optional;

/**
 * How much went through topics and to groups, under the names that RocketMQ's tools use: {@code
 * TOPIC_PUT_NUMS} and {@code TOPIC_PUT_SIZE} by topic, {@code GROUP_GET_NUMS}, {@code
 * GROUP_GET_SIZE} and {@code SNDBCK_PUT_NUMS} by {@code topic@group}.
 */
final class FlowTools {
  private final BrokerServices services;

  FlowTools(BrokerServices services) {
    this.services = services;
  }

  /** Answer to request 315. */
  Answer answer(StatsData ask) {
    Optional<Volume> found =
        switch (ask.name()) {
          case "TOPIC_PUT_NUMS", "TOPIC_PUT_SIZE" -> volume(Kind.SENT, ask.key());
          case "GROUP_GET_NUMS", "GROUP_GET_SIZE" -> volume(Kind.PULLED, ask.key());
          case "SNDBCK_PUT_NUMS" -> volume(Kind.GIVEN_BACK, ask.key());
          default -> Optional.empty();
        };
    if (found.isEmpty()) {
      return Answer.refusal(
          ResponseCodes.SYSTEM_ERROR,
          "The stats <"
              + ask.name()
              + "> <"
              + ask.key()
              + "> not exist: nothing of this kind happened in the last day");
    }
    boolean bytes = ask.name().endsWith("_SIZE");
    JsonWriter json = new JsonWriter(256).startObject();
    write(json, "statsDay", found.get().day(), bytes);
    write(json, "statsHour", found.get().hour(), bytes);
    write(json, "statsMinute", found.get().minute(), bytes);
    return Answer.success(json.endObject().toBytes());
  }

  private Optional<Volume> volume(Kind kind, String key) {
    // A group's name has no @.
    int at = kind == Kind.SENT ? -1 : key.lastIndexOf('@');
    String topic = at < 0 ? key : key.substring(0, at);
    return flow().of(kind, topic, at < 0 ? "" : key.substring(at + 1));
  }

  private static void write(JsonWriter json, String name, Window window, boolean bytes) {
    double each = window.messages() == 0 ? 0 : (double) window.bytes() / window.messages();
    json.name(name)
        .startObject()
        .name("avgpt")
        .decimal(bytes ? each : window.messages() == 0 ? 0 : 1)
        .member("sum", bytes ? window.bytes() : window.messages())
        .name("tps")
        .decimal(bytes ? window.bytesPerSecond() : window.messagesPerSecond())
        .endObject();
  }

  /** Messages per second in the last minute; 0 for none. */
  static double perSecond(BrokerServices services, Kind kind, String topic, String group) {
    return services
        .operations()
        .flow()
        .of(kind, topic, group)
        .map(volume -> volume.minute().messagesPerSecond())
        .orElse(0.0);
  }

  private Flow flow() {
    return services.operations().flow();
  }
}
