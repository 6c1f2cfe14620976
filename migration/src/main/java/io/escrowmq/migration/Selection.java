package io.escrowmq.migration;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Names that an operator chose: patterns in which {@code *} stands for any characters and {@code ?}
 * for one. A name is chosen if it fits one of them, and none that begins with {@code !}. Only
 * patterns with {@code !}, or none at all, choose everything else.
 */
final class Selection {

  private final List<Pattern> wanted;
  private final List<Pattern> unwanted;

  private Selection(List<Pattern> wanted, List<Pattern> unwanted) {
    this.wanted = wanted;
    this.unwanted = unwanted;
  }

  static Selection of(List<String> patterns) {
    return new Selection(
        patterns.stream().filter(it -> !it.startsWith("!")).map(Selection::regex).toList(),
        patterns.stream()
            .filter(it -> it.startsWith("!"))
            .map(it -> regex(it.substring(1)))
            .toList());
  }

  boolean contains(String name) {
    return (wanted.isEmpty() || wanted.stream().anyMatch(it -> it.matcher(name).matches()))
        && unwanted.stream().noneMatch(it -> it.matcher(name).matches());
  }

  private static Pattern regex(String glob) {
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      switch (c) {
        case '*' -> regex.append(".*");
        case '?' -> regex.append('.');
        default -> regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString());
  }
}
