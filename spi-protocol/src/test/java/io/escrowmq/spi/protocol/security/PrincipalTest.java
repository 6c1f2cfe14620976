package io.escrowmq.spi.protocol.security;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.security.PolicyEntry.Decision;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which entry decides, and what is said. */
final class PrincipalTest {
  private static final InetAddress HERE = InetAddress.ofLiteral("10.1.2.3");

  @Test
  void withoutAnEntryTheAnswerIsNoAndSaysWhatToDo() {
    assertThat(normal(List.of()).refusal(new Need(Resource.topic("orders"), Action.PUB), HERE))
        .get()
        .asString()
        .contains("app", "Pub", "Topic:orders", "10.1.2.3", "mqadmin createAcl");
  }

  @Test
  void aSuperUserMayEverything() {
    User admin = new User("root", new Secret("s"), User.Type.SUPER, User.Status.ENABLED);
    Acl denial = acl(List.of(entry("*", Action.ALL, Decision.DENY)));
    assertThat(
            new Principal(admin, denial)
                .refusal(new Need(Resource.cluster("c"), Action.UPDATE), HERE))
        .isEmpty();
  }

  @Test
  void theEntryAboutTheFewestResourcesDecides() {
    Principal app =
        normal(
            List.of(
                entry("*", Action.ALL, Decision.ALLOW),
                entry("Topic:*", Action.PUB, Decision.DENY),
                entry("Topic:a*", Action.PUB, Decision.ALLOW),
                entry("Topic:ab*", Action.PUB, Decision.DENY),
                entry("Topic:abc", Action.PUB, Decision.ALLOW)));
    assertThat(may(app, "x")).isFalse();
    assertThat(may(app, "ax")).isTrue();
    assertThat(may(app, "abx")).isFalse();
    assertThat(may(app, "abc")).isTrue();
    assertThat(app.refusal(new Need(Resource.topic("x"), Action.SUB), HERE)).isEmpty();
    assertThat(app.refusal(new Need(Resource.topic("x"), Action.PUB), HERE))
        .get()
        .asString()
        .contains("Topic:* denies");
  }

  @Test
  void betweenEqualsADenialDecidesInEitherOrder() {
    PolicyEntry yes = entry("Topic:a", Action.ALL, Decision.ALLOW);
    PolicyEntry no = entry("Topic:a", Action.PUB, Decision.DENY);
    assertThat(may(normal(List.of(yes, no)), "a")).isFalse();
    assertThat(may(normal(List.of(no, yes)), "a")).isFalse();
  }

  @Test
  void oneOfSeveralActionsIsEnough() {
    Principal app =
        normal(
            List.of(
                entry("Topic:a", Action.SUB, Decision.DENY),
                entry("Topic:*", Action.GET, Decision.ALLOW)));
    Need look = new Need(Resource.topic("a"), Set.of(Action.SUB, Action.GET));
    assertThat(app.refusal(look, HERE)).isEmpty();
    assertThat(app.refusal(new Need(Resource.topic("a"), Action.SUB), HERE)).isPresent();
  }

  @Test
  void defaultsCountOnlyWhereNoCustomEntryMatches() {
    User user = new User("app", new Secret("s"), User.Type.NORMAL, User.Status.ENABLED);
    Principal app =
        new Principal(
            user,
            new Acl(
                "app",
                List.of(entry("Topic:*", Action.PUB, Decision.DENY)),
                List.of(
                    entry("Topic:a", Action.PUB, Decision.ALLOW),
                    entry("Topic:a", Action.SUB, Decision.ALLOW))));
    assertThat(may(app, "a")).isFalse();
    assertThat(app.refusal(new Need(Resource.topic("a"), Action.SUB), HERE)).isEmpty();
  }

  @Test
  void addressesNarrowAnEntry() {
    PolicyEntry near =
        new PolicyEntry(
            ResourcePattern.parse("Topic:a").orElseThrow(),
            Set.of(Action.PUB),
            Stream.of("10.1.0.0/17", "fd00::/8", "192.0.2.7")
                .map(it -> AddressRange.parse(it).orElseThrow())
                .toList(),
            Decision.ALLOW);
    Principal app = normal(List.of(near));
    assertThat(may(app, "a", "10.1.127.255")).isTrue();
    assertThat(may(app, "a", "10.1.128.0")).isFalse();
    assertThat(may(app, "a", "192.0.2.7")).isTrue();
    assertThat(may(app, "a", "192.0.2.8")).isFalse();
    assertThat(may(app, "a", "fd12::1")).isTrue();
    assertThat(may(app, "a", "fe80::1")).isFalse();
  }

  @Test
  void whatIsNoRangeOrPatternIsNotTaken() {
    for (String bad :
        new String[] {"", "localhost", "10.0.0.0/33", "10.0.0/8", "10.0.0.1/x", "a:b/1"}) {
      assertThat(AddressRange.parse(bad)).as(bad).isEmpty();
    }
    for (String bad : new String[] {"", "Topic", "Topic:", "Queue:a", "Topic:*a", "Topic:a**"}) {
      assertThat(ResourcePattern.parse(bad)).as(bad).isEmpty();
    }
    for (String good : new String[] {"*", "Topic:*", "Group:a-*", "Cluster:c"}) {
      assertThat(ResourcePattern.parse(good).orElseThrow().text()).isEqualTo(good);
    }
    assertThat(ResourcePattern.parse("topic:%RETRY%x").orElseThrow().text())
        .isEqualTo("Topic:%RETRY%x");
  }

  @Test
  void aRetryTopicIsItsGroups() {
    assertThat(Resource.topic("%RETRY%g")).isEqualTo(Resource.group("g"));
    assertThat(Resource.topic("%RETRY%g+orders")).isEqualTo(Resource.group("g"));
    assertThat(Resource.topic("%RETRY%g_orders")).isEqualTo(Resource.group("g_orders"));
    assertThat(Resource.topic("%DLQ%g").type()).isEqualTo(ResourceType.TOPIC);
  }

  @Test
  void listsAreChangedByResource() {
    Acl one = acl(List.of(entry("Topic:a", Action.PUB, Decision.ALLOW)));
    Acl two =
        one.with(
            Acl.Policy.CUSTOM,
            List.of(
                entry("Topic:a", Action.SUB, Decision.DENY),
                entry("Topic:b", Action.SUB, Decision.ALLOW)));
    assertThat(two.custom()).hasSize(2);
    assertThat(two.custom().getFirst().actions()).containsExactly(Action.SUB);
    ResourcePattern a = ResourcePattern.parse("Topic:a").orElseThrow();
    assertThat(two.without(Acl.Policy.DEFAULT, a)).isEqualTo(two);
    assertThat(two.without(Acl.Policy.CUSTOM, a).custom()).hasSize(1);
  }

  @Test
  void secretsDoNotShowThemselves() {
    User user = new User("app", new Secret("very-secret"), User.Type.NORMAL, User.Status.ENABLED);
    assertThat(user.toString() + new Principal(user, acl(List.of())))
        .contains("app")
        .doesNotContain("very-secret");
    assertThat(new Principal(user, acl(List.of())).knows("very-secret")).isTrue();
    assertThat(new Principal(user, acl(List.of())).knows("very-secrex")).isFalse();
  }

  private static boolean may(Principal user, String topic) {
    return may(user, topic, HERE.getHostAddress());
  }

  private static boolean may(Principal user, String topic, String from) {
    return user.refusal(new Need(Resource.topic(topic), Action.PUB), InetAddress.ofLiteral(from))
        .isEmpty();
  }

  private static Principal normal(List<PolicyEntry> entries) {
    return new Principal(
        new User("app", new Secret("s"), User.Type.NORMAL, User.Status.ENABLED), acl(entries));
  }

  private static Acl acl(List<PolicyEntry> entries) {
    return new Acl("app", entries, List.of());
  }

  private static PolicyEntry entry(String resources, Action action, Decision decision) {
    return new PolicyEntry(
        ResourcePattern.parse(resources).orElseThrow(), Set.of(action), List.of(), decision);
  }
}
