package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.RequestParser;
import io.escrowmq.spi.protocol.BrokerServices;
import java.util.concurrent.Executor;

/**
 * What all connections share.
 *
 * @param blocking starts a virtual thread per task
 */
record RemotingNode(
    RemotingSettings settings,
    BrokerServices services,
    RequestParser parser,
    RequestDispatcher dispatcher,
    Demands demands,
    PushFrames pushFrames,
    Traffic traffic,
    PeerFaults faults,
    Executor blocking) {}
