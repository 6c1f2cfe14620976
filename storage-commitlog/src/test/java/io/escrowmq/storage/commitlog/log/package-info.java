/** Tests of the log's bytes and of the ring. */
@NullMarked
package io.escrowmq.storage.commitlog.log;

import org.jspecify.annotations.NullMarked;
