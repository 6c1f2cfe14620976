package io.escrowmq.server.rest;

import io.escrowmq.node.EscrowCluster;
import io.escrowmq.server.NodeLifecycle;
import io.escrowmq.spi.protocol.BrokerServices;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/**
 * The broker that a request is about: the only one, or where servers share a store the one that the
 * parameter {@code broker} names.
 */
@Component
final class Doors {

  /** The request parameter with a broker's name. */
  static final String BROKER = "broker";

  private final NodeLifecycle lifecycle;
  private final HttpServletRequest request;

  /**
   * For all requests.
   *
   * @param request stands for the one that the current thread works on
   */
  Doors(NodeLifecycle lifecycle, HttpServletRequest request) {
    this.lifecycle = lifecycle;
    this.request = request;
  }

  /** The broker of the current request. */
  BrokerServices current() {
    String name = request.getParameter(BROKER);
    if (lifecycle.require() instanceof EscrowCluster cluster && name != null) {
      return cluster
          .brokerHere(name)
          .orElseThrow(() ->
              new ApiException(
                  HttpStatus.SERVICE_UNAVAILABLE,
                  "NOT_SERVING",
                  "Broker " + name + " has just left this server",
                  "Ask again."));
    }
    return lifecycle.require().door();
  }
}
