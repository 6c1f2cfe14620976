package io.escrowmq.migration;

import java.util.Optional;

/**
 * How a cluster is reached.
 *
 * @param nameServers {@code host:port}, several separated by semicolons
 * @param credentials for clusters that ask for them
 * @param tls true to encrypt connections
 * @param timeoutMs longest wait for one answer, milliseconds
 */
record SourceSettings(
    String nameServers, Optional<Credentials> credentials, boolean tls, long timeoutMs) {

  /** What a request is signed with. */
  record Credentials(String accessKey, String secretKey) {

    @Override
    public String toString() {
      return "Credentials[" + accessKey + "]";
    }
  }
}
