/**
 * The default storage engine: one sequential log on disk, and views of it in an embedded database.
 *
 * <p>Start at {@code CommitLogStorage}, which wires the parts. A write is encoded by its caller
 * into the ring of the {@code log} package, decided and stamped in log order by the one thread of
 * {@code Sequencer}, written and synced by the one thread of {@code LogWriter}, and then applied to
 * the {@code views}, from which every read is answered. {@code Recovery} replays the end of the log
 * through the same code. The bytes are drawn in {@code docs/formats/commitlog.md}.
 */
@NullMarked
package io.escrowmq.storage.commitlog;

import org.jspecify.annotations.NullMarked;
