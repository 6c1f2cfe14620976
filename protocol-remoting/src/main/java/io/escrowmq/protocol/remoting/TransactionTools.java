package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.request.AdminRequest.ResumeChecks;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerServices;

/** What tools do about transactions that nobody decided. Blocks. */
final class TransactionTools {

  private TransactionTools() {}

  /** Request 323. */
  static Answer resume(BrokerServices services, ResumeChecks ask, String operator) {
    boolean resumed =
        services
            .sending()
            .transactions()
            .resumeChecks(ask.topic(), ClientTools.position(ask.messageId()).orElse(-1L), operator)
            .toCompletableFuture()
            .join();
    return resumed
        ? Answer.success()
        : Answer.refusal(
            ResponseCodes.SYSTEM_ERROR,
            "no parked transaction of topic "
                + ask.topic()
                + " has a half message with the id "
                + ask.messageId()
                + ": it was decided, it is still asked about, or the id is not the one that the"
                + " producer got");
  }
}
