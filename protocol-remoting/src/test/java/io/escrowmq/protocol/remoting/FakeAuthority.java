package io.escrowmq.protocol.remoting;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.security.Acl;
import io.escrowmq.spi.protocol.security.Acls;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.PolicyEntry;
import io.escrowmq.spi.protocol.security.PolicyEntry.Decision;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.protocol.security.ResourcePattern;
import io.escrowmq.spi.protocol.security.Secret;
import io.escrowmq.spi.protocol.security.User;
import io.escrowmq.spi.protocol.security.Users;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Users in maps. */
final class FakeAuthority implements Authority {
  volatile boolean enforced;
  volatile boolean secretsReadable;
  private final Map<String, User> users = new ConcurrentSkipListMap<>();
  private final Map<String, Acl> acls = new ConcurrentSkipListMap<>();
  private final Map<String, Principal> principals = new ConcurrentHashMap<>();

  /** A user with one entry per pair of pattern and action. */
  void user(String name, String secret, User.Type type, String... allowed) {
    users.put(name, new User(name, new Secret(secret), type, User.Status.ENABLED));
    Acl acl = new Acl(name, List.of(), List.of());
    for (int i = 0; i < allowed.length; i += 2) {
      acl =
          acl.with(
              Acl.Policy.CUSTOM,
              List.of(
                  new PolicyEntry(
                      ResourcePattern.parse(allowed[i]).orElseThrow(),
                      Set.of(Action.of(allowed[i + 1]).orElseThrow()),
                      List.of(),
                      Decision.ALLOW)));
    }
    acls.put(name, acl);
    derive(name);
  }

  private void derive(String name) {
    User user = users.get(name);
    if (user == null || user.status() == User.Status.DISABLED) {
      principals.remove(name);
    } else {
      Acl none = new Acl(name, List.of(), List.of());
      principals.put(name, new Principal(user, acls.getOrDefault(name, none)));
    }
  }

  @Override
  public boolean enforced() {
    return enforced;
  }

  @Override
  public Optional<Principal> principal(String name) {
    return Optional.ofNullable(principals.get(name));
  }

  @Override
  public Users users() {
    return new Users() {
      @Override
      public Optional<User> find(String name) {
        return Optional.ofNullable(users.get(name));
      }

      @Override
      public List<User> list() {
        return List.copyOf(users.values());
      }

      @Override
      public void create(User user) {
        if (users.putIfAbsent(user.name(), user) != null) {
          throw new BrokerException(ErrorCode.INVALID_PARAMETER, "there is one", "");
        }
        derive(user.name());
      }

      @Override
      public void change(User user) {
        users.put(user.name(), user);
        derive(user.name());
      }

      @Override
      public void delete(String name) {
        users.remove(name);
        acls.remove(name);
        derive(name);
      }

      @Override
      public boolean secretsReadable() {
        return secretsReadable;
      }
    };
  }

  @Override
  public Acls acls() {
    return new Acls() {
      @Override
      public Optional<Acl> find(String user) {
        return Optional.ofNullable(acls.get(user));
      }

      @Override
      public List<Acl> list() {
        return List.copyOf(acls.values());
      }

      @Override
      public void put(Acl acl) {
        if (acl.isEmpty()) {
          acls.remove(acl.user());
        } else {
          acls.put(acl.user(), acl);
        }
        derive(acl.user());
      }
    };
  }
}
