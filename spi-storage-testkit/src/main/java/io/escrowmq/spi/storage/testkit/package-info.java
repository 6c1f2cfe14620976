/**
 * The contract kit: what a storage engine must do, as tests, and the in-memory reference engine.
 *
 * <p>Start at {@link io.escrowmq.spi.storage.testkit.InMemoryStorage}, which is the specification
 * in its shortest executable form.
 */
@NullMarked
package io.escrowmq.spi.storage.testkit;

import org.jspecify.annotations.NullMarked;
