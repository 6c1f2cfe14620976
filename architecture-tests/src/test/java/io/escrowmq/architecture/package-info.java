/**
 * The rules of ARCHITECTURE.md and CONTRIBUTING.md that a compiler cannot see, checked on the
 * compiled server modules. Start with {@link io.escrowmq.architecture.ArchitectureTest}: one test
 * per rule; {@link io.escrowmq.architecture.Modules} holds the arrows.
 */
@NullMarked
package io.escrowmq.architecture;

import org.jspecify.annotations.NullMarked;
