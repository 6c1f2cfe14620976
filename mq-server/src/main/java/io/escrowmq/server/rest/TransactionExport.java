package io.escrowmq.server.rest;

import io.escrowmq.spi.protocol.transactions.AuditEvent;
import io.escrowmq.spi.protocol.transactions.TransactionDesk;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every decision of a day or of a stretch of time, for the matching with other books: written while
 * it is read, a page at a time. If the store fails on the way, the connection is cut, so that a
 * part is not taken for the whole.
 */
@RestController
@RequestMapping("/api/v1/transactions/export")
final class TransactionExport {

  /** Says whether the trail still reaches back to the beginning of the time wanted. */
  static final String TRAIL_COMPLETE = "X-EscrowMQ-Trail-Complete";

  private static final int PAGE = 500;
  private static final JsonMapper JSON = new JsonMapper();

  private final Doors doors;

  TransactionExport(Doors doors) {
    this.doors = doors;
  }

  /**
   * What is wanted: a day, or a beginning and an end.
   *
   * @param day for example {@code 2026-11-23}
   * @param zone of the day, for example {@code Europe/Berlin}; UTC if absent
   * @param from inclusive
   * @param to exclusive; absent: the end of the trail
   * @param format {@code csv} or {@code json}
   */
  record Wish(
      @Nullable String day,
      @Nullable String zone,
      @Nullable String from,
      @Nullable String to,
      @Nullable String format) {}

  private record Span(Instant from, Instant to) {

    TransactionDesk.TrailQuery query(Optional<String> cursor) {
      return new TransactionDesk.TrailQuery(
          Set.of("DECIDED"),
          from.toEpochMilli(),
          to.equals(Instant.MAX) ? Long.MAX_VALUE : to.toEpochMilli(),
          false,
          PAGE,
          cursor);
    }
  }

  @GetMapping
  void export(Wish wish, HttpServletResponse response) throws IOException {
    Span span = span(wish);
    String format = wish.format() == null ? "csv" : wish.format();
    if (!format.equals("csv") && !format.equals("json")) {
      throw TransactionController.invalid("'format' is csv or json, not " + format);
    }
    TransactionDesk desk = doors.current().operations().transactionDesk();
    TransactionDesk.Trail first = desk.trail(span.query(Optional.empty()));
    response.setContentType(format.equals("csv") ? "text/csv" : "application/json");
    response.setCharacterEncoding(StandardCharsets.UTF_8);
    response.setHeader(TRAIL_COMPLETE, Boolean.toString(first.complete()));
    Writer out =
        new BufferedWriter(
            new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8));
    try {
      if (format.equals("csv")) {
        csv(desk, span, first, out);
      } else {
        json(desk, span, first, out);
      }
    } catch (RuntimeException e) {
      throw new IOException("the export was broken off", e);
    }
    out.flush();
  }

  private static void csv(TransactionDesk desk, Span span, TransactionDesk.Trail first, Writer out)
      throws IOException {
    out.write(String.join(",", Columns.NAMES) + "\r\n");
    Rows rows =
        event ->
            out.write(
                Columns.of(event).values().stream()
                        .map(TransactionExport::quoted)
                        .collect(Collectors.joining(","))
                    + "\r\n");
    each(desk, span, first, rows);
  }

  private static void json(TransactionDesk desk, Span span, TransactionDesk.Trail first, Writer out)
      throws IOException {
    out.write("{\"from\":\"" + span.from() + "\",");
    out.write("\"trailComplete\":" + first.complete() + ",\"decisions\":[");
    long[] count = {0};
    Rows rows =
        event -> {
          out.write(count[0]++ == 0 ? "\n" : ",\n");
          Map<String, Object> present = new LinkedHashMap<>();
          Columns.of(event)
              .forEach((name, value) -> {
                if (value != null) {
                  present.put(name, value);
                }
              });
          out.write(JSON.writeValueAsString(present));
        };
    each(desk, span, first, rows);
    out.write("\n],\"count\":" + count[0] + "}\n");
  }

  /** What is done with each record. */
  private interface Rows {
    void write(AuditEvent event) throws IOException;
  }

  private static void each(TransactionDesk desk, Span span, TransactionDesk.Trail first, Rows rows)
      throws IOException {
    TransactionDesk.Trail page = first;
    while (true) {
      for (AuditEvent event : page.events()) {
        rows.write(event);
      }
      if (page.cursor().isEmpty()) {
        return;
      }
      page = desk.trail(span.query(page.cursor()));
    }
  }

  /** A field after RFC 4180. */
  private static String quoted(@Nullable Object value) {
    String text = Objects.toString(value, "");
    boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c < ' ');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private static Span span(Wish wish) {
    if (wish.day() == null) {
      if (wish.from() == null) {
        throw TransactionController.invalid("'day' or 'from' is needed");
      }
      return new Span(
          TransactionController.instant("from", wish.from(), Instant.EPOCH),
          TransactionController.instant("to", wish.to(), Instant.MAX));
    }
    if (wish.from() != null || wish.to() != null) {
      throw TransactionController.invalid("either 'day' or 'from' and 'to'");
    }
    try {
      ZoneId zone = ZoneId.of(wish.zone() == null ? "UTC" : wish.zone());
      LocalDate day = LocalDate.parse(wish.day());
      return new Span(
          day.atStartOfDay(zone).toInstant(), day.plusDays(1).atStartOfDay(zone).toInstant());
    } catch (DateTimeException e) {
      throw TransactionController.invalid(
          "'day' is like 2026-11-23 and 'zone' like Europe/Berlin: " + e.getMessage());
    }
  }

  /** The fields of a row. */
  private static final class Columns {

    static final List<String> NAMES =
        List.of(
            "decidedAt",
            "decision",
            "handle",
            "key",
            "producerGroup",
            "topic",
            "queue",
            "offset",
            "by",
            "identity",
            "reason",
            "heldAt",
            "attempts",
            "deliverAt",
            "auditOffset");

    private Columns() {}

    static Map<String, @Nullable Object> of(AuditEvent event) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("decidedAt", Instant.ofEpochMilli(event.atMs()).toString());
      row.put("decision", event.decision().map(Enum::name).orElse(""));
      row.put("handle", event.handle());
      row.put("key", event.key());
      row.put("producerGroup", event.producerGroup());
      row.put("topic", TransactionView.topicOf(event.queue()));
      row.put("queue", TransactionView.numberOf(event.queue()));
      row.put("offset", event.queueOffset() < 0 ? null : event.queueOffset());
      row.put("by", event.by());
      row.put("identity", event.identity());
      row.put("reason", event.reason());
      row.put("heldAt", time(event, "heldAt"));
      row.put("attempts", event.more().get("attempts"));
      row.put("deliverAt", time(event, "deliverAt"));
      row.put("auditOffset", event.auditOffset());
      return row;
    }

    private static @Nullable String time(AuditEvent event, String field) {
      return event.more().get(field) instanceof Number ms && ms.longValue() > 0
          ? Instant.ofEpochMilli(ms.longValue()).toString()
          : null;
    }
  }
}
