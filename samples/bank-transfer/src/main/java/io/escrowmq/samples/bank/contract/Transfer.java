package io.escrowmq.samples.bank.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * One transfer of money, as both services see it.
 *
 * @param id the business key; the same for every attempt to make this transfer
 * @param fromAccount account on the debit side
 * @param toAccount account on the credit side
 * @param amountCents amount in cents, positive
 */
public record Transfer(String id, int fromAccount, int toAccount, long amountCents) {
  public Transfer {
    if (id.isEmpty() || id.indexOf(' ') >= 0) {
      throw new IllegalArgumentException("a transfer id is a word, got '" + id + "'");
    }
    if (amountCents <= 0) {
      throw new IllegalArgumentException(
          "transfer " + id + " moves " + amountCents + " cents; it must be more than 0");
    }
  }

  /** The body of the message: four words of text, so that it can be read in a console. */
  public byte[] toBody() {
    return toLine().getBytes(UTF_8);
  }

  /** The transfer in a message body made by {@link #toBody()}. */
  public static Transfer fromBody(byte[] body) {
    return fromLine(new String(body, UTF_8));
  }

  /** The transfer as one line of text. */
  public String toLine() {
    return id + " " + fromAccount + " " + toAccount + " " + amountCents;
  }

  /** The transfer in a line made by {@link #toLine()}. */
  public static Transfer fromLine(String line) {
    String[] words = line.split(" ", -1);
    if (words.length != 4) {
      throw new IllegalArgumentException("expected 'id from to cents', got '" + line + "'");
    }
    return new Transfer(
        words[0], Integer.parseInt(words[1]), Integer.parseInt(words[2]), Long.parseLong(words[3]));
  }
}
