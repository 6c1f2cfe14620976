package io.escrowmq.clienttests.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.clienttests.spring.Application.Heard;
import io.escrowmq.server.process.ServerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A server, and {@link Application} with its address and topics of its own. */
record RunningApplication(ServerProcess server, ConfigurableApplicationContext context, String run)
    implements AutoCloseable {
  private static final List<String> TOPICS =
      List.of("orders", "tagged", "filtered", "told", "ordered", "flaky", "asked", "pulled");

  static RunningApplication start() throws IOException {
    String run = UUID.randomUUID().toString().substring(0, 8);
    Path jar = Path.of(System.getProperty("escrowmq.server.jar", "")).toAbsolutePath().normalize();
    Path folder = Files.createDirectories(Path.of("target", "servers")).toAbsolutePath();
    ServerProcess server =
        ServerProcess.startQuickly(
            jar,
            Files.createTempDirectory(folder, "spring-").resolve("data"),
            List.of(
                "--escrowmq.transactions.check-first=2s",
                "--escrowmq.transactions.check-interval=3s"));
    Map<String, Object> properties = new HashMap<>();
    properties.put("spring.main.banner-mode", "off");
    properties.put("spring.main.register-shutdown-hook", "false");
    properties.put("rocketmq.name-server", server.nameServer());
    properties.put("rocketmq.producer.group", "producers-" + run);
    properties.put("rocketmq.producer.send-message-timeout", 20_000);
    properties.put("rocketmq.pull-consumer.group", "pull-" + run);
    properties.put("rocketmq.pull-consumer.topic", "pulled-" + run);
    // A consumer that does not find its topic looks for it again after 30 s.
    for (String name : TOPICS) {
      String topic = name + "-" + run;
      properties.put("test." + name, topic);
      assertThat(server.ask("POST", "/api/v1/topics", "{\"name\":\"" + topic + "\"}"))
          .contains(topic);
    }
    return new RunningApplication(
        server, new SpringApplicationBuilder(Application.class).properties(properties).run(), run);
  }

  RocketMQTemplate template() {
    return context.getBean(RocketMQTemplate.class);
  }

  String topic(String name) {
    return name + "-" + run;
  }

  List<Object> heard(String listener) {
    return context.getBean(Heard.class).of(listener);
  }

  @Override
  public void close() {
    // In the background: each of its clients waits three seconds for a thread of its own.
    Thread.ofVirtual().start(context::close);
    server.stop();
  }
}
