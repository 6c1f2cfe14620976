package io.escrowmq.server;

import io.escrowmq.node.EscrowCluster;
import io.escrowmq.node.EscrowNode;
import io.escrowmq.node.RunningServer;
import io.escrowmq.server.settings.EscrowSettings;
import io.escrowmq.server.settings.NodeSettingsFactory;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the node beside the framework, as soon as the settings are known: recovery of the log and
 * the framework's own start do not wait for each other. If the framework fails, the node is closed
 * again.
 */
final class NodeStart
    implements ApplicationContextInitializer<ConfigurableApplicationContext>,
        ApplicationListener<ApplicationFailedEvent> {

  private static final Logger log = LoggerFactory.getLogger(NodeStart.class);

  private final CompletableFuture<RunningServer> node = new CompletableFuture<>();
  private volatile boolean begun;

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    EscrowSettings settings =
        Binder.get(context.getEnvironment())
            .bindOrCreate(EscrowSettings.PREFIX, EscrowSettings.class);
    context.getBeanFactory().registerSingleton("nodeStart", this);
    begun = true;
    Thread.ofPlatform().daemon().name("node-start").start(() -> start(settings));
  }

  /** Waits for the node; throws what kept it from starting. */
  RunningServer await() {
    try {
      return node.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  @Override
  public void onApplicationEvent(ApplicationFailedEvent event) {
    if (begun) {
      // The failure may be the node's own; then there is nothing to close.
      node.handle(
              (started, failure) -> {
                if (started != null) {
                  log.info("the server did not start: closing what was opened");
                  started.close();
                }
                return started;
              })
          .join();
    }
  }

  private static RunningServer run(EscrowSettings settings) {
    return settings.cluster().shards() == 0
        ? EscrowNode.start(NodeSettingsFactory.from(settings))
        : EscrowCluster.start(
            NodeSettingsFactory.from(settings), NodeSettingsFactory.cluster(settings));
  }

  private void start(EscrowSettings settings) {
    try {
      DataDirectory.prepare(settings.dataDir());
      node.complete(run(settings));
    } catch (Throwable e) { // top of a thread: whoever waits gets it
      node.completeExceptionally(e);
    }
  }
}
