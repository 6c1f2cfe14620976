package io.escrowmq.spi.storage;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Mutations that happen together or not at all.
 *
 * @param durability overrides the store's setting; only {@link Durability#WRITTEN} may be weaker
 */
public record WriteBatch(List<Mutation> mutations, Optional<Durability> durability) {

  /** Most mutations in one batch. */
  public static final int MAX_MUTATIONS = 4096;

  /** Most message, key and value bytes in one batch. */
  public static final int MAX_BYTES = 16 * 1024 * 1024;

  public WriteBatch {
    mutations = List.copyOf(mutations);
    if (mutations.isEmpty()) {
      throw new IllegalArgumentException("a batch has at least one mutation");
    }
  }

  /** A batch with the store's own durability. */
  public static WriteBatch of(Mutation... mutations) {
    return new WriteBatch(List.of(mutations), Optional.empty());
  }

  /** Starts an empty batch. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * True if the batch stores messages. Others (decisions, table rows) are small: an engine that is
   * {@link StorageHealth.State#FULL} lets them go on while it can.
   */
  public boolean carriesMessages() {
    for (Mutation mutation : mutations) {
      if (mutation instanceof Mutation.Append
          || mutation instanceof Mutation.Hold
          || mutation instanceof Mutation.Restore.Visible
          || mutation instanceof Mutation.Restore.Held) {
        return true;
      }
    }
    return false;
  }

  /** Collects mutations. Not thread-safe. */
  public static final class Builder {
    private final List<Mutation> mutations = new ArrayList<>();
    private Optional<Durability> durability = Optional.empty();

    private Builder() {}

    /** Adds a mutation at the end. */
    public Builder add(Mutation mutation) {
      mutations.add(mutation);
      return this;
    }

    /** Adds mutations at the end. */
    public Builder addAll(List<Mutation> more) {
      mutations.addAll(more);
      return this;
    }

    /** Overrides the store's durability for this batch. */
    public Builder durability(Durability level) {
      durability = Optional.of(level);
      return this;
    }

    /** The batch. */
    public WriteBatch build() {
      return new WriteBatch(mutations, durability);
    }
  }
}
