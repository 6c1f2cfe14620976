package io.escrowmq.server;

import io.escrowmq.node.RunningServer;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Waits for the node once the HTTP listener is there, and stops it before that goes: while the node
 * recovers its log or finishes what it accepted, health answers DOWN with the reason instead of not
 * at all. Thread-safe.
 */
@Component
public final class NodeLifecycle implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(NodeLifecycle.class);

  private final NodeStart start;
  private volatile @Nullable RunningServer node;
  private volatile boolean stopped;

  NodeLifecycle(NodeStart start) {
    this.start = start;
  }

  /** The node while it is running. */
  Optional<RunningServer> node() {
    return Optional.ofNullable(node);
  }

  /**
   * The node while it is running.
   *
   * @throws BrokerException with {@link ErrorCode#NOT_SERVING} before and after
   */
  public RunningServer require() {
    return node()
        .orElseThrow(() ->
            new BrokerException(ErrorCode.NOT_SERVING, absence(), "Try again when it is ready."));
  }

  /** The node while it is running, else null. */
  public @Nullable RunningServer runningNow() {
    return node;
  }

  /** Why there is no node. */
  String absence() {
    return stopped ? "the server has stopped" : "the server is starting";
  }

  @Override
  public void start() {
    node = start.await();
  }

  @Override
  public void stop() {
    RunningServer running = node;
    if (running != null) {
      log.info("stopping: no new work; finishing what was accepted");
      running.close();
      node = null;
      log.info("EscrowMQ stopped");
    }
    stopped = true;
  }

  @Override
  public boolean isRunning() {
    return node != null;
  }
}
