package io.escrowmq.server.cli;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who acts, where the server does not ask its users. */
final class Operator {

  private static final String HOSTNAME = "HOSTNAME";

  @Option(
      names = "--as",
      paramLabel = "NAME@HOST",
      description =
          "Who you are, where the server does not ask its users (default: your user and host)")
  @Nullable String operator;

  /** The name to send; empty where the server knows its users. */
  Optional<String> name() {
    if (operator != null) {
      return Optional.of(operator);
    }
    if (System.getenv("MQ_USER") != null) {
      return Optional.empty();
    }
    String host = System.getenv(HOSTNAME);
    return Optional.of(System.getProperty("user.name") + "@" + (host == null ? "localhost" : host));
  }
}
