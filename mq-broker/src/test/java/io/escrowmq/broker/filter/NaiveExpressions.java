package io.escrowmq.broker.filter;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Random expressions that carry their own meaning, written down without looking at the parser and
 * without any care for speed: values are plain objects, null is unknown, and an exception ends it.
 */
final class NaiveExpressions {

  /** Text, and what it means for a message. */
  record Naive(String text, Function<Map<String, String>, @Nullable Object> meaning) {
    Verdict verdict(Map<String, String> message) {
      try {
        Object result = meaning.apply(message);
        return result == null ? Verdict.UNKNOWN : Verdict.of((Boolean) result);
      } catch (NumberFormatException e) {
        return Verdict.FAILED;
      }
    }
  }

  private static final List<String> NAMES = List.of("a", "b", "TAGS");
  private static final List<String> TEXTS =
      List.of("x", "5", "it's", "true", "-1", "4.5", "2147483648");

  private final Random random;

  NaiveExpressions(Random random) {
    this.random = random;
  }

  /** A condition with at most so many levels of AND, OR and NOT. */
  Naive condition(int levels) {
    if (levels == 0) {
      return simple();
    }
    return switch (random.nextInt(4)) {
      case 0 -> not(condition(levels - 1));
      case 1 -> joined("AND", false, condition(levels - 1), condition(levels - 1));
      case 2 -> joined("OR", true, condition(levels - 1), condition(levels - 1));
      default -> simple();
    };
  }

  /** A message with some of the properties. */
  Map<String, String> message() {
    return NAMES.stream()
        .filter(_ -> random.nextInt(4) > 0)
        .collect(Collectors.toMap(name -> name, _ -> one(TEXTS)));
  }

  private static Naive not(Naive inner) {
    return new Naive(
        "NOT (" + inner.text + ")",
        message -> inner.meaning.apply(message) instanceof Boolean b ? !b : null);
  }

  private static Naive joined(String word, boolean decisive, Naive left, Naive right) {
    return new Naive(
        "(" + left.text + ") " + word + " (" + right.text + ")",
        message -> {
          Object first = left.meaning.apply(message);
          if (Boolean.valueOf(decisive).equals(first)) {
            return decisive;
          }
          Object second = right.meaning.apply(message);
          if (Boolean.valueOf(decisive).equals(second)) {
            return decisive;
          }
          return first == null || second == null ? null : !decisive;
        });
  }

  private Naive simple() {
    String name = one(NAMES);
    return switch (random.nextInt(5)) {
      case 0 -> equalToText(name, one(TEXTS));
      case 1 -> compared(name, random.nextInt(-2, 8));
      case 2 -> oneOf(name, IntStream.range(0, 3).mapToObj(_ -> one(TEXTS)).toList());
      case 3 -> within(name, random.nextInt(-2, 3) + 0.5, random.nextInt(3, 8) + 0.5);
      default -> new Naive(name + " IS NULL", message -> message.get(name) == null);
    };
  }

  private static Naive equalToText(String name, String text) {
    return new Naive(
        name + " = " + quoted(text),
        message -> message.get(name) == null ? null : (Object) text.equals(message.get(name)));
  }

  private Naive compared(String name, int number) {
    boolean above = random.nextBoolean();
    return new Naive(
        name + (above ? " > " : " <= ") + number,
        message -> {
          String value = message.get(name);
          return value == null ? null : (Object) ((Integer.parseInt(value) > number) == above);
        });
  }

  private static Naive oneOf(String name, List<String> texts) {
    return new Naive(
        name
            + " IN "
            + texts.stream()
                .map(NaiveExpressions::quoted)
                .collect(Collectors.joining(", ", "(", ")")),
        message -> message.get(name) == null ? null : (Object) texts.contains(message.get(name)));
  }

  private static Naive within(String name, double low, double high) {
    return new Naive(
        name + " BETWEEN " + low + " AND " + high,
        message -> {
          String text = message.get(name);
          if (text == null) {
            return null;
          }
          double value = Double.parseDouble(text);
          return value >= low && value <= high;
        });
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private <T> T one(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }
}
