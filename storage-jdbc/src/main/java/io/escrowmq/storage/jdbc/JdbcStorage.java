package io.escrowmq.storage.jdbc;

import io.escrowmq.spi.storage.Capability;
import io.escrowmq.spi.storage.Durability;
import io.escrowmq.spi.storage.Escrow;
import io.escrowmq.spi.storage.IntakeScope;
import io.escrowmq.spi.storage.Maintenance;
import io.escrowmq.spi.storage.MessageIndex;
import io.escrowmq.spi.storage.MessageLog;
import io.escrowmq.spi.storage.Mishap;
import io.escrowmq.spi.storage.Ownership;
import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.StoreIntake;
import io.escrowmq.spi.storage.TableOwnership;
import io.escrowmq.spi.storage.Tables;
import io.escrowmq.spi.storage.WriteBatch;
import io.escrowmq.spi.storage.WriteReceipt;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** An open store in a database. Thread-safe. */
final class JdbcStorage implements Storage {

  private final Engine engine;
  private final Durability durability;
  private final Ownership ownership;
  private final JdbcLog log;
  private final Escrow escrow;
  private final Tables tables;
  private final MessageIndex index;
  private final Maintenance maintenance;

  private JdbcStorage(Engine engine, StorageSettings settings, StorageContext context) {
    Readers readers = engine.readers();
    this.engine = engine;
    this.durability = settings.durability();
    this.ownership = new TableOwnership(this, context.time());
    this.log = new JdbcLog(readers, engine.known(), engine.receipts());
    this.escrow =
        new JdbcEscrow(
            readers,
            engine.heads(),
            new Decisions(settings.decisionRetention()),
            engine.condition(),
            engine.floors(),
            context.time());
    this.tables = new JdbcTables(readers, "mq_row");
    this.index = new JdbcIndex(readers, engine.heads());
    this.maintenance = engine.maintenance();
  }

  /**
   * Opens a store, creating its tables as needed.
   *
   * @throws StorageException as {@link io.escrowmq.spi.storage.StorageProvider#open} says
   */
  static JdbcStorage open(StorageSettings settings, StorageContext context) {
    check(settings);
    return open(settings, context, connections(settings));
  }

  /** True if the database has the tables of a store, of any version. */
  static boolean exists(StorageSettings settings) {
    try {
      return new Schema(connections(settings), Schema.STORE).exists();
    } catch (SQLException e) {
      throw SqlFailure.unavailable("the database cannot be opened", e);
    }
  }

  private static Connections connections(StorageSettings settings) {
    JdbcOptions options = JdbcOptions.of(settings.options());
    return new Connections(options, Dialect.of(options.url()), Optional.empty());
  }

  /** Opens a store through these connections. */
  static JdbcStorage open(
      StorageSettings settings, StorageContext context, Connections connections) {
    return new JdbcStorage(Engine.open(settings, context, connections), settings, context);
  }

  /** Refuses what this engine cannot do. */
  static void check(StorageSettings settings) {
    if (settings.durability() == Durability.REPLICATED) {
      throw new IllegalArgumentException(
          "the jdbc engine does not know of replicas: let the database replicate, and choose"
              + " durability written or durable");
    }
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.PUSH_NOTIFICATIONS);
  }

  @Override
  public Set<Mishap> survives(Durability durability) {
    return engine.condition().promise().survives(durability);
  }

  @Override
  public CompletionStage<WriteReceipt> write(WriteBatch batch) {
    CompletableFuture<WriteReceipt> receipt = new CompletableFuture<>();
    try {
      PreparedBatch prepared = PreparedBatch.of(batch, durability);
      engine.submit(prepared, receipt);
    } catch (StorageException refused) {
      receipt.completeExceptionally(refused);
    }
    return receipt;
  }

  @Override
  public MessageLog log() {
    return log;
  }

  @Override
  public Escrow escrow() {
    return escrow;
  }

  @Override
  public Tables tables() {
    return tables;
  }

  @Override
  public MessageIndex index() {
    return index;
  }

  @Override
  public Ownership ownership() {
    return ownership;
  }

  @Override
  public Optional<StoreIntake> intake(IntakeScope scope) {
    return engine.intake(scope);
  }

  @Override
  public Maintenance maintenance() {
    return maintenance;
  }

  @Override
  public void close() {
    engine.close();
  }
}
