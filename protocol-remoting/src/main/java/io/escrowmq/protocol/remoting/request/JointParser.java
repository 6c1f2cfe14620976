package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.request.RemotingRequest.EndTransaction.Decision;
import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.escrowmq.protocol.remoting.wire.RequestCodes;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns the requests of this server's own about transactions into typed ones. Stateless. */
final class JointParser {

  /** No transaction has as many messages; it bounds what a range may expand to. */
  private static final int MAX_NUMBER = 100_000;

  private static final String ALL = "all";

  private JointParser() {}

  /** The typed request, or null if this is none of them. */
  static @Nullable JointCommand parse(int code, Fields fields, ByteBuffer body) {
    return switch (code) {
      case RequestCodes.OPEN_TRANSACTION -> {
        int immunity = fields.numberOr("checkImmunitySeconds", -1);
        yield new JointCommand.Open(
            fields.text("producerGroup"),
            fields.text("transactionKey"),
            immunity < 0 ? OptionalInt.empty() : OptionalInt.of(immunity));
      }
      case RequestCodes.ADD_TO_TRANSACTION ->
          new JointCommand.Add(
              fields.text("transactionId"),
              fields.number("sequence"),
              RequestParser.send(RequestCodes.SEND_MESSAGE, fields, body));
      case RequestCodes.DECIDE_TRANSACTION -> decide(fields);
      case RequestCodes.VIEW_TRANSACTION ->
          new JointCommand.View(fields.text("transactionId"), fields.text("producerGroup"));
      default -> null;
    };
  }

  private static JointCommand decide(Fields fields) {
    String text = fields.text("decision");
    Decision decision =
        switch (text) {
          case "COMMIT" -> Decision.COMMIT;
          case "ROLLBACK" -> Decision.ROLLBACK;
          case "UNKNOWN" -> Decision.UNKNOWN;
          default ->
              throw bad(
                  "decision", "is '" + text + "', but only COMMIT, ROLLBACK and UNKNOWN exist");
        };
    boolean fromCheck = fields.flag("fromTransactionCheck", false);
    String messages = fields.textOr("messages", "");
    if (decision == Decision.COMMIT && messages.isEmpty()) {
      throw bad(
          "messages",
          "is missing; a commit names its messages, for example 0-2,5, or says '" + ALL + "'");
    }
    return new JointCommand.Decide(
        fields.text("transactionId"),
        fields.text("producerGroup"),
        decision,
        messages.isEmpty() || messages.equals(ALL)
            ? Optional.empty()
            : Optional.of(numbers(messages)),
        fromCheck);
  }

  private static SortedSet<Integer> numbers(String text) {
    SortedSet<Integer> numbers = new TreeSet<>();
    if (text.equals("none")) {
      return numbers;
    }
    for (String part : text.split(",", -1)) {
      int dash = part.indexOf('-');
      int from = number(text, dash < 0 ? part : part.substring(0, dash));
      int to = dash < 0 ? from : number(text, part.substring(dash + 1));
      if (from > to) {
        throw malformed(text);
      }
      for (int number = from; number <= to; number++) {
        numbers.add(number);
      }
    }
    return numbers;
  }

  private static int number(String text, String digits) {
    if (digits.isEmpty() || digits.length() > 6 || !digits.chars().allMatch(Character::isDigit)) {
      throw malformed(text);
    }
    int number = Integer.parseInt(digits);
    if (number > MAX_NUMBER) {
      throw malformed(text);
    }
    return number;
  }

  private static ProtocolException malformed(String text) {
    return bad("messages", "is '" + text + "'; write numbers and ranges as in 0-2,5");
  }

  private static ProtocolException bad(String name, String why) {
    return new ProtocolException(
        Fault.BAD_FIELD,
        "request "
            + RequestCodes.DECIDE_TRANSACTION
            + " refused: the header field '"
            + name
            + "' "
            + why);
  }
}
