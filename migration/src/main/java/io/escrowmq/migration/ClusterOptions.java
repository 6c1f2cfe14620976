package io.escrowmq.migration;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the command reaches the cluster. */
final class ClusterOptions {

  @SuppressWarnings("NullAway.Init") // filled by the command line parser
  @Option(
      names = "--from",
      required = true,
      paramLabel = "HOST:PORT",
      description = "Name server of the cluster; several separated by semicolons.")
  private String from;

  @Option(
      names = "--access-key",
      paramLabel = "NAME",
      description = "User of the cluster, if it asks for one: an administrator.")
  private @Nullable String accessKey;

  @Option(
      names = "--secret-key-env",
      paramLabel = "NAME",
      defaultValue = "ROCKETMQ_SECRET_KEY",
      description = "Environment variable that holds that user's secret (${DEFAULT-VALUE}).")
  private String secretKeyVariable = "ROCKETMQ_SECRET_KEY";

  @Option(names = "--tls", description = "Encrypts connections to the cluster.")
  private boolean tls;

  @Option(
      names = "--timeout-ms",
      paramLabel = "MS",
      defaultValue = "10000",
      description = "Longest wait for one answer of the cluster (${DEFAULT-VALUE}).")
  private long timeoutMs = 10_000;

  /**
   * What was given.
   *
   * @throws IllegalArgumentException if a user was named without a secret
   */
  SourceSettings settings(Map<String, String> environment) {
    return new SourceSettings(from, credentials(environment), tls, timeoutMs);
  }

  private Optional<SourceSettings.Credentials> credentials(Map<String, String> environment) {
    if (accessKey == null) {
      return Optional.empty();
    }
    String secret = environment.get(secretKeyVariable);
    if (secret == null || secret.isEmpty()) {
      throw new IllegalArgumentException(
          "--access-key needs the secret in the environment variable " + secretKeyVariable);
    }
    return Optional.of(new SourceSettings.Credentials(accessKey, secret));
  }
}
