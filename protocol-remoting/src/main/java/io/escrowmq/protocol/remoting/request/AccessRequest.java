package io.escrowmq.protocol.remoting.request;

import io.escrowmq.spi.protocol.security.Acl.Policy;
import io.escrowmq.spi.protocol.security.PolicyEntry;
import io.escrowmq.spi.protocol.security.ResourcePattern;
import io.escrowmq.spi.protocol.security.Secret;
import io.escrowmq.spi.protocol.security.User;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What tools ask about users and access control lists (RocketMQ's ACL 2.0). */
public sealed interface AccessRequest {

  /** Request 3001: a new user. */
  record CreateUser(User user) implements AccessRequest {}

  /**
   * Request 3002: another secret, type or status.
   *
   * @param secret null to leave it
   * @param type null to leave it
   * @param status null to leave it
   */
  record ChangeUser(
      String name, @Nullable Secret secret, User.@Nullable Type type, User.@Nullable Status status)
      implements AccessRequest {}

  /** Request 3003: no such user any more. */
  record DeleteUser(String name) implements AccessRequest {}

  /** Request 3004: a user. */
  record FindUser(String name) implements AccessRequest {}

  /**
   * Request 3005: users.
   *
   * @param filter only those whose names contain this, null for all
   */
  record ListUsers(@Nullable String filter) implements AccessRequest {}

  /** Requests 3006 and 3007: entries that take the place of those about the same resources. */
  record PutAcl(String user, Map<Policy, List<PolicyEntry>> entries) implements AccessRequest {}

  /**
   * Request 3008: entries away.
   *
   * @param resources those about these; none for all of both policies
   */
  record DeleteAcl(String user, Policy policy, List<ResourcePattern> resources)
      implements AccessRequest {}

  /** Request 3009: the list of a user. */
  record FindAcl(String user) implements AccessRequest {}

  /**
   * Request 3010: lists.
   *
   * @param userFilter only of users like this ({@code User:} and name), null for all
   * @param resourceFilter only with an entry whose resources contain this, null for all
   */
  record ListAcls(@Nullable String userFilter, @Nullable String resourceFilter)
      implements AccessRequest {}
}
