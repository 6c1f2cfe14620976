package io.escrowmq.broker.filter;

import static io.escrowmq.broker.filter.Tables.verdict;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Expressions that mean nothing: where, and what the user hears. */
final class FilterSyntaxTest {

  @Test
  void saysWhereAndWhatIsMissing() {
    assertWrong("", 0, "it is empty");
    assertWrong("  \n", 3, "it is empty");
    assertWrong("a >", 3, "a value is missing before the end");
    assertWrong("a > AND b = 1", 4, "a value is missing before AND");
    assertWrong("(a > 5", 6, ") is missing before the end");
    assertWrong("a > 5)", 5, "after a complete condition comes )");
    assertWrong("a > 5 b < 6", 6, "after a complete condition comes b");
    assertWrong("a BETWEEN 1 OR 5", 12, "AND is missing before OR");
    assertWrong("a IS 5", 5, "NULL is missing before 5");
    assertWrong("a IS NOT 5", 9, "NULL is missing before 5");
    assertWrong("a IN 'x'", 5, "( is missing before 'x'");
    assertWrong("a IN ('x'", 9, ") is missing before the end");
    assertWrong("a IN ()", 6, "IN wants a text in single quotes, not )");
    assertWrong("a IN (5)", 6, "IN wants a text in single quotes, not 5");
    assertWrong("a CONTAINS b", 11, "CONTAINS wants a text in single quotes, not b");
    assertWrong("a NOT = 5", 2, "NOT stands before =");
    assertWrong("a LIKE 'x%'", 2, "after a complete condition comes LIKE");
  }

  @Test
  void saysWhichCharacterMeansNothing() {
    assertWrong("a != 5", 2, "the character ! has no meaning here");
    assertWrong("a = \"x\"", 4, "the character \" has no meaning here");
    assertWrong("a = 1 && b = 2", 6, "the character & has no meaning here");
    assertWrong("a = 1; b", 5, "the character ; has no meaning here");
    assertWrong("grö = 1", 2, "the character U+00F6 has no meaning here");
    assertWrong("a = 'x", 4, "a text does not end");
    assertWrong("a = 1 /* x", 6, "a comment does not end");
    assertWrong("a * 2 = 4", 2, "the character * has no meaning here");
    assertWrong("*", 0, "the character * has no meaning here");
  }

  @Test
  void refusesNumbersThatAreNone() {
    assertWrong("a = 007", 4, "the number 007 begins with a zero");
    assertWrong("a = 5abc", 5, "after a complete condition comes abc");
    assertWrong("a = 5E", 5, "after a complete condition comes E");
    assertWrong(
        "a = 9223372036854775808",
        4,
        "the number 9223372036854775808 is above 9223372036854775807");
    assertWrong(
        "a = -9223372036854775808",
        5,
        "the number 9223372036854775808 is above 9223372036854775807");
    assertWrong("a = 1E400", 4, "the number 1E400 is above 1.7976931348623157E308");
    assertWrong("a = 1E-400", 4, "the number 1E-400 is below 4.9E-324");
    // More than the original knows: it takes 0.0 for a number that is too small.
    assertThat(verdict("a > 0.0", "a", "0.5")).isEqualTo(Verdict.TRUE);
  }

  @Test
  void refusesWhatCanNeverBeCompared() {
    assertWrong("a > 'x'", 4, "> and its like compare numbers, not the text 'x'");
    assertWrong("a <= TRUE", 5, "<= and its like compare numbers, not a condition");
    assertWrong("(a = 1) > 5", 0, "> and its like compare numbers, not a condition");
    assertWrong("NOT a > 5", 0, "> and its like compare numbers, not a condition");
    assertWrong("a > 5 > 3", 0, "> and its like compare numbers, not a condition");
    assertWrong("a BETWEEN 'x' AND 'y'", 10, ">= and its like compare numbers, not the text 'x'");
    assertWrong("a BETWEEN 10 AND 2", 10, "the first bound is above the second");
    assertWrong("a BETWEEN 1.5 AND 1", 10, "the first bound is above the second");
    assertWrong("a = NULL", 4, "nothing equals NULL");
    assertWrong("NULL <> a", 0, "nothing equals NULL");
    assertWrong("TRUE = 5", 5, "TRUE and FALSE equal no number and no text");
    assertWrong("FALSE = 'x'", 6, "TRUE and FALSE equal no number and no text");
    assertWrong("5 IN ('x')", 0, "before IN must stand the name of a property");
    assertWrong("NOT a IN ('x')", 0, "before IN must stand the name of a property");
    assertWrong("5", 0, "a condition is needed here, and this is only a value");
    assertWrong("a = 1 AND 'x'", 10, "a condition is needed here, and this is only a value");
    assertWrong("NOT 5", 4, "a condition is needed here, and this is only a value");
    assertWrong("-a", 0, "a condition is needed here, and this is only a value");
  }

  @Test
  void boundsLengthDepthAndNumberOfNames() {
    String longest = "a = '" + "x".repeat(Parser.MAX_LENGTH - 6) + "'";
    assertThat(verdict(longest)).isEqualTo(Verdict.UNKNOWN);
    assertWrong(longest + " ", Parser.MAX_LENGTH, "it has 32769 characters, more than 32768");

    assertThat(verdict(nested("(", ")", Parser.MAX_NESTING))).isEqualTo(Verdict.TRUE);
    assertWrong(
        nested("(", ")", Parser.MAX_NESTING + 1), 65, "it is nested more than 64 levels deep");
    assertWrong(nested("NOT ", "", 8_000), 260, "it is nested more than 64 levels deep");
    assertWrong("a = " + "-".repeat(1) + nested("+", "", 8_000), 69, "it is nested more than 64");

    assertThat(verdict(chained(Parser.MAX_CHAIN))).isEqualTo(Verdict.TRUE);
    assertWrong(chained(Parser.MAX_CHAIN + 1), 33, "more than 4 comparisons stand in a row");

    String names = names(Parser.MAX_PROPERTIES);
    assertThat(verdict(names)).isEqualTo(Verdict.TRUE);
    assertThat(verdict(names + " AND a1 IS NULL")).isEqualTo(Verdict.TRUE);
    assertWrong(
        names + " AND b IS NULL",
        names.length() + 5,
        "more than 128 different properties are named");
  }

  @Test
  void takesManyConditionsInARow() {
    String many =
        IntStream.range(0, 2_500).mapToObj(i -> "a = " + i).collect(Collectors.joining(" OR "));
    assertThat(verdict(many, "a", "2499")).isEqualTo(Verdict.TRUE);
    assertThat(verdict(many, "a", "2500")).isEqualTo(Verdict.FALSE);
  }

  private static String nested(String open, String close, int levels) {
    return open.repeat(levels) + "TRUE" + close.repeat(levels);
  }

  private static String chained(int links) {
    return "TRUE" + " = TRUE".repeat(links);
  }

  private static String names(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "a" + i + " IS NULL")
        .collect(Collectors.joining(" AND "));
  }

  private static void assertWrong(String expression, int at, String problem) {
    FilterSyntaxException e =
        catchThrowableOfType(FilterSyntaxException.class, () -> PropertyFilter.of(expression));
    assertThat(e).as(expression).isNotNull();
    assertThat(e.getMessage()).startsWith(problem);
    assertThat(e.at()).as(e.getMessage()).isEqualTo(at);
    assertThat(e.remedy()).endsWith(".");
  }
}
