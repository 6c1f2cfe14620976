/** Tests of the server, in this process and as a process of its own. */
@NullMarked
package io.escrowmq.server;

import org.jspecify.annotations.NullMarked;
