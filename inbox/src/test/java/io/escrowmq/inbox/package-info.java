/** The inbox against real databases. */
@NullMarked
package io.escrowmq.inbox;

import org.jspecify.annotations.NullMarked;
