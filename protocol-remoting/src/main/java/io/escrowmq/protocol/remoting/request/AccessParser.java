package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.wire.JsonObject;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import io.escrowmq.spi.protocol.security.Acl.Policy;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.AddressRange;
import io.escrowmq.spi.protocol.security.PolicyEntry;
import io.escrowmq.spi.protocol.security.PolicyEntry.Decision;
import io.escrowmq.spi.protocol.security.ResourcePattern;
import io.escrowmq.spi.protocol.security.Secret;
import io.escrowmq.spi.protocol.security.User;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns the requests about users and access control lists into typed ones. Stateless. */
final class AccessParser {
  private static final String SUBJECT = "User:";

  private final JsonBodies bodies;

  AccessParser(JsonBodies bodies) {
    this.bodies = bodies;
  }

  /** The typed request, or null if it is about something else. */
  @Nullable AccessRequest parse(int code, Fields fields, ByteBuffer body) {
    return switch (code) {
      case RequestCodes.AUTH_CREATE_USER -> createUser(fields.text("username"), root(body, code));
      case RequestCodes.AUTH_UPDATE_USER -> changeUser(fields.text("username"), root(body, code));
      case RequestCodes.AUTH_DELETE_USER -> new AccessRequest.DeleteUser(fields.text("username"));
      case RequestCodes.AUTH_GET_USER -> new AccessRequest.FindUser(fields.text("username"));
      case RequestCodes.AUTH_LIST_USER -> new AccessRequest.ListUsers(fields.textOrNull("filter"));
      case RequestCodes.AUTH_CREATE_ACL, RequestCodes.AUTH_UPDATE_ACL ->
          new AccessRequest.PutAcl(user(fields), entries(root(body, code)));
      case RequestCodes.AUTH_DELETE_ACL ->
          new AccessRequest.DeleteAcl(
              user(fields),
              policy(fields.textOr("policyType", "")),
              patterns(fields.textOr("resource", "")));
      case RequestCodes.AUTH_GET_ACL -> new AccessRequest.FindAcl(user(fields));
      case RequestCodes.AUTH_LIST_ACL ->
          new AccessRequest.ListAcls(
              fields.textOrNull("subjectFilter"), fields.textOrNull("resourceFilter"));
      default -> null;
    };
  }

  private JsonObject root(ByteBuffer body, int code) {
    return bodies.object(body, "the body of request " + code);
  }

  private static AccessRequest createUser(String name, JsonObject root) {
    User.Type type = type(root);
    User.Status status = status(root);
    return new AccessRequest.CreateUser(
        new User(
            name,
            new Secret(root.textOr("password", "")),
            type == null ? User.Type.NORMAL : type,
            status == null ? User.Status.ENABLED : status));
  }

  private static AccessRequest changeUser(String name, JsonObject root) {
    String secret = root.textOr("password", "");
    return new AccessRequest.ChangeUser(
        name, secret.isEmpty() ? null : new Secret(secret), type(root), status(root));
  }

  private static User.@Nullable Type type(JsonObject root) {
    String text = root.textOr("userType", "");
    return text.isEmpty() ? null : one(text, User.Type.values(), User.Type::label, "user type");
  }

  private static User.@Nullable Status status(JsonObject root) {
    String text = root.textOr("userStatus", "");
    return text.isEmpty()
        ? null
        : one(text, User.Status.values(), User.Status::label, "user status");
  }

  /** The name in {@code User:name}. */
  private static String user(Fields fields) {
    String subject = fields.text("subject");
    if (!subject.regionMatches(true, 0, SUBJECT, 0, SUBJECT.length())
        || subject.length() == SUBJECT.length()) {
      throw bad("subject", subject, "User:name");
    }
    return subject.substring(SUBJECT.length());
  }

  private static Policy policy(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "", "custom" -> Policy.CUSTOM;
      case "default" -> Policy.DEFAULT;
      default -> throw bad("policy type", text, "Custom or Default");
    };
  }

  private static Map<Policy, List<PolicyEntry>> entries(JsonObject root) {
    Map<Policy, List<PolicyEntry>> entries = new EnumMap<>(Policy.class);
    for (JsonObject policy : root.objects("policies")) {
      for (JsonObject entry : policy.objects("entries")) {
        entries
            .computeIfAbsent(policy(policy.textOr("policyType", "")), _ -> new ArrayList<>())
            .add(entry(entry));
      }
    }
    if (entries.isEmpty()) {
      throw new ProtocolException(
          Fault.BAD_BODY, "the access control list has no entries; give at least one");
    }
    return entries;
  }

  private static PolicyEntry entry(JsonObject entry) {
    Set<Action> actions =
        entry.texts("actions").stream()
            .map(it -> known(it, Action::of, "action", "one of " + labels()))
            .collect(Collectors.toSet());
    if (actions.isEmpty()) {
      throw bad("list of actions", "", "at least one of " + labels());
    }
    return new PolicyEntry(
        pattern(entry.text("resource")),
        actions,
        entry.texts("sourceIps").stream()
            .map(it -> known(it, AddressRange::parse, "source", "an address or 10.0.0.0/8"))
            .toList(),
        one(entry.text("decision"), Decision.values(), Decision::label, "decision"));
  }

  private static String labels() {
    return Stream.of(Action.values()).map(Action::label).collect(Collectors.joining(", "));
  }

  private static List<ResourcePattern> patterns(String text) {
    return Stream.of(text.split(",", -1))
        .map(String::strip)
        .filter(it -> !it.isEmpty())
        .map(AccessParser::pattern)
        .toList();
  }

  private static ResourcePattern pattern(String text) {
    return known(
        text,
        ResourcePattern::parse,
        "resource",
        "*, or Cluster, Topic or Group, a colon, and a name, name* or *");
  }

  private static <T> T known(
      String text, Function<String, Optional<T>> reader, String what, String wanted) {
    return reader.apply(text.strip()).orElseThrow(() -> bad(what, text, wanted));
  }

  private static <T> T one(String text, T[] all, Function<T, String> label, String what) {
    return Stream.of(all)
        .filter(it -> label.apply(it).equalsIgnoreCase(text.strip()))
        .findFirst()
        .orElseThrow(
            () -> bad(what, text, Stream.of(all).map(label).collect(Collectors.joining(" or "))));
  }

  private static ProtocolException bad(String what, String text, String wanted) {
    return new ProtocolException(
        Fault.BAD_FIELD, "the " + what + " is '" + text + "'; it must be " + wanted);
  }
}
