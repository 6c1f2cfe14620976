/** Tests of the commitlog engine: the contract kit first, then what only a log can get wrong. */
@NullMarked
package io.escrowmq.storage.commitlog;

import org.jspecify.annotations.NullMarked;
