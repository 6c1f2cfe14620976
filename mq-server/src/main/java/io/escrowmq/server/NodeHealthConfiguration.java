package io.escrowmq.server;

import io.escrowmq.node.NodeHealth;
import io.escrowmq.node.RunningServer;
import java.util.Locale;
import java.util.Optional;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@code /actuator/health}: UP only while a message sent now would be accepted. */
@Configuration(proxyBeanMethods = false)
class NodeHealthConfiguration {

  /** The store: writable or not, why, and what to do. */
  @Bean
  HealthIndicator storageHealthIndicator(NodeLifecycle lifecycle) {
    return () -> health(lifecycle, NodeHealthConfiguration::storage);
  }

  /** The listeners, and the node as a whole. */
  @Bean
  HealthIndicator nodeHealthIndicator(NodeLifecycle lifecycle) {
    return () -> health(lifecycle, NodeHealthConfiguration::node);
  }

  private interface View {
    Health of(RunningServer node);
  }

  private static Health health(NodeLifecycle lifecycle, View view) {
    Optional<RunningServer> node = lifecycle.node();
    return node.isPresent()
        ? view.of(node.get())
        : Health.down()
            .withDetail("reason", lifecycle.absence())
            .withDetail("remedy", "Wait until it is ready, or start it.")
            .build();
  }

  private static Health storage(RunningServer node) {
    NodeHealth health = node.health();
    Health.Builder builder = health.storage().writable() ? Health.up() : Health.down();
    builder.withDetail("state", health.storage().state().name().toLowerCase(Locale.ROOT));
    builder.withDetail(
        "survives",
        node.survives().stream()
            .sorted()
            .map(mishap -> mishap.name().toLowerCase(Locale.ROOT))
            .toList());
    return explain(builder, health.storage().reason(), health.storage().remedy());
  }

  private static Health node(RunningServer node) {
    NodeHealth health = node.health();
    Health.Builder builder = health.canSend() ? Health.up() : Health.down();
    builder.withDetail("protocols", health.protocols());
    return explain(builder, health.reason(), health.remedy());
  }

  private static Health explain(Health.Builder builder, String reason, String remedy) {
    if (!reason.isEmpty()) {
      builder.withDetail("reason", reason).withDetail("remedy", remedy);
    }
    return builder.build();
  }
}
