package io.escrowmq.broker.filter;

import io.escrowmq.broker.filter.Parser.Parsed;
import io.escrowmq.spi.storage.Message;

/** A compiled SQL92 expression: wants the messages for which it is true. */
final class PropertyFilter implements MessageFilter {

  private final Parsed parsed;

  private PropertyFilter(Parsed parsed) {
    this.parsed = parsed;
  }

  /**
   * Compiles an expression.
   *
   * @throws FilterSyntaxException saying where it is wrong
   */
  static PropertyFilter of(String expression) {
    return new PropertyFilter(Parser.parse(expression));
  }

  @Override
  public boolean wantsAll() {
    return false;
  }

  @Override
  public boolean matches(Message message) {
    return verdict(message.propertiesText()) == Verdict.TRUE;
  }

  /** What the expression says about a message with these properties, given in their text form. */
  Verdict verdict(String propertiesText) {
    PropertyValues values = new PropertyValues(parsed.properties(), propertiesText);
    return new Evaluation(values).verdict(parsed.condition());
  }
}
