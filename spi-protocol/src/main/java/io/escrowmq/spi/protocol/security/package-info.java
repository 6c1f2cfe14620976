/**
 * Who may do what, independent of any protocol: users with secrets, and access control lists whose
 * entries allow or deny actions on topics, groups and the cluster. The words are those of Apache
 * RocketMQ's ACL 2.0, so that its tools work on them. A protocol finds out who is asking (by a
 * signature or a password checked against a {@link io.escrowmq.spi.protocol.security.Principal}),
 * says what that needs, and asks the principal whether it may.
 */
@NullMarked
package io.escrowmq.spi.protocol.security;

import org.jspecify.annotations.NullMarked;
