/**
 * A PostgreSQL of one's own for demos and tests: its binaries come with the build, its data goes
 * away with it. Start at {@link io.escrowmq.dev.postgres.DevPostgres}. Never part of the product.
 */
@NullMarked
package io.escrowmq.dev.postgres;

import org.jspecify.annotations.NullMarked;
