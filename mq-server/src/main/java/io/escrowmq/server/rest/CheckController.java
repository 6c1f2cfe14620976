package io.escrowmq.server.rest;

import io.escrowmq.spi.protocol.security.Action;
import io.escrowmq.spi.protocol.security.Need;
import io.escrowmq.spi.protocol.security.Principal;
import io.escrowmq.spi.protocol.security.Resource;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import io.escrowmq.spi.protocol.transactions.TransactionDesk.Verdict;
import io.escrowmq.spi.protocol.transactions.TransactionEntry;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * For producer groups that look by themselves what is open and decide it: batch jobs, programs
 * without a RocketMQ client. Every known user may ask, and sees and decides what is about topics
 * that it may send to.
 */
@RestController
@RequestMapping("/api/v1/checks/{group}")
final class CheckController {

  /** Where {@link RestGuard} leaves the user that it knows. */
  static final String PRINCIPAL = "io.escrowmq.principal";

  private final Doors doors;
  private final HttpServletRequest request;

  /**
   * For all requests.
   *
   * @param request stands for the one that the current thread works on
   */
  CheckController(Doors doors, HttpServletRequest request) {
    this.doors = doors;
    this.request = request;
  }

  /** The answer of a producer group: {@code commit}, {@code rollback}. */
  record Wish(@Nullable String decision) {}

  @GetMapping
  TransactionController.Transactions open(
      @PathVariable String group,
      @RequestParam(required = false) @Nullable Integer limit,
      @RequestParam(required = false) @Nullable String cursor) {
    TransactionDesk.Page page =
        desk()
            .list(
                new TransactionDesk.Query(
                    Set.of(),
                    Optional.of(group),
                    Optional.empty(),
                    Optional.empty(),
                    0,
                    limit == null ? TransactionController.DEFAULT_LIMIT : limit,
                    Optional.ofNullable(cursor)));
    return new TransactionController.Transactions(
        page.entries().stream()
            .filter(entry -> may(entry.queue()))
            .map(TransactionView::of)
            .toList(),
        page.cursor().isEmpty(),
        page.cursor().orElse(null));
  }

  @PostMapping("/{handle}")
  TransactionController.Outcome decide(
      @PathVariable String group, @PathVariable String handle, @RequestBody Wish wish) {
    TransactionEntry.Decision decision =
        switch (wish.decision() == null ? "" : wish.decision().toLowerCase(Locale.ROOT)) {
          case "commit" -> TransactionEntry.Decision.COMMIT;
          case "rollback" -> TransactionEntry.Decision.ROLLBACK;
          default -> throw TransactionController.invalid("'decision' is commit or rollback");
        };
    TransactionEntry entry =
        desk()
            .find(handle)
            .map(TransactionDesk.Details::entry)
            .filter(found -> found.producerGroup().equals(group) && may(found.queue()))
            .orElseThrow(() -> Missing.transaction(handle));
    return switch (desk().pullChecks().answer(handle, group, decision, identity())) {
      case Verdict.Decided it ->
          new TransactionController.Outcome(
              it.repeated() ? "repeated" : "decided", it.decision(), null);
      case Verdict.Conflict it ->
          throw new ApiException(
              HttpStatus.CONFLICT,
              "TRANSACTION_DECIDED",
              "Transaction " + entry.handle() + " was decided " + it.recorded() + " before",
              "A decision is never reversed; compare your journal with the audit trail.");
      case Verdict.NotFound _,
          Verdict.Proposed _,
          Verdict.SecondOperatorNeeded _,
          Verdict.OtherProposed _ ->
          throw Missing.transaction(handle);
    };
  }

  private String identity() {
    return request.getAttribute(OperatorName.USER) instanceof String user
        ? user
        : request.getRemoteAddr();
  }

  /** True if whoever asks may send to the topic. */
  private boolean may(String queue) {
    String topic = TransactionView.topicOf(queue);
    return !(request.getAttribute(PRINCIPAL) instanceof Principal user)
        || user.superUser()
        || (!topic.isEmpty()
            && user.refusal(
                    new Need(Resource.topic(topic), Set.of(Action.PUB)),
                    InetAddress.ofLiteral(request.getRemoteAddr()))
                .isEmpty());
  }

  private TransactionDesk desk() {
    return doors.current().operations().transactionDesk();
  }
}
