/**
 * The promises of the commitlog's ring, tried on real processors and compilers with jcstress: each
 * class is one race with the outcomes it may have. Start with {@code PublishedBytesStress}, the
 * simplest; {@code RingStressTest} runs them all, {@code StressedRing} is what they share.
 */
@NullMarked
package io.escrowmq.ring.stress;

import org.jspecify.annotations.NullMarked;
