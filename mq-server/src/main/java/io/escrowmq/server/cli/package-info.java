/**
 * The command line client: {@code java -jar mq-server.jar cli topic list}.
 *
 * <p>Start at {@link io.escrowmq.server.cli.Cli}. Commands speak to a running server over its REST
 * API and know nothing else of it; {@code doctor} looks at the machine instead. Standard output is
 * for data ({@code --json} for scripts), standard error for talk, and the exit code says what
 * happened: see {@link io.escrowmq.server.cli.ExitCode}.
 */
@NullMarked
package io.escrowmq.server.cli;

import org.jspecify.annotations.NullMarked;
