package io.escrowmq.spi.storage.testkit;

/** The journal engine passes every suite: the kit can be passed by an engine with files. */
class JournalStorageTest extends WholeContract {

  @Override
  protected EngineUnderTest engine() {
    return new JournalEngine(JournalDefect.NONE);
  }
}
