/**
 * The log itself: how a batch becomes a frame of bytes, and how frames travel through the ring into
 * segments on disk and back.
 *
 * <p>Start at {@code FrameLayout} (the bytes), then {@code Ring} and {@code LogWriter} (the way to
 * disk), {@code Segments} (the files) and {@code LogScanner} (the way back after a crash). Nothing
 * here knows what a mutation means.
 */
@NullMarked
package io.escrowmq.storage.commitlog.log;

import org.jspecify.annotations.NullMarked;
