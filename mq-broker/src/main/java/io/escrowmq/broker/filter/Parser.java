package io.escrowmq.broker.filter;

import io.escrowmq.broker.filter.Expression.And;
import io.escrowmq.broker.filter.Expression.Condition;
import io.escrowmq.broker.filter.Expression.Equal;
import io.escrowmq.broker.filter.Expression.Missing;
import io.escrowmq.broker.filter.Expression.Negation;
import io.escrowmq.broker.filter.Expression.Not;
import io.escrowmq.broker.filter.Expression.OneOf;
import io.escrowmq.broker.filter.Expression.Or;
import io.escrowmq.broker.filter.Expression.Order;
import io.escrowmq.broker.filter.Expression.Ordered;
import io.escrowmq.broker.filter.Expression.Part;
import io.escrowmq.broker.filter.Expression.Place;
import io.escrowmq.broker.filter.Expression.Property;
import io.escrowmq.broker.filter.Expression.Real;
import io.escrowmq.broker.filter.Expression.Text;
import io.escrowmq.broker.filter.Expression.Truth;
import io.escrowmq.broker.filter.Expression.Whole;
import io.escrowmq.broker.filter.Token.Kind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a filter expression by recursive descent (source of the grammar and of its precedence:
 * Apache RocketMQ 5.x, {@code filter/.../SelectorParser.jj}). From loose to tight: OR, AND, the
 * equalities with IS NULL, the other comparisons, and then NOT and the signs; so {@code NOT a = 5}
 * is {@code (NOT a) = 5}. Other than the original it refuses words after the end of the expression.
 * Reads one expression; not thread-safe.
 */
final class Parser {

  /** Longest expression, in characters. */
  static final int MAX_LENGTH = 32_768;

  /** Deepest nesting of parentheses, NOT and signs. */
  static final int MAX_NESTING = 64;

  /** Most comparisons in a row without parentheses, as in {@code a = b = c}. */
  static final int MAX_CHAIN = 4;

  /** Most properties that one expression may name. */
  static final int MAX_PROPERTIES = 128;

  private final Lexer lexer;
  private final Map<String, Property> properties = new LinkedHashMap<>();
  private Token token;
  private int nesting;

  private Parser(String source) {
    this.lexer = new Lexer(source);
    this.token = lexer.next();
  }

  /** The condition, and the names of its properties in the order of their slots. */
  record Parsed(Condition condition, List<String> properties) {}

  /**
   * Reads an expression.
   *
   * @throws FilterSyntaxException saying where it is wrong
   */
  static Parsed parse(String source) {
    if (source.length() > MAX_LENGTH) {
      throw new FilterSyntaxException(
          MAX_LENGTH,
          "it has " + source.length() + " characters, more than " + MAX_LENGTH,
          "Shorten it, or let the producer set a property that says what to select.");
    }
    Parser parser = new Parser(source);
    Condition condition = parser.whole();
    return new Parsed(condition, List.copyOf(parser.properties.keySet()));
  }

  private Condition whole() {
    int start = token.at();
    if (token.is(Kind.END)) {
      throw new FilterSyntaxException(
          start, "it is empty", "Write a condition, for example a > 5 AND b = 'x'.");
    }
    Expression expression = or();
    if (!token.is(Kind.END)) {
      throw new FilterSyntaxException(
          token.at(),
          "after a complete condition comes " + token.shown(),
          token.is(Kind.NAME) && token.text().equalsIgnoreCase("LIKE")
              ? "Write CONTAINS, STARTSWITH or ENDSWITH; LIKE is not part of these filters."
              : "Join conditions with AND or OR, and check the parentheses.");
    }
    return Operands.condition(expression, start);
  }

  private Expression or() {
    int start = token.at();
    Expression first = and();
    if (!token.is(Kind.OR)) {
      return first;
    }
    List<Condition> conditions = new ArrayList<>();
    conditions.add(Operands.condition(first, start));
    while (skip(Kind.OR)) {
      int at = token.at();
      conditions.add(Operands.condition(and(), at));
    }
    return new Or(List.copyOf(conditions));
  }

  private Expression and() {
    int start = token.at();
    Expression first = equality();
    if (!token.is(Kind.AND)) {
      return first;
    }
    List<Condition> conditions = new ArrayList<>();
    conditions.add(Operands.condition(first, start));
    while (skip(Kind.AND)) {
      int at = token.at();
      conditions.add(Operands.condition(equality(), at));
    }
    return new And(List.copyOf(conditions));
  }

  private Expression equality() {
    int start = token.at();
    Expression left = comparison();
    for (int links = 0; ; links++) {
      Token operator = token;
      if (skip(Kind.IS)) {
        boolean not = skip(Kind.NOT);
        expect(Kind.NULL, "NULL", "Write IS NULL or IS NOT NULL.");
        Condition missing = new Missing(left);
        left = not ? new Not(missing) : missing;
      } else if (skip(Kind.EQUAL) || skip(Kind.NOT_EQUAL)) {
        int rightAt = token.at();
        Expression right = comparison();
        Operands.checkEqual(left, start);
        Operands.checkEqual(right, rightAt);
        Operands.checkComparable(left, right, operator.at());
        Condition equal = new Equal(left, right);
        left = operator.is(Kind.NOT_EQUAL) ? new Not(equal) : equal;
      } else {
        return left;
      }
      checkChain(links, operator);
    }
  }

  private Expression comparison() {
    int start = token.at();
    Expression left = unary();
    for (int links = 0; ; links++) {
      Token operator = token;
      Expression longer = comparison(left, start);
      if (longer == null) {
        return left;
      }
      left = longer;
      checkChain(links, operator);
    }
  }

  /** The comparison that begins with this operand, or null if no operator follows. */
  private @Nullable Expression comparison(Expression left, int start) {
    Token operator = token;
    Order order =
        switch (operator.kind()) {
          case LESS -> Order.LESS;
          case LESS_OR_EQUAL -> Order.LESS_OR_EQUAL;
          case GREATER -> Order.GREATER;
          case GREATER_OR_EQUAL -> Order.GREATER_OR_EQUAL;
          default -> null;
        };
    if (order != null) {
      advance();
      int rightAt = token.at();
      return ordered(left, start, order, unary(), rightAt);
    }
    boolean negated = skip(Kind.NOT);
    return switch (token.kind()) {
      case CONTAINS -> part(left, Place.ANYWHERE, negated);
      case STARTSWITH -> part(left, Place.START, negated);
      case ENDSWITH -> part(left, Place.END, negated);
      case BETWEEN -> between(left, start, negated);
      case IN -> in(left, start, negated);
      default -> {
        if (negated) {
          throw new FilterSyntaxException(
              operator.at(),
              "NOT stands before " + token.shown(),
              "Here it may stand before IN, BETWEEN, CONTAINS, STARTSWITH and ENDSWITH only.");
        }
        yield null;
      }
    };
  }

  private static Ordered ordered(
      Expression left, int leftAt, Order order, Expression right, int rightAt) {
    Operands.checkOrdered(left, order.symbol(), leftAt);
    Operands.checkOrdered(right, order.symbol(), rightAt);
    return new Ordered(left, order, right);
  }

  private Expression part(Expression left, Place place, boolean negated) {
    String operator = token.text();
    advance();
    return new Part(left, place, textAfter(operator), negated);
  }

  private Expression between(Expression value, int start, boolean negated) {
    advance();
    int lowAt = token.at();
    Expression low = unary();
    expect(Kind.AND, "AND", "Write BETWEEN 1 AND 5.");
    int highAt = token.at();
    Expression high = unary();
    Order ofLow = negated ? Order.LESS : Order.GREATER_OR_EQUAL;
    Order ofHigh = negated ? Order.GREATER : Order.LESS_OR_EQUAL;
    List<Condition> sides =
        List.of(
            ordered(value, start, ofLow, low, lowAt), ordered(value, start, ofHigh, high, highAt));
    if (negated) {
      return new Or(sides);
    }
    Operands.checkBounds(low, high, lowAt);
    return new And(sides);
  }

  private Expression in(Expression left, int start, boolean negated) {
    if (!(left instanceof Property property)) {
      throw new FilterSyntaxException(
          start,
          "before IN must stand the name of a property",
          "Write a IN ('x', 'y') or a NOT IN ('x', 'y').");
    }
    advance();
    String remedy = "Write IN ('x', 'y').";
    expect(Kind.OPEN, "(", remedy);
    Set<String> texts = new LinkedHashSet<>();
    do {
      texts.add(textAfter("IN"));
    } while (skip(Kind.COMMA));
    expect(Kind.CLOSE, ")", remedy);
    return new OneOf(property, Set.copyOf(texts), negated);
  }

  private String textAfter(String operator) {
    if (!token.is(Kind.TEXT)) {
      throw new FilterSyntaxException(
          token.at(),
          operator + " wants a text in single quotes, not " + token.shown(),
          "Quote it, numbers too: '5'. These filters know no other operand here.");
    }
    String text = token.text();
    advance();
    return text;
  }

  private Expression unary() {
    if (skip(Kind.PLUS)) {
      return nested(this::unary);
    }
    if (skip(Kind.MINUS)) {
      return switch (nested(this::unary)) {
        case Whole whole -> new Whole(-whole.value(), whole.wide(), true);
        case Real real -> new Real(-real.value(), true);
        case Expression other -> new Negation(other);
      };
    }
    if (skip(Kind.NOT)) {
      int at = token.at();
      return new Not(Operands.condition(nested(this::unary), at));
    }
    return primary();
  }

  private Expression primary() {
    Token first = token;
    switch (first.kind()) {
      case NAME, TEXT, WHOLE, REAL, TRUE, FALSE, NULL, OPEN -> advance();
      default ->
          throw new FilterSyntaxException(
              first.at(),
              "a value is missing before " + first.shown(),
              "There must be a property name, a number, a 'text', TRUE, FALSE, NULL or a part in"
                  + " parentheses.");
    }
    return switch (first.kind()) {
      case NAME -> property(first);
      case TEXT -> new Text(first.text());
      case WHOLE -> Operands.whole(first);
      case REAL -> Operands.real(first);
      case TRUE -> new Truth(Verdict.TRUE);
      case FALSE -> new Truth(Verdict.FALSE);
      case NULL -> new Truth(Verdict.UNKNOWN);
      default -> {
        Expression inner = nested(this::or);
        expect(Kind.CLOSE, ")", "Close the parenthesis.");
        yield inner;
      }
    };
  }

  private Property property(Token name) {
    Property known = properties.get(name.text());
    if (known != null) {
      return known;
    }
    if (properties.size() == MAX_PROPERTIES) {
      throw new FilterSyntaxException(
          name.at(),
          "more than " + MAX_PROPERTIES + " different properties are named",
          "Let the producer set one property that says what to select.");
    }
    Property property = new Property(name.text(), properties.size());
    properties.put(name.text(), property);
    return property;
  }

  /** One level deeper: bounds the stack here and in the evaluation. */
  private Expression nested(Level level) {
    if (++nesting > MAX_NESTING) {
      throw new FilterSyntaxException(
          token.at(),
          "it is nested more than " + MAX_NESTING + " levels deep",
          "Leave out parentheses that change nothing.");
    }
    Expression inner = level.read();
    nesting--;
    return inner;
  }

  /** What may be read one level deeper. */
  private interface Level {
    Expression read();
  }

  private static void checkChain(int links, Token operator) {
    if (links >= MAX_CHAIN) {
      throw new FilterSyntaxException(
          operator.at(),
          "more than " + MAX_CHAIN + " comparisons stand in a row",
          "Join comparisons with AND or OR.");
    }
  }

  private void expect(Kind kind, String what, String remedy) {
    if (!skip(kind)) {
      throw new FilterSyntaxException(
          token.at(), what + " is missing before " + token.shown(), remedy);
    }
  }

  private boolean skip(Kind kind) {
    if (!token.is(kind)) {
      return false;
    }
    advance();
    return true;
  }

  private void advance() {
    token = lexer.next();
  }
}
