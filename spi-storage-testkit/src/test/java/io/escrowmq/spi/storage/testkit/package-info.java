/** The kit tested by itself: on the reference engine, and on engines broken on purpose. */
@NullMarked
package io.escrowmq.spi.storage.testkit;

import org.jspecify.annotations.NullMarked;
