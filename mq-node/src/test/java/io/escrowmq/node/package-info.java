/**
 * Tests of a node's life cycle with the in-memory engine and hand-written engines that are slow or
 * stuck.
 */
@NullMarked
package io.escrowmq.node;

import org.jspecify.annotations.NullMarked;
