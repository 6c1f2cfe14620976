package io.escrowmq.server.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.escrowmq.spi.protocol.BrokerException;
import io.escrowmq.spi.protocol.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;

final class PatienceTest {

  @Test
  void aStoreThatDoesNotAnswerLeavesTheOutcomeUnknownAndTheRequestGoesOn() {
    CompletableFuture<String> late = new CompletableFuture<>();

    assertThatExceptionOfType(ApiException.class)
        .isThrownBy(() -> TransactionWriteController.answer(late, Duration.ofMillis(1)))
        .satisfies(e -> {
          assertThat(e.status()).isEqualTo(HttpStatus.SERVICE_UNAVAILABLE);
          assertThat(e.code()).isEqualTo("OUTCOME_UNKNOWN");
          assertThat(e.hint()).contains("Repeat");
        });

    assertThat(late).as("what the store does is not broken off").isNotDone();
    late.complete("done");
    assertThat(TransactionWriteController.answer(late, Duration.ofMillis(1))).isEqualTo("done");
  }

  @Test
  void aRefusalIsTheBrokersOwn() {
    BrokerException refused = new BrokerException(ErrorCode.OVERLOADED, "full", "wait");
    assertThatExceptionOfType(BrokerException.class)
        .isThrownBy(() ->
            TransactionWriteController.answer(
                CompletableFuture.failedFuture(refused), Duration.ofSeconds(1)))
        .isSameAs(refused);
  }
}
