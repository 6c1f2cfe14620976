package io.escrowmq.storage.commitlog;

import io.escrowmq.spi.storage.Disk;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.storage.commitlog.log.DirectoryLock;
import io.escrowmq.storage.commitlog.log.DiskPressure;
import io.escrowmq.storage.commitlog.log.DurableMark;
import io.escrowmq.storage.commitlog.log.Segment;
import io.escrowmq.storage.commitlog.log.SegmentSupply;
import io.escrowmq.storage.commitlog.log.Segments;
import io.escrowmq.storage.commitlog.log.Signal;
import io.escrowmq.storage.commitlog.views.Views;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The files of a store, opened and recovered: everything below the threads.
 *
 * @param end what recovery found
 */
record RecoveredLog(
    Segments segments,
    SegmentSupply supply,
    DiskPressure pressure,
    Views views,
    Decider decider,
    DurableMark mark,
    Recovery.Recovered end) {

  /** The directory of the segments. */
  static final String LOG = "log";

  /** Locks the directory, opens the files and replays the end of the log. */
  static RecoveredLog open(
      StorageSettings settings,
      StorageContext context,
      CommitLogOptions options,
      Signal signal,
      Resources resources)
      throws IOException {
    Path directory = settings.directory();
    Disk disk = context.disk();
    resources.add(DirectoryLock.take(directory));
    Segments segments = resources.add(Segments.open(disk, directory.resolve(LOG)));
    DiskPressure pressure = new DiskPressure(disk, directory, options.disk());
    pressure.sample();
    SegmentSupply supply =
        resources.add(new SegmentSupply(segments, context.time(), pressure, signal::raise));
    if (segments.isEmpty()) {
      segments.add(supply.createNow(0, options.firstSegmentBytes()));
    }
    Views views = resources.add(Views.open(directory.resolve("views"), at -> baseOf(segments, at)));
    Decider decider = new Decider(views, settings.decisionRetention().toMillis());
    DurableMark mark =
        resources.add(new DurableMark(disk, directory.resolve("durable-mark"), segments.storeId()));
    disk.forceDirectory(directory);
    Recovery recovery = new Recovery(segments, views, decider, mark.read());
    return new RecoveredLog(segments, supply, pressure, views, decider, mark, recovery.run());
  }

  private static long baseOf(Segments segments, long position) {
    return segments.at(position).map(Segment::base).orElse(0L);
  }
}
