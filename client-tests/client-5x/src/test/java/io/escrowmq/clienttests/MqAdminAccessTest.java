package io.escrowmq.clienttests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands of the official mqadmin 5.5.0 about users and access control lists. */
final class MqAdminAccessTest {
  @RegisterExtension
  static final ServerFixture SERVER =
      ServerFixture.own(
          "--escrowmq.security.enabled=true",
          "--escrowmq.security.admin-user=admin",
          "--escrowmq.security.admin-secret=admin-secret");

  @RegisterExtension static final ServerFixture OTHER = ServerFixture.own();

  private static MqAdmin admin;
  private static MqAdmin stranger;
  private static String broker;
  private static String otherBroker;

  @BeforeAll
  static void start() throws IOException {
    admin = new MqAdmin(SERVER.nameServer(), home("admin", "admin-secret"));
    stranger = new MqAdmin(SERVER.nameServer(), home("admin", "guess"));
    broker = broker(admin);
    try (MqAdmin other = new MqAdmin(OTHER.nameServer())) {
      otherBroker = broker(other);
    }
  }

  private static Path home(String accessKey, String secretKey) throws IOException {
    Path home = Files.createTempDirectory(Path.of("target").toAbsolutePath(), "mqadmin-");
    Path conf = Files.createDirectories(home.resolve("conf"));
    Files.writeString(
        conf.resolve("tools.yml"), "accessKey: " + accessKey + "\nsecretKey: " + secretKey + "\n");
    return home;
  }

  private static String broker(MqAdmin admin) {
    return admin
        .run("clusterList")
        .lines()
        .filter(line -> line.contains("127.0.0.1:"))
        .map(line -> line.strip().split("\\s+", -1)[3])
        .findFirst()
        .orElseThrow();
  }

  @AfterAll
  static void stop() {
    admin.close();
    stranger.close();
  }

  @Test
  void users() {
    assertThat(
            admin.run("createUser", "-b", broker, "-u", "alice", "-p", "alice-pw", "-t", "Normal"))
        .contains("create user to " + broker + " success");
    assertThat(admin.run("createUser", "-b", broker, "-u", "alice", "-p", "x"))
        .contains("there is a user alice already");
    assertThat(admin.run("getUser", "-b", broker, "-u", "alice"))
        .contains("alice", "Normal", "enable")
        .doesNotContain("alice-pw");
    assertThat(admin.run("updateUser", "-b", broker, "-u", "alice", "-s", "disable"))
        .contains("update user to " + broker + " success");
    assertThat(admin.run("listUser", "-c", "DefaultCluster"))
        .contains("admin", "Super", "alice", "disable")
        .doesNotContain("admin-secret");
    assertThat(admin.run("listUser", "-b", broker, "-f", "ali")).doesNotContain("admin");
    assertThat(admin.run("copyUser", "-f", broker, "-t", broker, "-u", "alice"))
        .contains("copy user of alice");
    assertThat(admin.run("deleteUser", "-b", broker, "-u", "alice"))
        .contains("delete user to " + broker + " success");
    assertThat(admin.run("getUser", "-b", broker, "-u", "alice")).doesNotContain("Normal");
    assertThat(admin.run("updateUser", "-b", broker, "-u", "admin", "-p", "new-secret"))
        .contains("comes from the server's settings");
  }

  @Test
  void accessControlLists() {
    admin.run("createUser", "-b", broker, "-u", "bob", "-p", "bob-pw");
    assertThat(
            admin.line(
                "createAcl -b "
                    + broker
                    + " -s User:bob -r Topic:orders-*,Group:readers -a Pub,Sub -i 10.0.0.0/8,::1 -d Allow"))
        .contains("create acl to " + broker + " success");
    assertThat(admin.run("getAcl", "-b", broker, "-s", "User:bob"))
        .contains("User:bob", "Custom", "Topic:orders-*", "[Pub, Sub]", "10.0.0.0/8", "Allow");
    assertThat(
            admin.line("updateAcl -b " + broker + " -s User:bob -r Group:readers -a All -d Deny"))
        .contains("update acl to " + broker + " success");
    assertThat(admin.run("listAcl", "-b", broker, "-s", "User:bob"))
        .contains("Topic:orders-*", "Group:readers", "[All]", "Deny");
    assertThat(admin.run("listAcl", "-b", broker, "-r", "Topic:none")).doesNotContain("bob");
    assertThat(admin.run("copyAcl", "-f", broker, "-t", broker, "-s", "User:bob"))
        .contains("copy acl of User:bob");
    assertThat(admin.run("deleteAcl", "-b", broker, "-s", "User:bob", "-r", "Group:readers"))
        .contains("delete acl to " + broker + " success");
    assertThat(admin.run("getAcl", "-b", broker, "-s", "User:bob"))
        .contains("Topic:orders-*")
        .doesNotContain("Group:readers");
    assertThat(admin.run("deleteAcl", "-b", broker, "-s", "User:bob")).contains("success");
    assertThat(admin.run("getAcl", "-b", broker, "-s", "User:bob")).doesNotContain("Topic:");
    assertThat(admin.line("createAcl -b " + broker + " -s User:bob -r Shelf:x -a Pub -d Allow"))
        .contains("the resource is 'Shelf:x'");
    assertThat(admin.line("createAcl -b " + broker + " -s User:carol -r * -a Pub -d Allow"))
        .contains("CODE: 3001", "there is no user carol");
  }

  @Test
  void usersAreNotCopiedWithoutTheirSecrets() {
    admin.run("createUser", "-b", broker, "-u", "dora", "-p", "dora-pw");
    assertThat(admin.run("copyUser", "-f", broker, "-t", otherBroker, "-u", "dora"))
        .contains("the password of user dora is missing", "secrets-readable");
  }

  @Test
  void whoGuessesIsRefusedEverywhere() {
    assertThat(stranger.run("clusterList")).contains("CODE: 16", "Check access key and secret key");
    assertThat(stranger.run("listUser", "-b", broker)).contains("CODE: 16");
    assertThat(stranger.run("createUser", "-b", broker, "-u", "eve", "-p", "p", "-t", "Super"))
        .contains("CODE: 16");
    assertThat(admin.run("updateBrokerConfig", "-b", broker, "-k", "a", "-v", "b"))
        .contains("CODE: 16", "restart");
  }
}
