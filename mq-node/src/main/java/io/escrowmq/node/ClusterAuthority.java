package io.escrowmq.node;

import io.escrowmq.broker.SecuritySettings;
import io.escrowmq.spi.protocol.security.Acl;
import io.escrowmq.spi.protocol.security.Acls;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.protocol.security.User;
import io.escrowmq.spi.protocol.security.Users;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who may log in at the listener that only says where topics are: the administrator of the settings
 * and the users of the brokers that this server serves. Users are kept by each broker.
 */
final class ClusterAuthority implements Authority {

  private final SecuritySettings settings;
  private final Optional<Principal> administrator;
  private final Supplier<List<Authority>> here;
  private final Elsewhere elsewhere;

  ClusterAuthority(SecuritySettings settings, Supplier<List<Authority>> here, Elsewhere elsewhere) {
    this.settings = settings;
    this.administrator =
        settings
            .administrator()
            .map(user -> new Principal(user, new Acl(user.name(), List.of(), List.of())));
    this.here = here;
    this.elsewhere = elsewhere;
  }

  @Override
  public boolean enforced() {
    return settings.enforced();
  }

  @Override
  public Optional<Principal> principal(String name) {
    if (administrator.filter(admin -> admin.name().equals(name)).isPresent()) {
      return administrator;
    }
    return here.get().stream().flatMap(broker -> broker.principal(name).stream()).findFirst();
  }

  @Override
  public Users users() {
    return new UsersElsewhere();
  }

  @Override
  public Acls acls() {
    return new AclsElsewhere();
  }

  private final class UsersElsewhere implements Users {
    @Override
    public Optional<User> find(String name) {
      throw elsewhere.refusal();
    }

    @Override
    public List<User> list() {
      throw elsewhere.refusal();
    }

    @Override
    public void create(User user) {
      throw elsewhere.refusal();
    }

    @Override
    public void change(User user) {
      throw elsewhere.refusal();
    }

    @Override
    public void delete(String name) {
      throw elsewhere.refusal();
    }

    @Override
    public boolean secretsReadable() {
      return false;
    }
  }

  private final class AclsElsewhere implements Acls {
    @Override
    public Optional<Acl> find(String user) {
      throw elsewhere.refusal();
    }

    @Override
    public List<Acl> list() {
      throw elsewhere.refusal();
    }

    @Override
    public void put(Acl acl) {
      throw elsewhere.refusal();
    }
  }
}
