package io.escrowmq.protocol.remoting;

/**
 * Bodies of this protocol that look like JSON but have objects as keys, so that no JSON reader
 * takes them: {@code {"table":{{"queueId":0,...}:5}}}.
 */
final class ObjectKeyed {
  private static final String EMPTY = "{}";

  private ObjectKeyed() {}

  /**
   * The text of an object member of the root, with balanced braces and quotes; an empty object if
   * there is none or the text ends too early.
   */
  static String member(String text, String name) {
    int at = text.indexOf("\"" + name + "\"");
    int from = at < 0 ? -1 : text.indexOf('{', at);
    if (from < 0) {
      return EMPTY;
    }
    int depth = 0;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        i = endOfText(text, i);
      } else if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return text.substring(from, i + 1);
      }
    }
    return EMPTY;
  }

  /** Where the quoted text that begins here ends, or the end of everything. */
  private static int endOfText(String text, int begin) {
    for (int i = begin + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        return i;
      }
      if (c == '\\') {
        i++;
      }
    }
    return text.length();
  }
}
