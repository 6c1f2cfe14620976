package io.escrowmq.broker;

import io.escrowmq.spi.protocol.security.User;
import java.util.Optional;

/**
 * Whether clients are asked who they are.
 *
 * @param enforced false: everybody may do everything
 * @param administrator a super user that is always there and not stored; must be there if enforced
 * @param secretsReadable whether super users may be shown the secrets of users
 */
public record SecuritySettings(
    boolean enforced, Optional<User> administrator, boolean secretsReadable) {

  /** Nobody is asked. */
  public static final SecuritySettings OPEN = new SecuritySettings(false, Optional.empty(), false);

  public SecuritySettings {
    if (enforced && administrator.isEmpty()) {
      throw new IllegalArgumentException("security is on but there is no administrator");
    }
  }
}
