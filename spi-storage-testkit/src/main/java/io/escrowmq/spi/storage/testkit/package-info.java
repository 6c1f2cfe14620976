/**
 * The contract kit: what a storage engine must do, as tests, and the reference engine they are
 * written against. An engine that does not pass every suite is not one.
 *
 * <p><b>Where to start.</b> {@link io.escrowmq.spi.storage.testkit.InMemoryStorage} is the
 * specification in its shortest executable form: {@code MemoryWriter} says what each mutation
 * means, {@code MemoryLog}, {@code MemoryEscrow}, {@code MemoryTables} and {@code MemoryIndex} what
 * each read answers. It is also the engine for tests of everything above the SPI (provider id
 * {@code memory}): {@code openInline} gives receipts on the caller's thread, for simulations;
 * {@code reopen} is a restart.
 *
 * <p><b>Testing an engine.</b> Declare it once as an {@link
 * io.escrowmq.spi.storage.testkit.EngineUnderTest}, and let {@link
 * io.escrowmq.spi.storage.testkit.WholeContract} hold it to every suite:
 *
 * <pre>{@code
 * class MyStorageTest extends WholeContract {
 *   @Override
 *   protected EngineUnderTest engine() {
 *     return new MyEngine();
 *   }
 * }
 * }</pre>
 *
 * <table>
 * <caption>The suites</caption>
 * <tr><th>suites</th><th>about</th></tr>
 * <tr><td>Append, Atomicity, Precondition, Limits</td><td>what a batch is</td></tr>
 * <tr><td>Hold, HoldOrder</td><td>decisions, their memory, finding holds</td></tr>
 * <tr><td>Read, TimeLookup, Index, Table, Listener</td><td>answers and notifications</td></tr>
 * <tr><td>Trim, Retention, Ownership, Health</td><td>care and life cycle</td></tr>
 * <tr><td>Restart, Concurrency, ManyQueues</td><td>the same again, after and under load</td></tr>
 * <tr><td>Model</td><td>random batches, compared with the reference engine</td></tr>
 * <tr><td>Crash</td><td>SIGKILL of a child JVM that writes</td></tr>
 * <tr><td>TornWrite</td><td>damaged log files, for engines that own files</td></tr>
 * <tr><td>DiskFault</td><td>power cuts, failed syncs and full disks, for engines that write through
 * {@link io.escrowmq.spi.storage.Disk}</td></tr>
 * <tr><td>Survival</td><td>what the engine declares its writes to outlive</td></tr>
 * <tr><td>PowerCut, not in {@code WholeContract}</td><td>a disk that stops; needs root</td></tr>
 * </table>
 *
 * <p><b>Engines differ.</b> Nothing is skipped: a declared "no" (not persistent, no push
 * notifications, not through the given disk) is checked as such. Engines may keep some old messages
 * for the size of a segment ({@code retentionSlackBytes}), may answer a read with fewer messages
 * than its limits allow, and choose positions and row versions freely. They may not lose, reorder,
 * invent or half-apply anything.
 *
 * <p><b>Random suites</b> print their seed; {@code -Descrowmq.seed=} repeats it. Longer runs:
 * {@code -Descrowmq.model.steps=}, {@code -Descrowmq.crash.rounds=}, {@code
 * -Descrowmq.disk.rounds=}, {@code -Descrowmq.torn.samples=}, {@code -Descrowmq.kit.queues=};
 * {@code -Descrowmq.campaign=true} damages every byte and bit.
 *
 * <p><b>For other tests:</b> {@link io.escrowmq.spi.storage.testkit.ManualTimeSource}, {@link
 * io.escrowmq.spi.storage.testkit.FaultyDisk}, {@link
 * io.escrowmq.spi.storage.testkit.SampleMessages}, {@link io.escrowmq.spi.storage.testkit.Seeds}.
 */
@NullMarked
package io.escrowmq.spi.storage.testkit;

import org.jspecify.annotations.NullMarked;
