/** Tests of the checks outside. */
@NullMarked
package io.escrowmq.server.checks;

import org.jspecify.annotations.NullMarked;
