/** Tests of the value types and of the message layout, with golden bytes. */
@NullMarked
package io.escrowmq.spi.storage;

import org.jspecify.annotations.NullMarked;
