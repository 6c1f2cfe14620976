package io.escrowmq.protocol.remoting;

import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import io.escrowmq.protocol.remoting.wire.ResponseCodes;
import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Failures in the protocol's own numbers. A client gets a sentence, never a stack trace. */
final class Refusals {
  private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);

  private Refusals() {}

  static Answer of(RemotingCommand command, Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return switch (cause) {
      case BrokerException refused -> of(refused);
      case ProtocolException malformed ->
          Answer.refusal(ResponseCodes.SYSTEM_ERROR, malformed.getMessage());
      default -> {
        LOG.error("Request {} failed inside the server", command.code(), cause);
        yield Answer.refusal(
            ResponseCodes.SYSTEM_ERROR,
            "the server failed to process request "
                + command.code()
                + " because of an internal error; the outcome is unknown. The server's log says"
                + " more; try again or report it");
      }
    };
  }

  private static Answer of(BrokerException refused) {
    String remark = refused.describe();
    return Answer.refusal(
        code(refused.code()),
        refused.code() == ErrorCode.OVERLOADED ? "[OVERLOAD]" + remark : remark);
  }

  static int code(ErrorCode code) {
    return switch (code) {
      case TOPIC_NOT_FOUND -> ResponseCodes.TOPIC_NOT_EXIST;
      case GROUP_NOT_FOUND -> ResponseCodes.SUBSCRIPTION_GROUP_NOT_EXIST;
      case MESSAGE_ILLEGAL -> ResponseCodes.MESSAGE_ILLEGAL;
      case INVALID_PARAMETER -> ResponseCodes.INVALID_PARAMETER;
      case NO_PERMISSION -> ResponseCodes.NO_PERMISSION;
      case ILLEGAL_OPERATION, TRANSACTION_DUPLICATE -> ResponseCodes.ILLEGAL_OPERATION;
      case TRANSACTION_NOT_FOUND -> ResponseCodes.TRANSACTION_NOT_FOUND;
      case TRANSACTION_DECIDED -> ResponseCodes.TRANSACTION_DECIDED;
      case SUBSCRIPTION_NOT_FOUND -> ResponseCodes.SUBSCRIPTION_NOT_EXIST;
      case SUBSCRIPTION_NOT_LATEST -> ResponseCodes.SUBSCRIPTION_NOT_LATEST;
      case FILTER_INVALID -> ResponseCodes.SUBSCRIPTION_PARSE_FAILED;
      case CONSUMER_NOT_ONLINE -> ResponseCodes.CONSUMER_NOT_ONLINE;
      case OVERLOADED -> ResponseCodes.SYSTEM_BUSY;
      case THROTTLED -> ResponseCodes.FLOW_CONTROL;
      case STORE_FULL, STORE_UNAVAILABLE, NOT_SERVING -> ResponseCodes.SERVICE_NOT_AVAILABLE;
      case MESSAGE_NOT_FOUND, ADDRESS_IN_USE, INTERNAL -> ResponseCodes.SYSTEM_ERROR;
    };
  }
}
