/** Tests of the command line client. */
@NullMarked
package io.escrowmq.server.cli;

import org.jspecify.annotations.NullMarked;
