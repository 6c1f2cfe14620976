package io.escrowmq.spi.protocol;

/** A wire protocol, found by {@link java.util.ServiceLoader}. Stateless. */
public interface ProtocolProvider {

  /** Short name, also the prefix of its settings, for example {@code remoting}. */
  String id();

  /**
   * Binds the listeners and begins to serve.
   *
   * @throws BrokerException with {@link ErrorCode#ADDRESS_IN_USE} if a port is taken
   */
  ProtocolServer start(ProtocolSettings settings, ProtocolContext context);
}
