package io.escrowmq.broker.filter;

import io.escrowmq.broker.filter.Expression.And;
import io.escrowmq.broker.filter.Expression.Condition;
import io.escrowmq.broker.filter.Expression.Equal;
import io.escrowmq.broker.filter.Expression.Flag;
import io.escrowmq.broker.filter.Expression.Missing;
import io.escrowmq.broker.filter.Expression.Negation;
import io.escrowmq.broker.filter.Expression.Not;
import io.escrowmq.broker.filter.Expression.OneOf;
import io.escrowmq.broker.filter.Expression.Or;
import io.escrowmq.broker.filter.Expression.Ordered;
import io.escrowmq.broker.filter.Expression.Part;
import io.escrowmq.broker.filter.Expression.Property;
import io.escrowmq.broker.filter.Expression.Real;
import io.escrowmq.broker.filter.Expression.Text;
import io.escrowmq.broker.filter.Expression.Truth;
import io.escrowmq.broker.filter.Expression.Whole;

/**
 * What an expression says about one message. The rules, also the odd ones, are those of Apache
 * RocketMQ 5.x (module {@code filter}, package {@code expression}): from left to right, and no
 * further than needed.
 */
final class Evaluation {

  private final PropertyValues values;

  Evaluation(PropertyValues values) {
    this.values = values;
  }

  Verdict verdict(Condition condition) {
    return switch (condition) {
      case Truth truth -> truth.verdict();
      case Flag flag -> flag(flag);
      case Not not -> verdict(not.condition()).negated();
      case And and -> and(and);
      case Or or -> or(or);
      case Equal equal -> equal(equal);
      case Missing missing -> missing(missing);
      case Ordered ordered -> ordered(ordered);
      case OneOf oneOf -> oneOf(oneOf);
      case Part part -> part(part);
    };
  }

  private Value value(Expression expression) {
    return switch (expression) {
      case Property property -> values.of(property);
      case Text text -> text;
      case Whole whole -> whole;
      case Real real -> real;
      case Negation negation ->
          value(negation.of()) == Verdict.FAILED ? Verdict.FAILED : Verdict.UNKNOWN;
      case Condition condition -> verdict(condition);
    };
  }

  private Verdict flag(Flag flag) {
    return values.of(flag.property()) == Verdict.UNKNOWN ? Verdict.UNKNOWN : Verdict.FALSE;
  }

  private Verdict and(And and) {
    Verdict result = Verdict.TRUE;
    for (Condition condition : and.conditions()) {
      Verdict verdict = verdict(condition);
      if (verdict == Verdict.FALSE || verdict == Verdict.FAILED) {
        return verdict;
      }
      if (verdict == Verdict.UNKNOWN) {
        result = Verdict.UNKNOWN;
      }
    }
    return result;
  }

  private Verdict or(Or or) {
    Verdict result = Verdict.FALSE;
    for (Condition condition : or.conditions()) {
      Verdict verdict = verdict(condition);
      if (verdict == Verdict.TRUE || verdict == Verdict.FAILED) {
        return verdict;
      }
      if (verdict == Verdict.UNKNOWN) {
        result = Verdict.UNKNOWN;
      }
    }
    return result;
  }

  /** Not symmetric: something missing is unknown on the left, and different on the right. */
  private Verdict equal(Equal equal) {
    Value left = value(equal.left());
    if (left == Verdict.FAILED) {
      return Verdict.FAILED;
    }
    Value right = value(equal.right());
    if (right == Verdict.FAILED) {
      return Verdict.FAILED;
    }
    if (left == Verdict.UNKNOWN) {
      return right == Verdict.UNKNOWN ? Verdict.TRUE : Verdict.UNKNOWN;
    }
    return right == Verdict.UNKNOWN ? Verdict.FALSE : equalKnown(left, right);
  }

  private static Verdict equalKnown(Value left, Value right) {
    if (left instanceof Verdict truth) {
      return equalTruth(truth, right);
    }
    if (right instanceof Verdict truth) {
      return left instanceof Text text
          ? Verdict.of(Boolean.parseBoolean(text.value()) == (truth == Verdict.TRUE))
          : Verdict.FALSE;
    }
    if (left instanceof Text text && right instanceof Text other) {
      return Verdict.of(text.value().equals(other.value()));
    }
    int sign = Numbers.compare(left, right);
    return sign == Numbers.FAILED ? Verdict.FAILED : Verdict.of(sign == 0);
  }

  /** A truth value is compared with text only if the text stands on the left. */
  private static Verdict equalTruth(Verdict left, Value right) {
    return switch (right) {
      case Verdict other -> Verdict.of(left == other);
      case Text _ -> Verdict.FAILED;
      case Whole _, Real _ -> Verdict.FALSE;
    };
  }

  private Verdict missing(Missing missing) {
    Value value = value(missing.of());
    return value == Verdict.FAILED ? Verdict.FAILED : Verdict.of(value == Verdict.UNKNOWN);
  }

  private Verdict ordered(Ordered ordered) {
    Value left = value(ordered.left());
    if (left instanceof Verdict missing) {
      return missing;
    }
    Value right = value(ordered.right());
    if (right instanceof Verdict missing) {
      return missing;
    }
    int sign = Numbers.compare(left, right);
    return sign == Numbers.FAILED ? Verdict.FAILED : Verdict.of(ordered.order().holds(sign));
  }

  private Verdict oneOf(OneOf oneOf) {
    return values.of(oneOf.property()) instanceof Text text
        ? Verdict.of(oneOf.texts().contains(text.value()) != oneOf.negated())
        : Verdict.UNKNOWN;
  }

  /** Nothing contains the empty text, and something missing contains and lacks nothing. */
  private Verdict part(Part part) {
    if (part.text().isEmpty()) {
      return Verdict.FALSE;
    }
    Value value = value(part.of());
    if (value == Verdict.FAILED) {
      return Verdict.FAILED;
    }
    return value instanceof Text text
        ? Verdict.of(part.place().holds(text.value(), part.text()) != part.negated())
        : Verdict.FALSE;
  }
}
