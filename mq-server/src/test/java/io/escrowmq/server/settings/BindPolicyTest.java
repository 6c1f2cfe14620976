package io.escrowmq.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.escrowmq.node.NodeStartException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

final class BindPolicyTest {

  @Test
  void loopbackNeedsNothing() {
    assertThat(BindPolicy.check(settings(Map.of()), "127.0.0.1", false)).isEmpty();
    assertThat(BindPolicy.check(settings(Map.of("escrowmq.bind-address", "::1")), "::1", false))
        .isEmpty();
  }

  @Test
  void anotherAddressIsRefusedWithTheRemedy() {
    EscrowSettings open = settings(Map.of("escrowmq.bind-address", "192.0.2.1"));
    assertThatThrownBy(() -> BindPolicy.check(open, "192.0.2.1", false))
        .isInstanceOfSatisfying(
            NodeStartException.class,
            e -> {
              assertThat(e.where()).isEqualTo("escrowmq.bind-address=192.0.2.1");
              assertThat(e.remedy()).contains("escrowmq.allow-insecure-bind=true");
            });
  }

  @Test
  void theRestApiAloneIsRefusedToo() {
    assertThatThrownBy(() -> BindPolicy.check(settings(Map.of()), "0.0.0.0", false))
        .hasMessageContaining("server.address=0.0.0.0");
  }

  @Test
  void theOverrideWarns() {
    EscrowSettings open =
        settings(
            Map.of("escrowmq.bind-address", "192.0.2.1", "escrowmq.allow-insecure-bind", "true"));
    assertThat(BindPolicy.check(open, "192.0.2.1", false).orElseThrow()).startsWith("INSECURE");
  }

  @Test
  void usersAndTlsTogetherAreEnough() {
    Map<String, String> values = new HashMap<>();
    values.put("escrowmq.bind-address", "192.0.2.1");
    values.put("escrowmq.security.enabled", "true");
    values.put("escrowmq.remoting.tls", "enforced");
    assertThat(BindPolicy.check(settings(values), "127.0.0.1", false)).isEmpty();
    assertThat(BindPolicy.check(settings(values), "192.0.2.1", true)).isEmpty();
    refused(values, "192.0.2.1", "the REST API has no TLS");
    values.put("escrowmq.remoting.tls", "permissive");
    refused(values, "127.0.0.1", "clients may connect without TLS");
    values.put("escrowmq.remoting.tls", "enforced");
    values.put("escrowmq.security.enabled", "false");
    refused(values, "127.0.0.1", "clients are not asked who they are");
  }

  private static void refused(Map<String, String> values, String httpAddress, String why) {
    assertThatThrownBy(() -> BindPolicy.check(settings(values), httpAddress, false))
        .isInstanceOfSatisfying(NodeStartException.class, e -> assertThat(e.why()).contains(why));
  }

  @Test
  void aWildcardCannotBeAdvertised() {
    EscrowSettings open =
        settings(
            Map.of("escrowmq.bind-address", "0.0.0.0", "escrowmq.allow-insecure-bind", "true"));
    assertThatThrownBy(() -> BindPolicy.check(open, "0.0.0.0", false))
        .isInstanceOfSatisfying(
            NodeStartException.class,
            e -> assertThat(e.remedy()).contains("escrowmq.advertised-address"));
  }

  @Test
  void topicsAreCreatedBySendingOnLoopbackOnly() {
    assertThat(NodeSettingsFactory.from(settings(Map.of())).broker().topics().autoCreate())
        .isTrue();
    assertThat(
            NodeSettingsFactory.from(settings(Map.of("escrowmq.bind-address", "192.0.2.1")))
                .broker()
                .topics()
                .autoCreate())
        .isFalse();
  }

  private static EscrowSettings settings(Map<String, String> values) {
    return new Binder(new MapConfigurationPropertySource(values))
        .bindOrCreate("escrowmq", EscrowSettings.class);
  }
}
