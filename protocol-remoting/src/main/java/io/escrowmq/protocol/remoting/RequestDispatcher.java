package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RemotingRequest;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Administer;
import io.escrowmq.protocol.remoting.request.RemotingRequest.CheckSubscription;
import io.escrowmq.protocol.remoting.request.RemotingRequest.ConsumerList;
import io.escrowmq.protocol.remoting.request.RemotingRequest.CreateTopic;
import io.escrowmq.protocol.remoting.request.RemotingRequest.EarliestStoreTime;
import io.escrowmq.protocol.remoting.request.RemotingRequest.EndTransaction;
import io.escrowmq.protocol.remoting.request.RemotingRequest.HeartBeat;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Joint;
import io.escrowmq.protocol.remoting.request.RemotingRequest.LockQueues;
import io.escrowmq.protocol.remoting.request.RemotingRequest.MaxOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.MinOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.OffsetByTime;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Popping;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Pull;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueryMessage;
import io.escrowmq.protocol.remoting.request.RemotingRequest.QueryOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Recall;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Route;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Send;
import io.escrowmq.protocol.remoting.request.RemotingRequest.SendBack;
import io.escrowmq.protocol.remoting.request.RemotingRequest.UnlockQueues;
import io.escrowmq.protocol.remoting.request.RemotingRequest.Unregister;
import io.escrowmq.protocol.remoting.request.RemotingRequest.UpdateOffset;
import io.escrowmq.protocol.remoting.request.RemotingRequest.ViewMessage;
import io.escrowmq.spi.protocol.BrokerServices;
import io.escrowmq.spi.protocol.Routes;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.storage.TimeSource;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Decides for each request who answers it and where it runs: on the event loop (sends,
 * transactions: the door promises not to block), on a virtual thread, or on a virtual thread in the
 * order of the connection (what changes a client's own state). Thread-safe.
 */
final class RequestDispatcher {
  private final SendRequests sends;
  private final PullRequests pulls;
  private final PopRequests pops;
  private final ClientRequests clients;
  private final JointRequests joints;
  private final OffsetRequests offsets;
  private final TopicRequests topics;
  private final Tools tools;

  RequestDispatcher(
      BrokerServices services, Routes routes, TimeSource time, int mostSubscriptions) {
    this.sends = new SendRequests(services);
    this.pulls = new PullRequests(services);
    this.clients = new ClientRequests(services, mostSubscriptions);
    this.pops = new PopRequests(services, new Assignments(services, routes));
    this.joints = new JointRequests(services);
    this.offsets = new OffsetRequests(services);
    this.topics = new TopicRequests(services, routes);
    this.tools = new Tools(services, routes, time);
  }

  CompletionStage<Answer> handle(RemotingRequest request, RemotingConnection from) {
    return switch (request) {
      case Send send -> sends.send(send, from);
      case SendBack back -> sends.sendBack(back);
      case Recall recall -> sends.recall(recall);
      case EndTransaction end -> sends.end(end, from);
      case Pull pull -> pulls.pull(pull, from);
      case Popping pop -> pops.answer(pop.command(), from);
      case Joint joint -> joints.answer(joint.command(), from);
      case Route route -> from.beside(() -> topics.route(route));
      case CreateTopic create -> from.inOrder(() -> topics.create(create));
      case HeartBeat beat -> from.inOrder(() -> clients.heartbeat(beat.heartbeat(), from));
      case Unregister leave -> from.inOrder(() -> clients.unregister(leave, from));
      case ConsumerList list -> from.beside(() -> clients.consumerList(list, from));
      case CheckSubscription check -> from.beside(() -> clients.checkSubscription(check));
      case LockQueues lock -> from.inOrder(() -> clients.lock(lock.locks()));
      case UnlockQueues unlock -> from.inOrder(() -> clients.unlock(unlock.locks()));
      case QueryOffset query -> offsets.committed(query, from);
      case UpdateOffset update -> from.inOrder(() -> offsets.commit(update, from));
      case OffsetByTime byTime -> from.beside(() -> offsets.byTime(byTime));
      case MaxOffset max -> from.beside(() -> offsets.max(max));
      case MinOffset min -> from.beside(() -> offsets.min(min));
      case EarliestStoreTime earliest -> from.beside(() -> offsets.earliest(earliest));
      case ViewMessage view -> from.beside(() -> offsets.view(view));
      case Administer ask -> {
        Optional<Principal> caller = from.caller();
        yield from.beside(() -> tools.answer(ask.request(), caller));
      }
      case QueryMessage query -> from.beside(() -> offsets.query(query));
    };
  }
}
