package io.escrowmq.broker.filter;

import static io.escrowmq.broker.filter.Tables.verdict;
import static io.escrowmq.broker.filter.Verdict.FAILED;
import static io.escrowmq.broker.filter.Verdict.FALSE;
import static io.escrowmq.broker.filter.Verdict.TRUE;
import static io.escrowmq.broker.filter.Verdict.UNKNOWN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What expressions mean, as golden tables. Every verdict was taken from Apache RocketMQ 5.5.0
 * (artifact rocketmq-filter).
 */
final class PropertyFilterTest {

  @Test
  void wholeNumbersWantTextThatIsAWholeNumberOfTheirSize() {
    assertThat(verdict("a = 5", "a", "5")).isEqualTo(TRUE);
    assertThat(verdict("a = 5", "a", "+5")).isEqualTo(TRUE);
    assertThat(verdict("a = 5", "a", "005")).isEqualTo(TRUE);
    assertThat(verdict("a = 5", "a", "6")).isEqualTo(FALSE);
    assertThat(verdict("a = -5", "a", "-5")).isEqualTo(TRUE);
    assertThat(verdict("a > 5", "a", "6")).isEqualTo(TRUE);
    assertThat(verdict("a > 5", "a", "5")).isEqualTo(FALSE);
    assertThat(verdict("a >= 5", "a", "5")).isEqualTo(TRUE);
    assertThat(verdict("a < 5", "a", "-2147483648")).isEqualTo(TRUE);
    assertThat(verdict("a <= 5", "a", "5")).isEqualTo(TRUE);
    assertThat(verdict("5 < a", "a", "6")).isEqualTo(TRUE);
    assertThat(verdict("a = 5", "a", "5.0")).isEqualTo(FAILED);
    assertThat(verdict("a > 5", "a", "5.5")).isEqualTo(FAILED);
    assertThat(verdict("a > 5", "a", " 6")).isEqualTo(FAILED);
    assertThat(verdict("a > 5", "a", "-")).isEqualTo(FAILED);
    assertThat(verdict("a > 5", "a", "abc")).isEqualTo(FAILED);
    assertThat(verdict("a <> 5", "a", "abc")).isEqualTo(FAILED);
    assertThat(verdict("a > 5", "a", "2147483648")).isEqualTo(FAILED);
    assertThat(verdict("a < 5", "a", "-2147483649")).isEqualTo(FAILED);
    assertThat(verdict("a > 5l", "a", "2147483648")).isEqualTo(FAILED);
    assertThat(verdict("a > 2147483647", "a", "2147483648")).isEqualTo(FAILED);
    assertThat(verdict("a < 2147483648", "a", "2147483647")).isEqualTo(TRUE);
    assertThat(verdict("a = 2147483648L", "a", "2147483648")).isEqualTo(TRUE);
    assertThat(verdict("a > -2147483648", "a", "9223372036854775807")).isEqualTo(TRUE);
    assertThat(verdict("a < 9223372036854775807", "a", "-9223372036854775808")).isEqualTo(TRUE);
    assertThat(verdict("a < 9223372036854775807", "a", "9223372036854775808")).isEqualTo(FAILED);
    assertThat(verdict("a < 9223372036854775807", "a", "-9223372036854775809")).isEqualTo(FAILED);
    assertThat(verdict("a < 9223372036854775807", "a", "99999999999999999999")).isEqualTo(FAILED);
  }

  @Test
  void otherNumbersWantWhatJavaReadsAsADouble() {
    assertThat(verdict("a = 5.0", "a", "5")).isEqualTo(TRUE);
    assertThat(verdict("a = 5.", "a", "5.00")).isEqualTo(TRUE);
    assertThat(verdict("a > .5", "a", "0.6")).isEqualTo(TRUE);
    assertThat(verdict("a < 5E3", "a", "4999.9")).isEqualTo(TRUE);
    assertThat(verdict("a > 5e-3", "a", "1e-2")).isEqualTo(TRUE);
    assertThat(verdict("a > 5.0", "a", " 6 ")).isEqualTo(TRUE);
    assertThat(verdict("a > 5.0", "a", "99999999999999999999")).isEqualTo(TRUE);
    assertThat(verdict("a > 5.0", "a", "NaN")).isEqualTo(TRUE);
    assertThat(verdict("a > 5.0", "a", "Infinity")).isEqualTo(TRUE);
    assertThat(verdict("a < 5.0", "a", "-Infinity")).isEqualTo(TRUE);
    assertThat(verdict("a > 5.0", "a", "0x10p0")).isEqualTo(TRUE);
    assertThat(verdict("a > 5.0", "a", "6d")).isEqualTo(TRUE);
    assertThat(verdict("a > 5.0", "a", "six")).isEqualTo(FAILED);
    assertThat(verdict("a > 5.0", "a", "6six")).isEqualTo(FAILED);
    assertThat(verdict("a > 5.0", "a", " ")).isEqualTo(FAILED);
    assertThat(verdict("5 = 5.0")).isEqualTo(TRUE);
    assertThat(verdict("5.5 > 5")).isEqualTo(TRUE);
    assertThat(verdict("2147483648 > 5")).isEqualTo(TRUE);
    assertThat(verdict("5 < 5.5")).isEqualTo(TRUE);
  }

  @Test
  void textEqualsTheSameTextAndHasNoOrderUnlessItIsANumber() {
    assertThat(verdict("a = 'x'", "a", "x")).isEqualTo(TRUE);
    assertThat(verdict("a = 'x'", "a", "X")).isEqualTo(FALSE);
    assertThat(verdict("a <> 'x'", "a", "y")).isEqualTo(TRUE);
    assertThat(verdict("a = '5'", "a", "5.0")).isEqualTo(FALSE);
    assertThat(verdict("a = 'it''s'", "a", "it's")).isEqualTo(TRUE);
    assertThat(verdict("a = '''tag'''", "a", "'tag'")).isEqualTo(TRUE);
    assertThat(verdict("a = ''", "a", "x")).isEqualTo(FALSE);
    assertThat(verdict("a = b", "a", "x", "b", "x")).isEqualTo(TRUE);
    assertThat(verdict("a > b", "a", "10", "b", "9.5")).isEqualTo(TRUE);
    assertThat(verdict("a > b", "a", "x", "b", "9.5")).isEqualTo(FAILED);
    assertThat(verdict("a > b", "a", "10", "b", "y")).isEqualTo(FAILED);
    assertThat(verdict("'x' = 5")).isEqualTo(FAILED);
  }

  @Test
  void truthIsComparedWithTextOnTheLeft() {
    assertThat(verdict("a = TRUE", "a", "true")).isEqualTo(TRUE);
    assertThat(verdict("a = true", "a", "TrUe")).isEqualTo(TRUE);
    assertThat(verdict("a = TRUE", "a", "yes")).isEqualTo(FALSE);
    assertThat(verdict("a = FALSE", "a", "yes")).isEqualTo(TRUE);
    assertThat(verdict("a <> FALSE", "a", "true")).isEqualTo(TRUE);
    assertThat(verdict("TRUE = a", "a", "true")).isEqualTo(FAILED);
    assertThat(verdict("5 = TRUE")).isEqualTo(FALSE);
    assertThat(verdict("(a = 5) = TRUE", "a", "5")).isEqualTo(TRUE);
    assertThat(verdict("a = 5 > 3", "a", "true")).isEqualTo(TRUE);
    assertThat(verdict("(a = 5) = 5", "a", "5")).isEqualTo(FALSE);
    assertThat(verdict("TRUE")).isEqualTo(TRUE);
    assertThat(verdict("FALSE")).isEqualTo(FALSE);
    assertThat(verdict("NULL")).isEqualTo(UNKNOWN);
    assertThat(verdict("a", "a", "true")).isEqualTo(FALSE);
    assertThat(verdict("NOT a", "a", "true")).isEqualTo(TRUE);
    assertThat(verdict("a")).isEqualTo(UNKNOWN);
  }

  @Test
  void whatIsMissingIsUnknown() {
    assertThat(verdict("a = 5")).isEqualTo(UNKNOWN);
    assertThat(verdict("a <> 5")).isEqualTo(UNKNOWN);
    assertThat(verdict("a > 5")).isEqualTo(UNKNOWN);
    assertThat(verdict("5 > a")).isEqualTo(UNKNOWN);
    assertThat(verdict("a = 'x'")).isEqualTo(UNKNOWN);
    assertThat(verdict("a IN ('x')")).isEqualTo(UNKNOWN);
    assertThat(verdict("a NOT IN ('x')")).isEqualTo(UNKNOWN);
    assertThat(verdict("a BETWEEN 1 AND 5")).isEqualTo(UNKNOWN);
    assertThat(verdict("a NOT BETWEEN 1 AND 5")).isEqualTo(UNKNOWN);
    assertThat(verdict("-a = 5", "a", "-5")).isEqualTo(UNKNOWN);
    // Not symmetric in the original.
    assertThat(verdict("5 = a")).isEqualTo(FALSE);
    assertThat(verdict("5 <> a")).isEqualTo(TRUE);
    assertThat(verdict("a = b")).isEqualTo(TRUE);
    assertThat(verdict("a = b", "a", "x")).isEqualTo(FALSE);
    assertThat(verdict("a = b", "b", "x")).isEqualTo(UNKNOWN);
    // A property without a value is missing.
    assertThat(verdict("a IS NULL", "a", "")).isEqualTo(TRUE);
  }

  @Test
  void isNullIsNeverUnknown() {
    assertThat(verdict("a IS NULL")).isEqualTo(TRUE);
    assertThat(verdict("a IS NULL", "a", "x")).isEqualTo(FALSE);
    assertThat(verdict("a IS NOT NULL")).isEqualTo(FALSE);
    assertThat(verdict("a IS NOT NULL", "a", "x")).isEqualTo(TRUE);
    assertThat(verdict("(a > 5) IS NULL")).isEqualTo(TRUE);
    assertThat(verdict("a > 5 IS NULL", "a", "6")).isEqualTo(FALSE);
    assertThat(verdict("(a > 5) IS NULL", "a", "x")).isEqualTo(FAILED);
    assertThat(verdict("5 IS NOT NULL")).isEqualTo(TRUE);
  }

  @Test
  void setsAndRanges() {
    assertThat(verdict("a IN ('x', 'y')", "a", "y")).isEqualTo(TRUE);
    assertThat(verdict("a in('x','x')", "a", "y")).isEqualTo(FALSE);
    assertThat(verdict("a NOT IN ('x', 'y')", "a", "z")).isEqualTo(TRUE);
    assertThat(verdict("a NOT IN ('x', 'y')", "a", "x")).isEqualTo(FALSE);
    assertThat(verdict("a BETWEEN 2 AND 10", "a", "2")).isEqualTo(TRUE);
    assertThat(verdict("a BETWEEN 2 AND 10", "a", "10")).isEqualTo(TRUE);
    assertThat(verdict("a BETWEEN 2 AND 10", "a", "11")).isEqualTo(FALSE);
    assertThat(verdict("a BETWEEN 2 AND 10", "a", "x")).isEqualTo(FAILED);
    assertThat(verdict("a BETWEEN -10 AND -2", "a", "-5")).isEqualTo(TRUE);
    assertThat(verdict("a BETWEEN 1.5 AND 2.5", "a", "2")).isEqualTo(TRUE);
    assertThat(verdict("a NOT BETWEEN 2 AND 10", "a", "11")).isEqualTo(TRUE);
    assertThat(verdict("a NOT BETWEEN 2 AND 10", "a", "5")).isEqualTo(FALSE);
    assertThat(verdict("a NOT BETWEEN 10 AND 2", "a", "5")).isEqualTo(TRUE);
    assertThat(verdict("5 BETWEEN a AND b", "a", "4", "b", "6")).isEqualTo(TRUE);
    assertThat(verdict("a BETWEEN 1 AND 5 AND b = 'x'", "a", "3", "b", "x")).isEqualTo(TRUE);
  }

  @Test
  void partsOfTexts() {
    assertThat(verdict("a CONTAINS 'x'", "a", "axb")).isEqualTo(TRUE);
    assertThat(verdict("a STARTSWITH 'ax'", "a", "axb")).isEqualTo(TRUE);
    assertThat(verdict("a ENDSWITH 'xb'", "a", "axb")).isEqualTo(TRUE);
    assertThat(verdict("a NOT CONTAINS 'x'", "a", "axb")).isEqualTo(FALSE);
    assertThat(verdict("a NOT STARTSWITH 'x'", "a", "axb")).isEqualTo(TRUE);
    assertThat(verdict("a NOT ENDSWITH 'x'", "a", "axb")).isEqualTo(TRUE);
    assertThat(verdict("'axb' CONTAINS 'x'")).isEqualTo(TRUE);
    assertThat(verdict("5 CONTAINS '5'")).isEqualTo(FALSE);
    // Neither is true of what is missing, nor of the empty text.
    assertThat(verdict("a CONTAINS 'x'")).isEqualTo(FALSE);
    assertThat(verdict("a NOT CONTAINS 'x'")).isEqualTo(FALSE);
    assertThat(verdict("NOT (a CONTAINS 'x')")).isEqualTo(TRUE);
    assertThat(verdict("a CONTAINS ''", "a", "x")).isEqualTo(FALSE);
    assertThat(verdict("a NOT CONTAINS ''", "a", "x")).isEqualTo(FALSE);
  }

  @Test
  void wordsAreKeywordsInAnyCaseAndNamesInTheirOwn() {
    assertThat(verdict("a Between 1 anD 5 oR nOt (b iS nUlL)", "a", "3")).isEqualTo(TRUE);
    assertThat(verdict("A = 1", "a", "1")).isEqualTo(UNKNOWN);
    assertThat(verdict("_a$1 = 1 AND notable = 2", "_a$1", "1", "notable", "2")).isEqualTo(TRUE);
    assertThat(verdict("a=1and b=2", "a", "1", "b", "2")).isEqualTo(TRUE);
    assertThat(verdict("TAGS = 'red' AND KEYS IS NOT NULL", "TAGS", "red", "KEYS", "k"))
        .isEqualTo(TRUE);
    assertThat(verdict(" a\t=\n1\r\f", "a", "1")).isEqualTo(TRUE);
    assertThat(verdict("a = /* one * / */ 1 -- the end", "a", "1")).isEqualTo(TRUE);
    assertThat(verdict("a = 1 -- one\n AND b = 2", "a", "1", "b", "2")).isEqualTo(TRUE);
  }

  @Test
  void andBindsTighterThanOrAndNotTightestOfAll() {
    Map<String, Verdict> table =
        Map.of(
            "TRUE OR FALSE AND FALSE", TRUE,
            "(TRUE OR FALSE) AND FALSE", FALSE,
            "FALSE AND FALSE OR TRUE", TRUE,
            "NOT FALSE AND FALSE", FALSE,
            "NOT (FALSE AND FALSE)", TRUE,
            "NOT NOT TRUE", TRUE,
            "NOT FALSE = FALSE", FALSE,
            "NOT (FALSE = TRUE)", TRUE);
    table.forEach((expression, expected) ->
        assertThat(verdict(expression)).as(expression).isEqualTo(expected));
    // NOT a is TRUE, because text is not true; and TRUE is not 5.
    assertThat(verdict("NOT a = 5", "a", "6")).isEqualTo(FALSE);
    assertThat(verdict("NOT (a = 5)", "a", "6")).isEqualTo(TRUE);
    assertThat(verdict("NOT a IS NULL", "a", "6")).isEqualTo(FALSE);
    assertThat(verdict("NOT (a IS NULL)", "a", "6")).isEqualTo(TRUE);
  }

  @Test
  void aComparisonThatCannotBeMadeEndsTheEvaluation() {
    String[] message = {"a", "abc", "b", "x"};
    assertThat(verdict("a > 5 OR b = 'x'", message)).isEqualTo(FAILED);
    assertThat(verdict("b = 'x' OR a > 5", message)).isEqualTo(TRUE);
    assertThat(verdict("NOT (a > 5)", message)).isEqualTo(FAILED);
    assertThat(verdict("b = 'y' AND a > 5", message)).isEqualTo(FALSE);
    assertThat(verdict("c = 1 AND a > 5", message)).isEqualTo(FAILED);
  }

  @Test
  void logicHasThreeValues() {
    Verdict[] values = {TRUE, FALSE, UNKNOWN};
    Verdict[][] and = {
      {TRUE, FALSE, UNKNOWN}, {FALSE, FALSE, FALSE}, {UNKNOWN, FALSE, UNKNOWN},
    };
    Verdict[][] or = {
      {TRUE, TRUE, TRUE}, {TRUE, FALSE, UNKNOWN}, {TRUE, UNKNOWN, UNKNOWN},
    };
    for (int i = 0; i < values.length; i++) {
      String left = word(values[i]);
      assertThat(verdict("NOT " + left)).isEqualTo(values[i].negated());
      for (int j = 0; j < values.length; j++) {
        String right = word(values[j]);
        assertThat(verdict(left + " AND " + right)).as(left + " AND " + right).isEqualTo(and[i][j]);
        assertThat(verdict(left + " OR " + right)).as(left + " OR " + right).isEqualTo(or[i][j]);
      }
    }
  }

  @Test
  void theLastOfRepeatedPropertiesCounts() {
    PropertyFilter filter = PropertyFilter.of("a = 2");
    assertThat(filter.verdict("a\u00011\u0002b\u0001x\u0002a\u00012")).isEqualTo(TRUE);
    assertThat(filter.verdict("a\u00012\u0002a\u00011\u0002")).isEqualTo(FALSE);
    assertThat(filter.verdict("a\u00012\u0002a\u0001\u0002")).isEqualTo(TRUE);
    assertThat(filter.verdict("aa\u00012\u0002")).isEqualTo(UNKNOWN);
    assertThat(filter.verdict("a\u0002\u0001\u0002\u0001")).isEqualTo(UNKNOWN);
    assertThat(filter.verdict("broken")).isEqualTo(UNKNOWN);
    assertThat(filter.verdict("")).isEqualTo(UNKNOWN);
  }

  private static String word(Verdict value) {
    return value == UNKNOWN ? "NULL" : value.name();
  }
}
