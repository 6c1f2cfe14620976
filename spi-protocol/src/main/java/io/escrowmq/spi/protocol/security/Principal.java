package io.escrowmq.spi.protocol.security;

import io.escrowmq.spi.protocol.security.PolicyEntry.Decision;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * A user as of now, with what it may do. Immutable: whoever changes a user or its access control
 * list makes another principal, so what a protocol derived from this one stays right for as long as
 * it is the one that {@link Authority#principal} gives.
 */
public final class Principal {
  private final User user;
  private final Acl acl;

  /** A user with this list. */
  public Principal(User user, Acl acl) {
    this.user = user;
    this.acl = acl;
  }

  /** Name of the user. */
  public String name() {
    return user.name();
  }

  /** Whether it may do everything. */
  public boolean superUser() {
    return user.type() == User.Type.SUPER;
  }

  /** Whether this is its secret. */
  public boolean knows(String secret) {
    return user.secret().is(secret);
  }

  /**
   * A new code that is keyed with its secret, for example of the algorithm {@code HmacSHA1}. Not
   * thread-safe; after {@code doFinal} it can be used again.
   */
  public Mac keyed(String algorithm) {
    try {
      Mac mac = Mac.getInstance(algorithm);
      mac.init(
          new SecretKeySpec(user.secret().reveal().getBytes(StandardCharsets.UTF_8), algorithm));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java has no " + algorithm, e);
    }
  }

  /**
   * Why it may not do this; empty if it may. Of the entries that match, the one about the fewest
   * resources decides (one name before a longer beginning before a shorter one before all names);
   * between equals a denial does. Where none matches the answer is no.
   *
   * @param from address of the peer
   */
  public Optional<String> refusal(Need need, InetAddress from) {
    if (superUser()) {
      return Optional.empty();
    }
    PolicyEntry denial = null;
    for (Action action : need.anyOf()) {
      PolicyEntry decisive = decisive(need.resource(), action, from);
      if (decisive != null && decisive.decision() == Decision.ALLOW) {
        return Optional.empty();
      }
      denial = decisive == null ? denial : decisive;
    }
    return Optional.of(explain(need, from, denial));
  }

  private @Nullable PolicyEntry decisive(Resource resource, Action action, InetAddress from) {
    PolicyEntry custom = decisive(acl.custom(), resource, action, from);
    return custom != null ? custom : decisive(acl.defaults(), resource, action, from);
  }

  private static @Nullable PolicyEntry decisive(
      List<PolicyEntry> entries, Resource resource, Action action, InetAddress from) {
    PolicyEntry best = null;
    for (PolicyEntry entry : entries) {
      if (entry.matches(resource, action, from) && (best == null || entry.beats(best))) {
        best = entry;
      }
    }
    return best;
  }

  private String explain(Need need, InetAddress from, @Nullable PolicyEntry denial) {
    String wanted =
        need.anyOf().stream().map(Action::label).sorted().collect(Collectors.joining(" or "));
    String what =
        "user "
            + name()
            + " may not "
            + wanted
            + " "
            + need.resource().text()
            + " from "
            + from.getHostAddress();
    if (denial != null) {
      return what + ": its entry for " + denial.resources().text() + " denies it";
    }
    return what
        + ": no entry of its access control list allows it. An administrator can add one: mqadmin"
        + " createAcl -s User:"
        + name()
        + " -r "
        + need.resource().text()
        + " -a "
        + need.anyOf().stream().map(Action::label).sorted().findFirst().orElse("All")
        + " -d Allow";
  }

  @Override
  public String toString() {
    return "user " + name();
  }
}
