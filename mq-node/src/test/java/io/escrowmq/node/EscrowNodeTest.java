package io.escrowmq.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EscrowNodeTest {

  @TempDir private Path directory;

  @Test
  void servesUntilClosed() throws Exception {
    InetSocketAddress remoting;
    EscrowNode node = EscrowNode.start(settings());
    try (node) {
      assertThat(node.endpoints()).containsOnlyKeys("nameServer", "remoting");
      remoting = node.endpoints().get("remoting");
      assertThat(remoting.getPort()).isPositive();
      assertThat(node.broker().identity().address()).isEqualTo(remoting);
      try (Socket socket = new Socket(remoting.getAddress(), remoting.getPort())) {
        assertThat(socket.isConnected()).isTrue();
      }
      assertThat(SampleSend.send(node.broker()).get(10, TimeUnit.SECONDS).queueOffset()).isZero();
      assertThat(node.health().canSend()).isTrue();
      assertThat(node.health().protocols()).containsEntry("remoting", true);
    }
    assertThat(node.health().canSend()).isFalse();
    assertThat(node.health().reason()).contains("shutting down");
    assertThatThrownBy(() -> new Socket(remoting.getAddress(), remoting.getPort()).close())
        .isInstanceOf(java.io.IOException.class);
    node.close();
  }

  @Test
  void statisticsNameTheirPart() throws Exception {
    try (EscrowNode node = EscrowNode.start(settings())) {
      SampleSend.send(node.broker()).get(10, TimeUnit.SECONDS);
      assertThat(node.statistics())
          .containsEntry("broker-sent-messages-total", 1L)
          .containsEntry("storage-visible-messages", 1L)
          .containsKey("remoting-connections");
    }
  }

  @Test
  void anUnknownEngineIsRefusedWithTheKnownOnes() {
    assertThatThrownBy(() -> EscrowNode.start(settings().withStorageType("papyrus")))
        .isInstanceOfSatisfying(
            NodeStartException.class,
            e -> {
              assertThat(e.where()).contains("papyrus");
              assertThat(e.why()).contains("memory");
            });
    assertThat(EscrowNode.engines()).contains("memory");
  }

  @Test
  void aDisabledProtocolDoesNotRun() {
    NodeSettings settings = settings().withProtocol("remoting", Map.of("enabled", "false"));
    try (EscrowNode node = EscrowNode.start(settings)) {
      assertThat(node.endpoints()).isEmpty();
      assertThat(node.health().canSend()).isTrue();
    }
  }

  @Test
  void aTakenPortIsRefusedAndNothingStaysOpen() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      NodeSettings settings =
          settings().withProtocol("remoting", Map.of("name-server-port", "0", "port", port));
      assertThatThrownBy(() -> EscrowNode.start(settings))
          .isInstanceOfSatisfying(
              NodeStartException.class,
              e -> {
                assertThat(e.what()).isEqualTo("A port is taken");
                assertThat(e.why()).contains(port);
                assertThat(e.remedy()).contains("escrowmq.remoting.port");
              });
    }
    EscrowNode.start(settings()).close();
  }

  @Test
  void wrongOptionsOfAProtocolAreRefused() {
    NodeSettings settings = settings().withProtocol("remoting", Map.of("port", "many"));
    assertThatThrownBy(() -> EscrowNode.start(settings))
        .isInstanceOfSatisfying(
            NodeStartException.class, e -> assertThat(e.why()).contains("many"));
  }

  private NodeSettings settings() {
    return NodeSettings.defaults(directory)
        .withStorageType("memory")
        .withProtocol("remoting", Map.of("name-server-port", "0", "port", "0"));
  }
}
