package io.escrowmq.broker.filter;

import io.escrowmq.broker.filter.Token.Kind;
import java.util.Locale;

/**
 * Cuts a filter expression into words (source of the lexical rules: Apache RocketMQ 5.x, {@code
 * filter/.../SelectorParser.jj}). Not thread-safe.
 */
final class Lexer {

  private final String source;
  private int at;

  Lexer(String source) {
    this.source = source;
  }

  /** The next word; {@link Kind#END} again and again after the last. */
  Token next() {
    skipBlanks();
    if (at >= source.length()) {
      return new Token(Kind.END, "", source.length());
    }
    char first = source.charAt(at);
    if (isNameStart(first)) {
      return word();
    }
    if (isDigit(first) || (first == '.' && isDigit(peek(1)))) {
      return number();
    }
    return first == '\'' ? text() : symbol(first);
  }

  private void skipBlanks() {
    while (at < source.length()) {
      char next = source.charAt(at);
      if (isBlank(next)) {
        at++;
      } else if (next == '-' && peek(1) == '-') {
        skipLine();
      } else if (next == '/' && peek(1) == '*') {
        skipComment();
      } else {
        return;
      }
    }
  }

  private void skipLine() {
    while (at < source.length() && source.charAt(at) != '\n' && source.charAt(at) != '\r') {
      at++;
    }
  }

  private void skipComment() {
    int end = source.indexOf("*/", at + 2);
    if (end < 0) {
      throw new FilterSyntaxException(at, "a comment does not end", "Close it with */.");
    }
    at = end + 2;
  }

  private Token word() {
    int start = at;
    while (at < source.length() && isNamePart(source.charAt(at))) {
      at++;
    }
    String text = source.substring(start, at);
    Kind kind =
        switch (text.toUpperCase(Locale.ROOT)) {
          case "AND" -> Kind.AND;
          case "OR" -> Kind.OR;
          case "NOT" -> Kind.NOT;
          case "IN" -> Kind.IN;
          case "IS" -> Kind.IS;
          case "NULL" -> Kind.NULL;
          case "TRUE" -> Kind.TRUE;
          case "FALSE" -> Kind.FALSE;
          case "BETWEEN" -> Kind.BETWEEN;
          case "CONTAINS" -> Kind.CONTAINS;
          case "STARTSWITH" -> Kind.STARTSWITH;
          case "ENDSWITH" -> Kind.ENDSWITH;
          default -> Kind.NAME;
        };
    return new Token(kind, text, start);
  }

  private Token number() {
    int start = at;
    skipDigits();
    boolean real = skipFraction();
    real |= skipExponent();
    int end = at;
    if (!real && (peek(0) == 'l' || peek(0) == 'L')) {
      at++;
    }
    if (!real && end - start > 1 && source.charAt(start) == '0') {
      throw new FilterSyntaxException(
          start,
          "the number "
              + FilterSyntaxException.shortened(source.substring(start, end))
              + " begins with a zero",
          "Leave the zeros out, or quote it if it is a text.");
    }
    return new Token(real ? Kind.REAL : Kind.WHOLE, source.substring(start, end), start);
  }

  private boolean skipFraction() {
    if (peek(0) != '.') {
      return false;
    }
    at++;
    skipDigits();
    return true;
  }

  private boolean skipExponent() {
    if (peek(0) != 'e' && peek(0) != 'E') {
      return false;
    }
    int digits = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
    if (!isDigit(peek(digits))) {
      return false;
    }
    at += digits;
    skipDigits();
    return true;
  }

  private void skipDigits() {
    while (isDigit(peek(0))) {
      at++;
    }
  }

  private Token text() {
    int start = at;
    StringBuilder text = new StringBuilder();
    at++;
    while (true) {
      int quote = source.indexOf('\'', at);
      if (quote < 0) {
        throw new FilterSyntaxException(
            start, "a text does not end", "Close it with '; write '' for a quote inside it.");
      }
      text.append(source, at, quote);
      at = quote + 1;
      if (peek(0) != '\'') {
        return new Token(Kind.TEXT, text.toString(), start);
      }
      text.append('\'');
      at++;
    }
  }

  private Token symbol(char first) {
    boolean equal = peek(1) == '=';
    return switch (first) {
      case '=' -> symbol(Kind.EQUAL, 1);
      case '<' ->
          peek(1) == '>'
              ? symbol(Kind.NOT_EQUAL, 2)
              : equal ? symbol(Kind.LESS_OR_EQUAL, 2) : symbol(Kind.LESS, 1);
      case '>' -> equal ? symbol(Kind.GREATER_OR_EQUAL, 2) : symbol(Kind.GREATER, 1);
      case '(' -> symbol(Kind.OPEN, 1);
      case ')' -> symbol(Kind.CLOSE, 1);
      case ',' -> symbol(Kind.COMMA, 1);
      case '+' -> symbol(Kind.PLUS, 1);
      case '-' -> symbol(Kind.MINUS, 1);
      default -> throw unknown(first);
    };
  }

  private Token symbol(Kind kind, int length) {
    int start = at;
    at += length;
    return new Token(kind, source.substring(start, at), start);
  }

  private FilterSyntaxException unknown(char character) {
    String remedy =
        switch (character) {
          case '!' -> "Write <> for 'not equal'.";
          case '"', '`' -> "Put texts into single quotes; property names need none.";
          case '&' -> "Write AND.";
          case '|' -> "Write OR.";
          default ->
              "Property names are letters (a to z), digits, _ and $; texts stand in single quotes.";
        };
    String shown =
        character < ' ' || character > '~'
            ? String.format("U+%04X", (int) character)
            : Character.toString(character);
    return new FilterSyntaxException(at, "the character " + shown + " has no meaning here", remedy);
  }

  /** The character so many places further, or 0 after the end. */
  private char peek(int distance) {
    return at + distance < source.length() ? source.charAt(at + distance) : 0;
  }

  private static boolean isBlank(char character) {
    return switch (character) {
      case ' ', '\t', '\n', '\r', '\f' -> true;
      default -> false;
    };
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }

  private static boolean isNameStart(char character) {
    return (character >= 'a' && character <= 'z')
        || (character >= 'A' && character <= 'Z')
        || character == '_'
        || character == '$';
  }

  private static boolean isNamePart(char character) {
    return isNameStart(character) || isDigit(character);
  }
}
