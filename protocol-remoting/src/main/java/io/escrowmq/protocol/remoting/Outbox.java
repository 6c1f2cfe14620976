package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.FrameEncoder;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way out of one connection. Any thread adds; the connection's event loop takes all
 * that is there, packs small frames into one buffer and flushes once, so acknowledgements that
 * complete together leave together.
 */
final class Outbox {
  private static final int PACK_BYTES = 32 * 1024;

  private final Channel channel;
  private final Runnable afterDrain;
  private final Queue<Outbound> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();

  /**
   * An outbox of one channel.
   *
   * @param afterDrain run on the event loop after each round
   */
  Outbox(Channel channel, Runnable afterDrain) {
    this.channel = channel;
    this.afterDrain = afterDrain;
  }

  /** One frame; {@code release} is run exactly once whatever happens to it. */
  record Outbound(RemotingCommand command, List<ByteBuffer> body, Runnable release) {}

  /** Puts a frame in line. */
  void add(Outbound frame) {
    waiting.add(frame);
    wake();
  }

  /** Has the event loop make a round soon. */
  void wake() {
    if (scheduled.compareAndSet(false, true)) {
      try {
        channel.eventLoop().execute(this::drain);
      } catch (RejectedExecutionException e) {
        // The event loops are gone and so is the connection: nothing can be sent any more.
        releaseAll();
      }
    }
  }

  /** Writes what is in line. On the event loop only. */
  void drain() {
    scheduled.set(false);
    if (!channel.isActive()) {
      releaseAll();
      return;
    }
    ByteBuf pack = null;
    boolean wrote = false;
    for (Outbound frame = waiting.poll(); frame != null; frame = waiting.poll()) {
      pack = append(pack, frame);
      wrote = true;
    }
    if (pack != null) {
      var _ = channel.write(pack, channel.voidPromise());
    }
    if (wrote) {
      channel.flush();
    }
    afterDrain.run();
  }

  private ByteBuf append(@Nullable ByteBuf pack, Outbound frame) {
    int bytes = FrameEncoder.HEADER_ESTIMATE_BYTES + FrameEncoder.bodyBytes(frame.body());
    ByteBuf out = pack;
    if (out != null && out.writableBytes() < bytes) {
      var _ = channel.write(out, channel.voidPromise());
      out = null;
    }
    if (out == null) {
      boolean more = !waiting.isEmpty();
      out = channel.alloc().ioBuffer(more ? Math.max(PACK_BYTES, bytes) : bytes);
    }
    try {
      FrameEncoder.encode(frame.command(), frame.body(), out);
    } finally {
      frame.release().run();
    }
    return out;
  }

  private void releaseAll() {
    for (Outbound frame = waiting.poll(); frame != null; frame = waiting.poll()) {
      frame.release().run();
    }
  }
}
