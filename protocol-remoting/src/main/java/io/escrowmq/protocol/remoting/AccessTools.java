package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AccessRequest;
import io.escrowmq.protocol.remoting.request.AccessRequest.ChangeUser;
import io.escrowmq.protocol.remoting.request.AccessRequest.CreateUser;
import io.escrowmq.protocol.remoting.request.AccessRequest.DeleteAcl;
import io.escrowmq.protocol.remoting.request.AccessRequest.DeleteUser;
import io.escrowmq.protocol.remoting.request.AccessRequest.FindAcl;
import io.escrowmq.protocol.remoting.request.AccessRequest.FindUser;
import io.escrowmq.protocol.remoting.request.AccessRequest.ListAcls;
import io.escrowmq.protocol.remoting.request.AccessRequest.ListUsers;
import io.escrowmq.protocol.remoting.request.AccessRequest.PutAcl;
import io.escrowmq.protocol.remoting.wire.JsonWriter;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.security.Acl;
import io.escrowmq.spi.protocol.security.Acl.Policy;
import io.escrowmq.spi.protocol.security.Acls;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.AddressRange;
import io.escrowmq.spi.protocol.security.PolicyEntry;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.protocol.security.ResourcePattern;
import io.escrowmq.spi.protocol.security.User;
import io.escrowmq.spi.protocol.security.Users;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Users and access control lists as the official tools see them. Blocks. */
final class AccessTools {
  private final BrokerServices services;

  AccessTools(BrokerServices services) {
    this.services = services;
  }

  /**
   * The answer.
   *
   * @param caller who asks; empty where nobody is asked who they are
   */
  Answer answer(AccessRequest request, Optional<Principal> caller) {
    return switch (request) {
      case CreateUser create -> {
        users().create(create.user());
        yield Answer.success();
      }
      case ChangeUser change -> change(change);
      case DeleteUser delete -> {
        users().delete(delete.name());
        yield Answer.success();
      }
      case FindUser find -> {
        JsonWriter json = new JsonWriter(128);
        boolean secrets = showsSecrets(caller);
        yield users()
            .find(find.name())
            .map(user -> Answer.success(write(json, user, secrets).toBytes()))
            .orElseGet(Answer::success);
      }
      case ListUsers list -> list(list, showsSecrets(caller));
      case PutAcl put -> put(put);
      case DeleteAcl delete -> delete(delete);
      case FindAcl find ->
          acls()
              .find(find.user())
              .map(acl -> Answer.success(write(new JsonWriter(512), acl).toBytes()))
              .orElseGet(Answer::success);
      case ListAcls list -> list(list);
    };
  }

  private Users users() {
    return services.authority().users();
  }

  private Acls acls() {
    return services.authority().acls();
  }

  private boolean showsSecrets(Optional<Principal> caller) {
    return users().secretsReadable() && caller.filter(Principal::superUser).isPresent();
  }

  private Answer change(ChangeUser change) {
    Optional<User> found = users().find(change.name());
    if (found.isEmpty()) {
      return noSuchUser(change.name());
    }
    User old = found.get();
    users()
        .change(
            new User(
                old.name(),
                Objects.requireNonNullElse(change.secret(), old.secret()),
                Objects.requireNonNullElse(change.type(), old.type()),
                Objects.requireNonNullElse(change.status(), old.status())));
    return Answer.success();
  }

  private static Answer noSuchUser(String name) {
    return Answer.refusal(
        ResponseCodes.USER_NOT_EXIST,
        "there is no user " + name + ". Create it first (mqadmin createUser), or check the name");
  }

  private Answer list(ListUsers list, boolean secrets) {
    JsonWriter json = new JsonWriter(1024).startArray();
    users().list().stream()
        .filter(user -> contains(user.name(), list.filter()))
        .forEach(user -> write(json, user, secrets));
    return Answer.success(json.endArray().toBytes());
  }

  private static boolean contains(String text, @Nullable String part) {
    return part == null || text.contains(part);
  }

  private Answer put(PutAcl put) {
    if (users().find(put.user()).isEmpty()) {
      return noSuchUser(put.user());
    }
    Acl acl = acls().find(put.user()).orElseGet(() -> new Acl(put.user(), List.of(), List.of()));
    for (Map.Entry<Policy, List<PolicyEntry>> policy : put.entries().entrySet()) {
      acl = acl.with(policy.getKey(), policy.getValue());
    }
    acls().put(acl);
    return Answer.success();
  }

  private Answer delete(DeleteAcl delete) {
    Optional<Acl> found = acls().find(delete.user());
    if (found.isEmpty()) {
      return Answer.refusal(
          ResponseCodes.POLICY_NOT_EXIST,
          "user " + delete.user() + " has no access control list; nothing was deleted");
    }
    Acl left = new Acl(delete.user(), List.of(), List.of());
    if (!delete.resources().isEmpty()) {
      left = found.get();
      for (ResourcePattern resource : delete.resources()) {
        left = left.without(delete.policy(), resource);
      }
    }
    acls().put(left);
    return Answer.success();
  }

  private Answer list(ListAcls list) {
    JsonWriter json = new JsonWriter(1024).startArray();
    acls().list().stream()
        .filter(acl -> contains(subject(acl), list.userFilter()))
        .filter(acl -> names(acl, list.resourceFilter()))
        .forEach(acl -> write(json, acl));
    return Answer.success(json.endArray().toBytes());
  }

  private static boolean names(Acl acl, @Nullable String part) {
    return part == null
        || acl.custom().stream().anyMatch(it -> it.resources().text().contains(part))
        || acl.defaults().stream().anyMatch(it -> it.resources().text().contains(part));
  }

  private static String subject(Acl acl) {
    return "User:" + acl.user();
  }

  private static JsonWriter write(JsonWriter json, User user, boolean secret) {
    return json.startObject()
        .member("username", user.name())
        .member("password", secret ? user.secret().reveal() : null)
        .member("userType", user.type().label())
        .member("userStatus", user.status().label())
        .endObject();
  }

  private static JsonWriter write(JsonWriter json, Acl acl) {
    json.startObject().member("subject", subject(acl)).name("policies").startArray();
    for (Policy policy : Policy.values()) {
      if (!acl.entries(policy).isEmpty()) {
        String name = policy.name();
        json.startObject()
            .member("policyType", name.charAt(0) + name.substring(1).toLowerCase(Locale.ROOT))
            .name("entries")
            .startArray();
        acl.entries(policy).forEach(entry -> write(json, entry));
        json.endArray().endObject();
      }
    }
    return json.endArray().endObject();
  }

  private static void write(JsonWriter json, PolicyEntry entry) {
    json.startObject().member("resource", entry.resources().text()).name("actions").startArray();
    entry.actions().stream().map(Action::label).sorted().forEach(json::text);
    json.endArray();
    if (!entry.sources().isEmpty()) {
      json.name("sourceIps").startArray();
      entry.sources().stream().map(AddressRange::text).forEach(json::text);
      json.endArray();
    }
    json.member("decision", entry.decision().label()).endObject();
  }
}
