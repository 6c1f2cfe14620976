package io.escrowmq.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers to the server's questions, and what response codes mean. */
final class ChecksTest {

  @ParameterizedTest
  @CsvSource({"COMMIT, COMMIT_MESSAGE", "ROLLBACK, ROLLBACK_MESSAGE", "UNKNOWN, UNKNOW"})
  void theListenersAnswerIsTheAnswer(LocalOutcome outcome, LocalTransactionState expected) {
    List<String> asked = new ArrayList<>();
    EscrowTransactions.Checks checks =
        new EscrowTransactions.Checks(key -> {
          asked.add(key);
          return outcome;
        });
    assertThat(checks.checkLocalTransaction(question("t-1"))).isEqualTo(expected);
    assertThat(asked).containsExactly("t-1");
  }

  @Test
  void aListenerThatFailsHasDecidedNothing() {
    EscrowTransactions.Checks checks =
        new EscrowTransactions.Checks(key -> {
          throw new IllegalStateException("the database is away");
        });
    assertThat(checks.checkLocalTransaction(question("t-1")))
        .isEqualTo(LocalTransactionState.UNKNOW);
  }

  @Test
  void noHalfMessagesAreSentHere() {
    EscrowTransactions.Checks checks = new EscrowTransactions.Checks(key -> LocalOutcome.COMMIT);
    assertThatIllegalStateException()
        .isThrownBy(() -> checks.executeLocalTransaction(new Message(), this));
  }

  @ParameterizedTest
  @CsvSource({
    "30101, NOT_FOUND",
    "30102, DECIDED",
    "30103, CONFLICT",
    "30104, REFUSED",
    "604, REFUSED",
    "16, REFUSED",
    "1, OUTCOME_UNKNOWN"
  })
  void anAnswerThatWillNotChangeIsNotRepeated(int code, EscrowException.Kind kind) {
    assertThat(Codes.kind(code)).isEqualTo(kind);
    assertThat(Codes.retriable(code)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"2", "14", "215"})
  void aServerThatCannotNowIsAskedAgain(int code) {
    assertThat(Codes.retriable(code)).isTrue();
  }

  @Test
  void timeoutsHaveBounds() {
    EscrowTransactions.Builder builder = EscrowTransactions.builder("g", "127.0.0.1:1");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.timeouts(0, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.timeouts(1, 0));
    assertThat(builder.timeouts(1, 1)).isSameAs(builder);
  }

  private static MessageExt question(String key) {
    MessageExt message = new MessageExt();
    message.setTransactionId(key);
    return message;
  }
}
