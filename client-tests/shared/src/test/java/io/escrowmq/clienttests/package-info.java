/**
 * What an unmodified Apache RocketMQ client may expect from the server, over real sockets. The
 * tests here are compiled and run twice, against the 4.x and the 5.x client; what differs between
 * the two is in {@code ClientLine}, of which each module has its own. Start at {@link
 * io.escrowmq.clienttests.ServerFixture}, then read any test.
 *
 * <p>The same tests run against another server with {@code -Descrowmq.test.address=host:port};
 * those that hold EscrowMQ to stricter rules, or need to kill the server, are tagged {@code
 * escrowmq-only}.
 */
@NullMarked
package io.escrowmq.clienttests;

import org.jspecify.annotations.NullMarked;
