package io.escrowmq.server.settings;

import io.escrowmq.broker.SecuritySettings;
import io.escrowmq.node.NodeStartException;
import io.escrowmq.spi.protocol.security.Secret;
import io.escrowmq.spi.protocol.security.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an operator set about security, in the words of the broker. */
final class SecuritySettingsFactory {

  private static final int SHORTEST_SECRET = 8;

  private SecuritySettingsFactory() {}

  /**
   * Reads the secret's file if there is one.
   *
   * @throws NodeStartException if security is on and there is no administrator, or the
   *     administrator's secret is missing or too short
   */
  static SecuritySettings from(EscrowSettings.Security security) {
    String name = security.adminUser();
    if (name == null || name.isBlank()) {
      if (security.enabled()) {
        throw refusal(
            "escrowmq.security.enabled=true",
            "there is no administrator, so nobody could log in to create users",
            "Set escrowmq.security.admin-user, and its secret in a file that"
                + " escrowmq.security.admin-secret-file names.");
      }
      return new SecuritySettings(false, Optional.empty(), security.secretsReadable());
    }
    if (!name.matches("[A-Za-z0-9_.@%|-]{1,64}")) {
      throw refusal(
          "escrowmq.security.admin-user",
          "it is no name of a user",
          "Use 1 to 64 letters, digits and _ . @ % | -");
    }
    Secret secret = secret(security);
    if (secret.reveal().length() < SHORTEST_SECRET) {
      throw refusal(
          "the secret of escrowmq.security.admin-user",
          secret.isEmpty() ? "it is missing" : "it is short enough to be guessed",
          "Give at least "
              + SHORTEST_SECRET
              + " characters in a file that escrowmq.security.admin-secret-file names.");
    }
    User admin = new User(name, secret, User.Type.SUPER, User.Status.ENABLED);
    return new SecuritySettings(security.enabled(), Optional.of(admin), security.secretsReadable());
  }

  private static Secret secret(EscrowSettings.Security security) {
    @Nullable Path file = security.adminSecretFile();
    if (file == null) {
      String text = security.adminSecret();
      return new Secret(text == null ? "" : text);
    }
    try {
      return new Secret(Files.readString(file).lines().findFirst().orElse("").strip());
    } catch (IOException e) {
      throw new NodeStartException(
          "The administrator's secret cannot be read",
          "escrowmq.security.admin-secret-file=" + file,
          String.valueOf(e),
          "Name a text file that the server may read.",
          e);
    }
  }

  private static NodeStartException refusal(String where, String why, String remedy) {
    return new NodeStartException("Security is not set up", where, why, remedy, null);
  }
}
