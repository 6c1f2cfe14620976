package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the server asked this client and waits for. Its numbers are far from those of the server's
 * one-way requests, which nobody answers. Thread-safe.
 */
final class Questions {
  private static final int FIRST = 1 << 30;

  private final Map<Integer, CompletableFuture<Reply>> open = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger(FIRST);
  private volatile boolean closed;

  /**
   * What the client said.
   *
   * @param command its header
   * @param body a copy of its body
   */
  record Reply(RemotingCommand command, ByteBuffer body) {}

  /** A question on its way out. */
  record Asked(Outbox.Outbound frame, CompletableFuture<Reply> reply) {}

  /**
   * A question. Its reply fails with {@link java.util.concurrent.TimeoutException} when none came
   * in time, and with {@link IOException} when the connection closed.
   */
  Asked ask(
      int code,
      Map<String, String> fields,
      List<ByteBuffer> body,
      HeaderEncoding encoding,
      Duration patience) {
    int number = next.getAndIncrement();
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    open.put(number, reply);
    if (closed) {
      fail(reply);
    }
    var _ =
        reply
            .orTimeout(patience.toMillis(), TimeUnit.MILLISECONDS)
            .whenComplete((_, _) -> open.remove(number));
    RemotingCommand command = RemotingCommand.request(code, number, false, fields, encoding);
    return new Asked(new Outbox.Outbound(command, body, Answer::nothing), reply);
  }

  /** A response came. One that nobody waits for (any more) is dropped. */
  void answered(RemotingCommand command, ByteBuffer body) {
    CompletableFuture<Reply> waiting = open.remove(command.opaque());
    if (waiting != null) {
      ByteBuffer copy = ByteBuffer.allocate(body.remaining()).put(body).flip();
      waiting.complete(new Reply(command, copy));
    }
  }

  /** No more replies will come. */
  void close() {
    closed = true;
    open.values().forEach(Questions::fail);
  }

  private static void fail(CompletableFuture<Reply> reply) {
    reply.completeExceptionally(new IOException("the client's connection closed"));
  }
}
