package io.escrowmq.spi.storage;

/** What has happened to a write when its receipt arrives. Ordered from weakest to strongest. */
public enum Durability {
  /** In the operating system's page cache: survives kill -9 of the server, not a power cut. */
  WRITTEN,
  /** Synced to the device, sharing the sync with its neighbours (group commit). */
  DURABLE,
  /** Durable on a quorum of replicas. Engines without replicas refuse it when they open. */
  REPLICATED
}
