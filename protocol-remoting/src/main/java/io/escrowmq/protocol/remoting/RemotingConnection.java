package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RemotingRequest;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Pull;
import io.escrowmq.protocol.remoting.wire.HeaderEncoding;
import io.escrowmq.protocol.remoting.wire.Language;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.RemotingFrame;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.ClientConnection;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.security.Principal;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.timeout.IdleStateEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: takes requests in, holds the connection's limits, sends answers and the
 * server's own requests out. Created per channel; the broker knows it as {@link ClientConnection}.
 */
final class RemotingConnection extends SimpleChannelInboundHandler<RemotingFrame>
    implements ClientConnection {
  private static final Logger LOG = LoggerFactory.getLogger(RemotingConnection.class);

  private static final Answer SHUTTING_DOWN =
      Answer.refusal(
          ResponseCodes.SERVICE_NOT_AVAILABLE,
          "the server is shutting down and takes no new requests; try another server or try again"
              + " later");

  private final Channel channel;
  private final InetSocketAddress remoteAddress;
  private final RemotingNode node;
  private final Outbox outbox;
  private final OrderedTasks ordered;
  private final Admission admission;
  private final Questions questions = new Questions();
  private final Unanswered unanswered;
  private volatile Peer peer = new Peer("", Language.OTHER, 0, HeaderEncoding.JSON);
  private volatile boolean paused;
  private boolean leaving;

  /** What the peer told about itself. */
  private record Peer(String clientId, Language language, int version, HeaderEncoding encoding) {}

  RemotingConnection(Channel channel, RemotingNode node) {
    super(false);
    this.channel = channel;
    this.remoteAddress = (InetSocketAddress) channel.remoteAddress();
    this.node = node;
    this.outbox = new Outbox(channel, this::updateReading);
    this.ordered = new OrderedTasks(node.blocking());
    this.unanswered = new Unanswered(node.settings().limits());
    this.admission = new Admission(node, remoteAddress);
  }

  @Override
  public String id() {
    return "remoting-" + channel.id().asShortText();
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return remoteAddress;
  }

  @Override
  public String clientDescription() {
    return "RocketMQ remoting, " + peer.language() + ", version " + peer.version();
  }

  @Override
  public boolean isOpen() {
    return channel.isActive();
  }

  @Override
  public boolean push(ServerPush push) {
    if (!channel.isActive() || !channel.isWritable() || !admission.mayReceive(push)) {
      return false;
    }
    node.traffic().count(Traffic.Event.PUSHES);
    outbox.add(node.pushFrames().frame(push, peer.encoding()));
    return true;
  }

  /** Asks the client something and waits for its reply, as {@link Questions#ask} says. */
  CompletableFuture<Questions.Reply> ask(
      int code, Map<String, String> fields, List<ByteBuffer> body, Duration patience) {
    Questions.Asked asked = questions.ask(code, fields, body, peer.encoding(), patience);
    node.traffic().count(Traffic.Event.PUSHES);
    outbox.add(asked.frame());
    return asked.reply();
  }

  /** The id of the client's last heartbeat, empty before the first. */
  String clientId() {
    return peer.clientId();
  }

  /** The id for audit records: the client's own, or its address. */
  String clientIdOrAddress() {
    String id = clientId();
    return id.isEmpty()
        ? remoteAddress.getAddress().getHostAddress() + ":" + remoteAddress.getPort()
        : id;
  }

  /** Who signed the request that is being handled; empty where nobody is asked who they are. */
  Optional<Principal> caller() {
    return admission.caller();
  }

  /** What the client is written in, as far as it said. */
  Language language() {
    return peer.language();
  }

  /** The client's version, as the protocol numbers them; 0 if it said nothing yet. */
  int version() {
    return peer.version();
  }

  /** Remembers the id a heartbeat gave. */
  void identify(String clientId) {
    Peer now = peer;
    if (!now.clientId().equals(clientId)) {
      peer = new Peer(clientId, now.language(), now.version(), now.encoding());
    }
  }

  /** Runs a blocking task after every earlier one of this connection. */
  <T> CompletionStage<T> inOrder(Callable<T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    ordered.run(() -> complete(answer, task));
    return answer;
  }

  /** Runs a blocking task now, beside others. */
  <T> CompletionStage<T> beside(Callable<T> task) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    node.blocking().execute(() -> complete(answer, task));
    return answer;
  }

  private static <T> void complete(CompletableFuture<T> answer, Callable<T> task) {
    try {
      answer.complete(task.call());
    } catch (Throwable e) {
      // Whatever a handler throws, the request gets an answer and the lane goes on.
      answer.completeExceptionally(e);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, RemotingFrame frame) {
    RemotingCommand command = frame.command();
    try {
      if (command.response()) {
        questions.answered(command, frame.body().nioBuffer());
        return;
      }
      learn(command);
      node.traffic().count(Traffic.Event.REQUESTS);
      Optional<Answer> stranger = admission.authenticate(command, frame.body().nioBuffer());
      if (stranger.isPresent()) {
        node.traffic().count(Traffic.Event.REQUESTS_REFUSED);
        send(command, stranger.get());
        return;
      }
      Optional<RemotingRequest> request = node.parser().parse(command, frame.body().nioBuffer());
      if (request.isEmpty()) {
        node.traffic().count(Traffic.Event.REQUESTS_REFUSED);
        send(
            command,
            Answer.refusal(
                ResponseCodes.REQUEST_CODE_NOT_SUPPORTED,
                "request type " + command.code() + " not supported by this server"));
        return;
      }
      accept(command, request.get(), frame.body().readableBytes());
    } catch (ProtocolException e) {
      node.traffic().count(Traffic.Event.FRAMES_MALFORMED);
      send(command, Refusals.of(command, e));
    } finally {
      frame.release();
    }
  }

  private void learn(RemotingCommand command) {
    Peer now = peer;
    if (now.version() != command.version()
        || now.encoding() != command.encoding()
        || now.language() != command.language()) {
      peer = new Peer(now.clientId(), command.language(), command.version(), command.encoding());
    }
  }

  private void accept(RemotingCommand command, RemotingRequest request, int bodyBytes) {
    boolean pull = request instanceof Pull;
    if (pull && !unanswered.takesPull()) {
      node.traffic().count(Traffic.Event.REQUESTS_REFUSED);
      send(
          command,
          Answer.refusal(
              ResponseCodes.SYSTEM_BUSY,
              "[OVERLOAD]this connection has too many pulls waiting; pull fewer queues per"
                  + " connection or raise escrowmq.remoting.max-waiting-pulls-per-connection"));
      return;
    }
    begin(pull, bodyBytes);
    if (node.traffic().draining()) {
      // Asked after the request was counted, so that a drain either waits for it or refuses it.
      node.traffic().count(Traffic.Event.REQUESTS_REFUSED);
      answer(command, SHUTTING_DOWN, null);
      end(pull, bodyBytes);
      return;
    }
    CompletionStage<Answer> answer;
    try {
      answer = admission.handle(request, this, () -> node.dispatcher().handle(request, this));
    } catch (Throwable e) {
      // Top of a request: whatever happens in it, it is answered and no longer counted.
      answer = CompletableFuture.failedFuture(e);
    }
    answer.whenComplete((given, failure) -> {
      answer(command, given, failure);
      end(pull, bodyBytes);
    });
  }

  private void begin(boolean pull, int bodyBytes) {
    if (pull) {
      unanswered.pullBegan();
      node.traffic().pullBegan();
      return;
    }
    node.traffic().requestBegan();
    unanswered.requestBegan(bodyBytes);
    if (unanswered.full()) {
      updateReading();
    }
  }

  private void answer(
      RemotingCommand command, @Nullable Answer given, @Nullable Throwable failure) {
    Answer answer = given;
    if (failure != null || answer == null) {
      node.traffic().count(Traffic.Event.REQUESTS_FAILED);
      answer =
          Refusals.of(command, failure == null ? new IllegalStateException("no answer") : failure);
    }
    send(command, answer);
  }

  private void end(boolean pull, int bodyBytes) {
    if (pull) {
      unanswered.pullEnded();
      node.traffic().pullEnded();
      return;
    }
    unanswered.requestEnded(bodyBytes);
    if (paused) {
      outbox.wake();
    }
    node.traffic().requestEnded();
  }

  private void send(RemotingCommand request, Answer answer) {
    if (request.oneWay()) {
      if (answer.code() != ResponseCodes.SUCCESS && LOG.isDebugEnabled()) {
        LOG.debug("One-way request {} of {}: {}", request.code(), id(), answer.remark());
      }
      answer.release().run();
      return;
    }
    RemotingCommand response = request.answer(answer.code(), answer.remark(), answer.fields());
    outbox.add(new Outbox.Outbound(response, answer.body(), answer.release()));
  }

  /**
   * Says goodbye: sends the answers in line, then the end of the stream, and takes no further
   * request. Whoever calls this closes the channel after a while. On the event loop only.
   */
  void leave() {
    if (!leaving && channel.isActive()) {
      leaving = true;
      outbox.drain();
      Farewell.say(channel);
    }
  }

  /** Reads on or stops reading, as the limits say. On the event loop only. */
  private void updateReading() {
    if (leaving) {
      return;
    }
    boolean read = !unanswered.full() && channel.isWritable();
    if (read == paused) {
      paused = !read;
      if (paused) {
        node.traffic().count(Traffic.Event.READING_PAUSES);
      }
      channel.config().setAutoRead(read);
      if (paused && !unanswered.full()) {
        // A completion may have passed between the check and the flag; look again.
        outbox.wake();
      }
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    outbox.drain();
    context.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    updateReading();
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    outbox.drain();
    questions.close();
    ordered.run(() -> node.services().groups().connectionClosed(this));
    context.fireChannelInactive();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof IdleStateEvent) {
      node.traffic().count(Traffic.Event.CONNECTIONS_IDLE_CLOSED);
      var _ = context.close();
      return;
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    Throwable reason =
        cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause;
    if (leaving) {
      // An answer too late to be sent is no reason to cut off those before it.
      LOG.debug("Connection from {} while leaving: {}", remoteAddress, reason.getMessage());
      return;
    }
    switch (reason) {
      case ProtocolException malformed -> {
        node.traffic().count(Traffic.Event.FRAMES_MALFORMED);
        node.faults().report(PeerFaults.Kind.MALFORMED, remoteAddress, malformed.getMessage());
      }
      case SSLException broken ->
          node.faults().report(PeerFaults.Kind.TLS, remoteAddress, "TLS: " + broken.getMessage());
      case IOException broken ->
          LOG.debug("Connection from {} broke: {}", remoteAddress, broken.getMessage());
      default -> LOG.error("Connection from {} closed after an error", remoteAddress, reason);
    }
    // Requests before the fault may have been answered already.
    outbox.drain();
    var _ = context.close();
  }
}
