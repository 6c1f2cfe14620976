package io.escrowmq.spi.protocol;

import java.util.Map;
import java.util.Optional;

/**
 * Small texts that tools keep at a name server, by namespace and key. Durable; blocking,
 * thread-safe.
 */
public interface NamedValues {

  /** The value, if there is one. */
  Optional<String> find(String namespace, String key);

  /** All values of a namespace, in key order. */
  Map<String, String> all(String namespace);

  /**
   * Sets a value.
   *
   * @throws BrokerException with {@link ErrorCode#INVALID_PARAMETER} if it is too long
   */
  void put(String namespace, String key, String value);

  /** Removes a value. Nothing happens if there is none. */
  void remove(String namespace, String key);
}
