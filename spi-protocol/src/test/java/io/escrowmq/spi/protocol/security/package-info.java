/** Tests of the rules. */
@NullMarked
package io.escrowmq.spi.protocol.security;

import org.jspecify.annotations.NullMarked;
