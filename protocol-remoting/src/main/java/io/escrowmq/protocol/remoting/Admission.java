package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.Signatures.Signer;
import io.escrowmq.protocol.remoting.request.RemotingRequest;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.JointServices;
import io.escrowmq.spi.protocol.ServerPush;
import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Authority;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.protocol.security.Resource;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets those requests of a connection through that the authority allows: all of them where it does
 * not care. On the connection's event loop only, but for {@link #mayReceive}.
 */
final class Admission {
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

  private final RemotingNode node;
  private final Authority authority;
  private final InetSocketAddress from;
  private final boolean enforced;
  private final Signatures signatures;

  /** Who signed the last request. */
  private volatile @Nullable Principal caller;

  Admission(RemotingNode node, InetSocketAddress from) {
    this.node = node;
    this.authority = node.services().authority();
    this.from = from;
    this.enforced = authority.enforced();
    this.signatures = new Signatures(authority);
  }

  /** The refusal of a request that nobody signed who is known here; empty if it goes on. */
  Optional<Answer> authenticate(RemotingCommand command, ByteBuffer body) {
    if (!enforced) {
      return Optional.empty();
    }
    return switch (signatures.signer(command, body)) {
      case Signer.Known known -> {
        caller = known.principal();
        yield Optional.empty();
      }
      case Signer.Unknown unknown -> {
        caller = null;
        yield Optional.of(refused("request " + command.code() + " refused: " + unknown.why()));
      }
    };
  }

  /** Who signed the request that is being handled; empty where nobody is asked. */
  Optional<Principal> caller() {
    return Optional.ofNullable(caller);
  }

  /** Handles a request of the caller, or answers that the caller may not. */
  CompletionStage<Answer> handle(
      RemotingRequest request,
      RemotingConnection connection,
      Supplier<CompletionStage<Answer>> handler) {
    Principal asking = caller;
    if (!enforced) {
      return handler.get();
    }
    if (asking == null) {
      throw new IllegalStateException("a request was let in that nobody signed");
    }
    return switch (node.demands().of(request)) {
      case Demand.Needs needs ->
          refusal(asking, needs.all())
              .<CompletionStage<Answer>>map(CompletableFuture::completedFuture)
              .orElseGet(handler);
      case Demand.SuperUser _ ->
          asking.superUser()
              ? handler.get()
              : CompletableFuture.completedFuture(
                  refused(
                      "user "
                          + asking.name()
                          + " may not do this: only super users change users and what they may"
                          + " do"));
      case Demand.NeedsMessage needs ->
          refusal(asking, needs.all())
              .<CompletionStage<Answer>>map(CompletableFuture::completedFuture)
              .orElseGet(() ->
                  connection
                      .beside(() -> messageRefusal(asking, needs.position(), needs.anyOf()))
                      .thenCompose(refusal ->
                          refusal
                              .<CompletionStage<Answer>>map(CompletableFuture::completedFuture)
                              .orElseGet(handler)));
    };
  }

  private Optional<Answer> refusal(Principal asking, List<Need> needs) {
    for (Need need : needs) {
      Optional<String> refusal = asking.refusal(need, from.getAddress());
      if (refusal.isPresent()) {
        return Optional.of(refused(refusal.get()));
      }
    }
    return Optional.empty();
  }

  /** Reads the store. A message that is not there is no secret. */
  private Optional<Answer> messageRefusal(Principal asking, long position, Set<Action> anyOf) {
    return asking.superUser()
        ? Optional.empty()
        : node.services()
            .offsets()
            .at(position)
            .or(() -> node.services().sending().transactions().parked(position))
            .flatMap(message ->
                refusal(asking, List.of(new Need(Resource.topic(message.topic()), anyOf))));
  }

  /**
   * Whether the client may be shown what it did not ask for. Anybody can say that it produces for a
   * group, so a half message goes only to those who could have sent it. From any thread.
   */
  boolean mayReceive(ServerPush push) {
    Principal last = caller;
    return !enforced
        || switch (push) {
          case ServerPush.CheckTransaction check -> last != null && maySend(last.name(), check);
          case ServerPush.MembersChanged _, ServerPush.OffsetsReset _, ServerPush.Reply _ -> true;
        };
  }

  private boolean maySend(String user, ServerPush.CheckTransaction check) {
    String topic = check.message().topic();
    // Of several messages nobody sends the one that is shown: what is granted is the group.
    Resource target =
        topic.equals(JointServices.TOPIC)
            ? Resource.group(check.producerGroup())
            : Resource.topic(topic);
    Need need = new Need(target, Action.PUB);
    return authority
        .principal(user)
        .filter(now -> now.refusal(need, from.getAddress()).isEmpty())
        .isPresent();
  }

  private Answer refused(String reason) {
    // Names come from the peer: they must not look like lines of the log.
    String why = CONTROL.matcher(reason).replaceAll("?");
    node.traffic().count(Traffic.Event.ACCESS_DENIED);
    node.faults().report(PeerFaults.Kind.ACCESS, from, why);
    return Answer.refusal(ResponseCodes.NO_PERMISSION, why);
  }
}
