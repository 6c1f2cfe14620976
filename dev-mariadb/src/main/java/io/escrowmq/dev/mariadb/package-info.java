/**
 * A MariaDB of one's own for tests: its binaries are the machine's, its data goes away with it.
 * Start at {@link io.escrowmq.dev.mariadb.DevMariaDb}. Never part of the product.
 */
@NullMarked
package io.escrowmq.dev.mariadb;

import org.jspecify.annotations.NullMarked;
