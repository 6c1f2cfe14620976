package io.escrowmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.security.Acl;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.AddressRange;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.PolicyEntry;
import io.escrowmq.spi.protocol.security.PolicyEntry.Decision;
import io.escrowmq.spi.protocol.security.Resource;
import io.escrowmq.spi.protocol.security.ResourcePattern;
import io.escrowmq.spi.protocol.security.Secret;
import io.escrowmq.spi.protocol.security.User;
import io.escrowmq.spi.storage.Bytes;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Users and access control lists are kept, and hold at once. */
final class StoredAuthorityTest {

  private static final InetAddress HERE = InetAddress.getLoopbackAddress();
  private static final User ADMIN =
      new User("admin", new Secret("admin-secret"), User.Type.SUPER, User.Status.ENABLED);

  private final BrokerFixture fixture =
      BrokerFixture.start(
          BrokerSettings.DEFAULT.withSecurity(
              new SecuritySettings(true, Optional.of(ADMIN), false)));

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void usersAndListsOutliveARestart() {
    User app = user("app", "s3cret");
    authority().users().create(app);
    Acl acl =
        new Acl(
            "app",
            List.of(entry("Topic:orders-*", Decision.ALLOW), entry("Group:*", Decision.DENY)),
            List.of(entry("*", Decision.ALLOW)));
    authority().acls().put(acl);
    fixture.restart();
    assertThat(authority().users().find("app")).contains(app);
    assertThat(authority().users().list()).containsExactly(ADMIN, app);
    assertThat(authority().acls().list()).containsExactly(acl);
    assertThat(authority().principal("app").orElseThrow().knows("s3cret")).isTrue();
    assertThat(mayPublish("orders-1")).isTrue();
  }

  @Test
  void changesHoldAtOnce() {
    authority().users().create(user("app", "one"));
    assertThat(mayPublish("orders-1")).isFalse();
    authority().acls().put(new Acl("app", List.of(entry("Topic:*", Decision.ALLOW)), List.of()));
    assertThat(mayPublish("orders-1")).isTrue();
    authority().users().change(user("app", "two"));
    assertThat(authority().principal("app").orElseThrow().knows("one")).isFalse();
    assertThat(mayPublish("orders-1")).isTrue();
    authority().acls().put(new Acl("app", List.of(), List.of()));
    assertThat(mayPublish("orders-1")).isFalse();
    assertThat(authority().acls().find("app")).isEmpty();
    authority()
        .users()
        .change(new User("app", new Secret("two"), User.Type.NORMAL, User.Status.DISABLED));
    assertThat(authority().principal("app")).isEmpty();
  }

  @Test
  void aDeletedUserLeavesNothing() {
    authority().users().create(user("app", "one"));
    authority().acls().put(new Acl("app", List.of(entry("*", Decision.ALLOW)), List.of()));
    authority().users().delete("app");
    authority().users().delete("app");
    authority().users().create(user("app", "other"));
    fixture.restart();
    assertThat(authority().acls().find("app")).isEmpty();
    assertThat(mayPublish("orders-1")).isFalse();
  }

  @Test
  void theAdministratorOfTheSettingsIsNeitherStoredNorChanged() {
    assertThat(authority().principal("admin").orElseThrow().superUser()).isTrue();
    assertThat(codeOf(() -> authority().users().change(user("admin", "x"))))
        .isEqualTo(ErrorCode.ILLEGAL_OPERATION);
    assertThat(codeOf(() -> authority().users().delete("admin")))
        .isEqualTo(ErrorCode.ILLEGAL_OPERATION);
    assertThat(fixture.storage.tables().get("users", Bytes.utf8("admin"))).isEmpty();
  }

  @Test
  void whatCannotBeIsRefused() {
    authority().users().create(user("app", "one"));
    assertThat(codeOf(() -> authority().users().create(user("app", "two"))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(() -> authority().users().create(user("a b", "two"))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(() -> authority().users().create(user("b", ""))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(codeOf(() -> authority().users().change(user("nobody", "x"))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
    assertThat(
            codeOf(() ->
                authority()
                    .acls()
                    .put(new Acl("nobody", List.of(entry("*", Decision.ALLOW)), List.of()))))
        .isEqualTo(ErrorCode.INVALID_PARAMETER);
  }

  private static ErrorCode codeOf(Runnable call) {
    return BrokerFixture.codeOf(call);
  }

  private Authority authority() {
    return fixture.broker.authority();
  }

  private boolean mayPublish(String topic) {
    return authority()
        .principal("app")
        .orElseThrow()
        .refusal(new Need(Resource.topic(topic), Action.PUB), HERE)
        .isEmpty();
  }

  private static User user(String name, String secret) {
    return new User(name, new Secret(secret), User.Type.NORMAL, User.Status.ENABLED);
  }

  private static PolicyEntry entry(String resources, Decision decision) {
    return new PolicyEntry(
        ResourcePattern.parse(resources).orElseThrow(),
        Set.of(Action.PUB, Action.SUB),
        AddressRange.parse("127.0.0.0/8").stream().toList(),
        decision);
  }
}
