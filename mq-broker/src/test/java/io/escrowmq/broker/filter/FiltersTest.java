package io.escrowmq.broker.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import io.escrowmq.spi.protocol.Subscription;
import org.junit.jupiter.api.Test;

final class FiltersTest {

  private final Filters filters = new Filters();

  @Test
  void compilesAnExpressionOnceForAll() {
    MessageFilter first = filters.of(sql("a > 5"));
    assertThat(filters.of(new Subscription("other", "SQL92", "a > 5", 2))).isSameAs(first);
    assertThat(filters.of(sql("a > 6"))).isNotSameAs(first);
    assertThat(first.wantsAll()).isFalse();
  }

  @Test
  void keepsABoundedNumberAndForgetsTheLeastUsed() {
    MessageFilter used = filters.of(sql("a = 0"));
    MessageFilter forgotten = filters.of(sql("a = 1"));
    for (int i = 2; i < Filters.MAX_KEPT + 100; i++) {
      filters.of(sql("a = " + i));
      assertThat(filters.of(sql("a = 0"))).isSameAs(used);
    }
    assertThat(filters.kept()).isEqualTo(Filters.MAX_KEPT);
    assertThat(filters.of(sql("a = 1"))).isNotSameAs(forgotten);
  }

  @Test
  void keepsABoundedNumberOfCharacters() {
    for (int i = 0; i < 100; i++) {
      filters.of(sql("a = '" + i + "x".repeat(30_000) + "'"));
    }
    assertThat(filters.kept()).isEqualTo((int) (Filters.MAX_KEPT_LENGTH / 30_000));
  }

  @Test
  void saysWhatIsWrongWhereAndWhatToDo() {
    assertThat(refusal(sql("amount > 5 AND region != 'eu'")).describe())
        .isEqualTo(
            "the SQL92 filter of topic orders is wrong at column 23, near \"AND region != 'eu'\":"
                + " the character ! has no meaning here. Write <> for 'not equal'.");
    assertThat(refusal(sql("a > 5\n  AND b >\n  AND c = 1")).describe())
        .startsWith(
            "the SQL92 filter of topic orders is wrong at line 3, column 3, near \"AND c = 1\":"
                + " a value is missing before AND. There must be");
    assertThat(refusal(sql("")).describe())
        .isEqualTo(
            "the SQL92 filter of topic orders is wrong at column 1: it is empty. Write a"
                + " condition, for example a > 5 AND b = 'x'.");
  }

  @Test
  void takesTagsWithoutAType() {
    assertThat(filters.of(new Subscription("orders", "", "*", 1)).wantsAll()).isTrue();
    assertThat(filters.of(new Subscription("orders", "TAG", "a || b", 1)).wantsAll()).isFalse();
  }

  @Test
  void refusesOtherTypes() {
    assertThat(refusal(new Subscription("orders", "sql92", "a > 5", 1)).describe())
        .isEqualTo(
            "the filter of topic orders has the unknown type sql92. Subscribe with type TAG"
                + " (a || b) or SQL92 (a > 5), in capitals.");
    assertThat(
            refusal(new Subscription("orders", Subscription.CLASS_FILTER, "com.example.F", 1))
                .describe())
        .isEqualTo(
            "a filter class for topic orders is refused: this server runs no code of its clients."
                + " Subscribe with tags (a || b) or with a SQL92 expression over the properties.");
  }

  private BrokerException refusal(Subscription subscription) {
    BrokerException e = catchThrowableOfType(BrokerException.class, () -> filters.of(subscription));
    assertThat(e).isNotNull();
    assertThat(e.code()).isEqualTo(ErrorCode.FILTER_INVALID);
    return e;
  }

  private static Subscription sql(String expression) {
    return new Subscription("orders", Subscription.SQL92, expression, 1);
  }
}
