package io.escrowmq.server;

import io.escrowmq.node.EscrowCluster;
import io.escrowmq.node.RunningServer;
import io.escrowmq.server.settings.EscrowSettings;
import io.escrowmq.spi.storage.TimeSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says once that the server is ready and where, to people (one line) and programs (a file). */
@Component
final class ReadyAnnouncer {

  private static final Logger log = LoggerFactory.getLogger(ReadyAnnouncer.class);

  private final EscrowSettings settings;
  private final NodeLifecycle lifecycle;
  private final ServerAddresses addresses;
  private final ServerVersion version;

  ReadyAnnouncer(
      EscrowSettings settings,
      NodeLifecycle lifecycle,
      ServerAddresses addresses,
      ServerVersion version) {
    this.settings = settings;
    this.lifecycle = lifecycle;
    this.addresses = addresses;
    this.version = version;
  }

  @EventListener
  void ready(ApplicationReadyEvent event) {
    lifecycle.node().ifPresent(this::announce);
  }

  /** Before the node drains, so that nobody new is sent here. */
  @EventListener
  void stopping(ContextClosedEvent event) {
    if (!lifecycle.isRunning()) {
      return; // never became ready: the file may belong to another process
    }
    try {
      EndpointsFile.remove(settings.dataDir());
    } catch (IOException e) {
      log.warn("{} cannot be removed: {}", EndpointsFile.NAME, e.toString());
    }
  }

  private void announce(RunningServer node) {
    Map<String, String> listening = addresses.of(node);
    if (node instanceof EscrowCluster cluster) {
      cluster.reachableAt(addresses.advertisedHttp());
    }
    try {
      EndpointsFile.write(settings.dataDir(), listening, version.text());
    } catch (IOException e) {
      throw new UncheckedIOException(EndpointsFile.NAME + " cannot be written", e);
    }
    String where =
        listening.entrySet().stream()
            .map(entry -> entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining(" "));
    System.out.printf(
        Locale.ROOT,
        "EscrowMQ ready %s storage=%s data=%s version=%s started-in=%.1fs%n",
        where,
        settings.storage().type(),
        settings.dataDir().toAbsolutePath().normalize(),
        version.text(),
        sinceProcessStartMs() / 1000.0);
  }

  private static long sinceProcessStartMs() {
    long nowMs = TimeSource.system().nowMs();
    return ProcessHandle.current()
        .info()
        .startInstant()
        .map(start -> nowMs - start.toEpochMilli())
        .orElse(0L);
  }
}
