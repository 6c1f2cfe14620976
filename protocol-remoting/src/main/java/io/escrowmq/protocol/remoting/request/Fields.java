package io.escrowmq.protocol.remoting.request;

import io.escrowmq.protocol.remoting.wire.ProtocolException;
import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import io.escrowmq.protocol.remoting.wire.RemotingCommand;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Typed access to the header fields of one request; a problem is reported with the field's name.
 */
final class Fields {
  private final RemotingCommand command;

  Fields(RemotingCommand command) {
    this.command = command;
  }

  /** All of them, as they came. */
  Map<String, String> all() {
    return command.extFields();
  }

  @Nullable String textOrNull(String name) {
    String value = command.extFields().get(name);
    return value == null || value.isEmpty() ? null : value;
  }

  String textOr(String name, String absent) {
    String value = textOrNull(name);
    return value == null ? absent : value;
  }

  String text(String name) {
    String value = textOrNull(name);
    if (value == null) {
      throw bad(name, "is missing");
    }
    return value;
  }

  int number(String name) {
    return narrow(name, longNumber(name));
  }

  int numberOr(String name, int absent) {
    return narrow(name, longOr(name, absent));
  }

  long longNumber(String name) {
    return parse(name, text(name));
  }

  long longOr(String name, long absent) {
    String value = textOrNull(name);
    return value == null ? absent : parse(name, value);
  }

  boolean flag(String name, boolean absent) {
    String value = textOrNull(name);
    return value == null ? absent : Boolean.parseBoolean(value);
  }

  private int narrow(String name, long value) {
    if (value != (int) value) {
      throw bad(name, "is " + value + ", which does not fit 32 bits");
    }
    return (int) value;
  }

  private long parse(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new ProtocolException(Fault.BAD_FIELD, message(name, "is not a whole number"), e);
    }
  }

  private ProtocolException bad(String name, String why) {
    return new ProtocolException(Fault.BAD_FIELD, message(name, why));
  }

  private String message(String name, String why) {
    return "request "
        + command.code()
        + " refused: the header field '"
        + name
        + "' "
        + why
        + "; send it as the RocketMQ remoting protocol describes";
  }
}
