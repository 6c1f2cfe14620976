/**
 * Load commands that print what they measured beside what they compared it with, in the same run.
 *
 * <p>Start at {@link io.escrowmq.benchmarks.Bench}. Figures that were kept are in {@code
 * benchmarks/README.md}.
 */
@NullMarked
package io.escrowmq.benchmarks;

import org.jspecify.annotations.NullMarked;
