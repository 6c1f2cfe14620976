package io.escrowmq.broker;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.security.Acl;
import io.escrowmq.spi.protocol.security.Acls;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.protocol.security.User;
import io.escrowmq.spi.protocol.security.Users;
import io.escrowmq.spi.storage.Bytes;
import io.escrowmq.spi.storage.Mutation;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.TableRow;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Users and access control lists: rows of two tables, all of them also in memory, where a change is
 * only once it is durable. The administrator of the settings is in memory only. Thread-safe.
 */
final class StoredAuthority implements Authority {

  private static final Logger LOG = LoggerFactory.getLogger(StoredAuthority.class);

  /** More users would make every look through all of them slow, and fill the memory. */
  private static final int MOST_USERS = 10_000;

  private static final int LONGEST_SECRET = 1024;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.@%|-]{1,64}");

  private final Storage storage;
  private final SecuritySettings settings;
  private final Map<String, User> users = new ConcurrentSkipListMap<>();
  private final Map<String, Acl> acls = new ConcurrentSkipListMap<>();

  /** Those who may log in now, with what they may do; derived from the two maps. */
  private final Map<String, Principal> principals = new ConcurrentHashMap<>();

  /** Loads every user; blocks. */
  StoredAuthority(Storage storage, SecuritySettings settings) {
    this.storage = storage;
    this.settings = settings;
    for (TableRow row : TableScan.all(storage.tables(), UserCodec.TABLE)) {
      User user = UserCodec.decode(row);
      users.put(user.name(), user);
    }
    for (TableRow row : TableScan.all(storage.tables(), AclCodec.TABLE)) {
      Acl acl = AclCodec.decode(row);
      acls.put(acl.user(), acl);
    }
    settings.administrator().ifPresent(user -> users.put(user.name(), user));
    users.keySet().forEach(this::derive);
  }

  private void derive(String name) {
    User user = users.get(name);
    if (user == null || user.status() == User.Status.DISABLED) {
      principals.remove(name);
      return;
    }
    Acl acl = acls.getOrDefault(name, new Acl(name, List.of(), List.of()));
    principals.put(name, new Principal(user, acl));
  }

  @Override
  public boolean enforced() {
    return settings.enforced();
  }

  @Override
  public Optional<Principal> principal(String name) {
    return Optional.ofNullable(principals.get(name));
  }

  @Override
  public Users users() {
    return new StoredUsers();
  }

  @Override
  public Acls acls() {
    return new StoredAcls();
  }

  private final class StoredUsers implements Users {

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
      synchronized (StoredAuthority.this) {
        if (users.containsKey(user.name())) {
          throw new BrokerException(
              ErrorCode.INVALID_PARAMETER,
              "there is a user " + user.name() + " already",
              "Change it (mqadmin updateUser), or choose another name.");
        }
        if (users.size() >= MOST_USERS) {
          throw new BrokerException(
              ErrorCode.INVALID_PARAMETER,
              "there are " + MOST_USERS + " users, and no more may be added",
              "Delete users that nobody needs any more.");
        }
        check(user);
        write(user);
        LOG.info("{} user {} created", user.type().label(), user.name());
      }
    }

    @Override
    public void change(User user) {
      synchronized (StoredAuthority.this) {
        if (!users.containsKey(user.name())) {
          throw noSuchUser(user.name());
        }
        requireStored(user.name());
        check(user);
        write(user);
        LOG.info(
            "user {} changed: {}, {}", user.name(), user.type().label(), user.status().label());
      }
    }

    @Override
    public void delete(String name) {
      synchronized (StoredAuthority.this) {
        requireStored(name);
        if (users.containsKey(name)) {
          Failures.await(
              storage.write(
                  WriteBatch.builder()
                      .add(new Mutation.Delete(UserCodec.TABLE, UserCodec.key(name)))
                      .add(new Mutation.Delete(AclCodec.TABLE, AclCodec.key(name)))
                      .build()));
          users.remove(name);
          acls.remove(name);
          derive(name);
          LOG.info("user {} deleted", name);
        }
      }
    }

    @Override
    public boolean secretsReadable() {
      return settings.secretsReadable();
    }

    private void write(User user) {
      Failures.await(
          storage.write(
              WriteBatch.of(
                  new Mutation.Put(
                      UserCodec.TABLE, UserCodec.key(user.name()), UserCodec.value(user)))));
      users.put(user.name(), user);
      derive(user.name());
    }
  }

  private final class StoredAcls implements Acls {

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
      synchronized (StoredAuthority.this) {
        if (!users.containsKey(acl.user())) {
          throw noSuchUser(acl.user());
        }
        Bytes value = AclCodec.value(acl);
        if (value.size() > Tables.MAX_VALUE_BYTES) {
          throw new BrokerException(
              ErrorCode.INVALID_PARAMETER,
              "the access control list of " + acl.user() + " would have " + value.size() + " bytes",
              "Use patterns (Topic:orders-*) instead of single names.");
        }
        Bytes key = AclCodec.key(acl.user());
        Failures.await(
            storage.write(
                WriteBatch.of(
                    acl.isEmpty()
                        ? new Mutation.Delete(AclCodec.TABLE, key)
                        : new Mutation.Put(AclCodec.TABLE, key, value))));
        if (acl.isEmpty()) {
          acls.remove(acl.user());
        } else {
          acls.put(acl.user(), acl);
        }
        derive(acl.user());
        LOG.info(
            "access control list of user {} changed: {} entries",
            acl.user(),
            acl.custom().size() + acl.defaults().size());
      }
    }
  }

  private void requireStored(String name) {
    if (settings.administrator().filter(admin -> admin.name().equals(name)).isPresent()) {
      throw new BrokerException(
          ErrorCode.ILLEGAL_OPERATION,
          "user " + name + " comes from the server's settings",
          "Change escrowmq.security.admin-user or its secret and restart the server.");
    }
  }

  private static void check(User user) {
    if (!NAME.matcher(user.name()).matches()) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          "a user cannot be called '" + user.name() + "'",
          "Use 1 to 64 letters, digits and _ . @ % | -");
    }
    int length = user.secret().reveal().length();
    if (length == 0 || length > LONGEST_SECRET) {
      throw new BrokerException(
          ErrorCode.INVALID_PARAMETER,
          length == 0
              ? "the password of user " + user.name() + " is missing"
              : "the password of user " + user.name() + " is too long",
          "Give one of 1 to "
              + LONGEST_SECRET
              + " characters. (mqadmin copyUser gets passwords only from a server with"
              + " escrowmq.security.secrets-readable=true, asked by a super user.)");
    }
  }

  private static BrokerException noSuchUser(String name) {
    return new BrokerException(
        ErrorCode.INVALID_PARAMETER,
        "there is no user " + name,
        "Create it first (mqadmin createUser), or check the name.");
  }
}
