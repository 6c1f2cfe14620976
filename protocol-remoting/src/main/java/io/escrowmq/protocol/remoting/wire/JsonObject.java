package io.escrowmq.protocol.remoting.wire;

import io.escrowmq.protocol.remoting.wire.ProtocolException.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A parsed JSON object with typed access. Absent members take the default the official encoder
 * relies on; members of the wrong type are reported by name.
 */
public final class JsonObject {
  private final String what;
  private final Map<String, Object> members;

  JsonObject(String what, Map<String, Object> members) {
    this.what = what;
    this.members = members;
  }

  /** A text member that must be there and not be empty. */
  public String text(String name) {
    String value = textOr(name, "");
    if (value.isEmpty()) {
      throw bad(name, "is missing or empty");
    }
    return value;
  }

  /** A text member, or the default. */
  public String textOr(String name, String absent) {
    Object value = members.get(name);
    return switch (value) {
      case null -> absent;
      case String text -> text;
      case Long number -> number.toString();
      case Boolean bool -> bool.toString();
      default -> throw bad(name, "is not text");
    };
  }

  /** A whole number, or the default. Numbers in quotes are accepted. */
  public long numberOr(String name, long absent) {
    Object value = members.get(name);
    return switch (value) {
      case null -> absent;
      case Long number -> number;
      case String text -> parse(name, text);
      default -> throw bad(name, "is not a number");
    };
  }

  /** A whole number of 32 bits, or the default. */
  public int intOr(String name, int absent) {
    long value = numberOr(name, absent);
    if (value != (int) value) {
      throw bad(name, "does not fit 32 bits");
    }
    return (int) value;
  }

  /** A truth value, false if absent. */
  public boolean flag(String name) {
    Object value = members.get(name);
    return switch (value) {
      case null -> false;
      case Boolean bool -> bool;
      case String text -> Boolean.parseBoolean(text);
      default -> throw bad(name, "is neither true nor false");
    };
  }

  /** A truth value, or the default. */
  public boolean flagOr(String name, boolean absent) {
    return members.containsKey(name) ? flag(name) : absent;
  }

  /** An object member whose values are texts, numbers or truth values; an absent one is empty. */
  public Map<String, String> textMap(String name) {
    JsonObject object = objectOrNull(name);
    if (object == null) {
      return Map.of();
    }
    Map<String, String> texts = new LinkedHashMap<>();
    object.members.keySet().forEach(key -> texts.put(key, object.textOr(key, "")));
    return texts;
  }

  /** An object member, or null. */
  public @Nullable JsonObject objectOrNull(String name) {
    Object value = members.get(name);
    return value == null ? null : asObject(name, value);
  }

  /** The objects of a list member; an absent list is empty. */
  public List<JsonObject> objects(String name) {
    List<JsonObject> objects = new ArrayList<>();
    for (Object element : list(name)) {
      objects.add(asObject(name, element));
    }
    return objects;
  }

  /** The texts of a list member; an absent list is empty. */
  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (Object element : list(name)) {
      texts.add(element.toString());
    }
    return texts;
  }

  /** The numbers of a list member; an absent list is empty. */
  public List<Long> numbers(String name) {
    List<Long> numbers = new ArrayList<>();
    for (Object element : list(name)) {
      numbers.add(element instanceof Long number ? number : parse(name, element.toString()));
    }
    return numbers;
  }

  private List<?> list(String name) {
    Object value = members.get(name);
    return switch (value) {
      case null -> List.of();
      case List<?> list -> list;
      default -> throw bad(name, "is not a list");
    };
  }

  @SuppressWarnings("unchecked") // JsonText builds every map with text keys
  private JsonObject asObject(String name, Object value) {
    if (value instanceof Map<?, ?> map) {
      return new JsonObject(what + ", member '" + name + "'", (Map<String, Object>) map);
    }
    throw bad(name, "is not an object");
  }

  private long parse(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new ProtocolException(
          Fault.BAD_BODY, what + ": the member '" + name + "' is not a number", e);
    }
  }

  private ProtocolException bad(String name, String why) {
    return new ProtocolException(Fault.BAD_BODY, what + ": the member '" + name + "' " + why);
  }
}
