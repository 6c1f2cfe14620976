package io.escrowmq.spi.storage.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.escrowmq.spi.storage.Storage;
import io.escrowmq.spi.storage.StorageContext;
import io.escrowmq.spi.storage.StorageException;
import io.escrowmq.spi.storage.StorageProvider;
import io.escrowmq.spi.storage.StorageSettings;
import io.escrowmq.spi.storage.copy.CopyFailure;
import io.escrowmq.spi.storage.testkit.MutantStorage.Mistake;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The kit is a test too: engines that are broken on purpose must not pass it. */
class MutantTest {

  @TempDir Path directory;

  private int runs;

  @Test
  void soundEnginesPassWhatTheMutantsFail() throws Exception {
    run(new Model(new MemoryEngine()), ModelContract::theEngineAnswersLikeTheModel);
    EngineUnderTest journal = new JournalEngine(JournalDefect.NONE);
    run(new Torn(journal), TornWriteContract::aTornTailIsCut);
    run(new Faults(journal), DiskFaultContract::whatWasAcknowledgedSurvivesPowerCuts);
  }

  @ParameterizedTest
  @EnumSource(
      value = Mistake.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"LETS_RECEIPTS_OVERTAKE", "CLAIMS_TO_SURVIVE"})
  void theModelNoticesEveryMistake(Mistake mistake) throws Exception {
    assertCaught(new Model(mutant(mistake)), ModelContract::theEngineAnswersLikeTheModel);
  }

  @Test
  void eachMistakeFailsTheTestThatIsAboutIt() throws Exception {
    assertCaught(
        new Atomicity(mutant(Mistake.DROPS_THE_LAST_MUTATION)),
        AtomicityContract::everythingOfABatchHappens);
    assertCaught(
        new Hold(mutant(Mistake.REVERSES_A_DECISION)),
        HoldContract::whoeverDecidesLateGetsTheDecision);
    assertCaught(
        new Hold(mutant(Mistake.FORGETS_DECIDED_IDS)),
        HoldContract::whoeverDecidesLateGetsTheDecision);
    assertCaught(
        new Hold(mutant(Mistake.SHOWS_HELD_MESSAGES)),
        HoldContract::aHeldMessageIsKeptAndInvisible);
    assertCaught(
        new Hold(mutant(Mistake.LOSES_RESCHEDULED_KIND)),
        HoldContract::aRescheduleChangesTimeKindAndAttributesButNotTheMessage);
    assertCaught(
        new Append(mutant(Mistake.SKIPS_AN_OFFSET)), AppendContract::eachQueueCountsForItself);
    assertCaught(
        new Append(mutant(Mistake.STAMPS_THE_WRONG_OFFSET)),
        AppendContract::oneThreadsAppendsKeepTheirOrder);
    assertCaught(
        new Append(mutant(Mistake.LETS_RECEIPTS_OVERTAKE)),
        AppendContract::receiptsOfAQueueArriveInOrder);
    assertCaught(
        new Precondition(mutant(Mistake.IGNORES_PRECONDITIONS)),
        PreconditionContract::ofManyWritersInFlightOneWins);
    assertCaught(
        new Rows(mutant(Mistake.REPEATS_ROW_VERSIONS)), TableContract::versionsNeverRepeat);
    assertCaught(
        new HoldOrder(mutant(Mistake.ORDERS_DUE_BY_ID)),
        HoldOrderContract::dueGivesTheOrderOfWakeUpTimeThenId);
    assertCaught(new Copy(mutant(Mistake.FORGETS_STORE_TIMES)), CopyContract::everythingArrives);
    assertCaught(
        new Survival(mutant(Mistake.CLAIMS_TO_SURVIVE)),
        SurvivalContract::whatForgetsEverythingClaimsNothing);
    assertCaught(
        new Survival(mutant(Mistake.CLAIMS_TO_SURVIVE)),
        SurvivalContract::nothingIsClaimedThatNoSuiteProves);
  }

  @Test
  void damageThatIsNotNoticedIsNoticed() throws Exception {
    assertCaught(
        new Torn(new JournalEngine(JournalDefect.IGNORES_CHECKSUMS)),
        TornWriteContract::damageToAcknowledgedDataIsNeverServed);
    assertCaught(
        new Torn(new JournalEngine(JournalDefect.CUTS_CORRUPTION)),
        TornWriteContract::damageToAcknowledgedDataIsNeverServed);
    assertCaught(
        new Torn(new JournalEngine(JournalDefect.CUTS_CORRUPTION)),
        TornWriteContract::damageAfterACleanCloseIsNoticed);
    assertCaught(
        new Torn(new JournalEngine(JournalDefect.REFUSES_TORN_TAIL)),
        TornWriteContract::aTornTailIsCut);
    assertCaught(
        new Torn(new JournalEngine(JournalDefect.SPLITS_BATCHES)),
        TornWriteContract::aTornTailIsCut);
  }

  @Test
  void aCarelessEngineLosesPower() throws Exception {
    for (JournalDefect defect :
        new JournalDefect[] {
          JournalDefect.NEVER_SYNCS, JournalDefect.ACKNOWLEDGES_BEFORE_WRITING
        }) {
      assertCaught(
          new Faults(new JournalEngine(defect)),
          DiskFaultContract::whatWasAcknowledgedSurvivesPowerCuts);
    }
    assertCaught(
        new Faults(new JournalEngine(JournalDefect.RETRIES_SYNC)),
        DiskFaultContract::aFailedSyncIsNeverAcknowledgedOver);
  }

  @Test
  void aKillFindsWhatWasOnlyInMemory() throws Exception {
    assertCaught(
        new Crash(new JournalEngine(JournalDefect.ACKNOWLEDGES_BEFORE_WRITING)),
        CrashContract::whatWasAcknowledgedSurvivesKills);
  }

  @Test
  void aRestartFindsForgottenDecisions() throws Exception {
    assertCaught(
        new Restart(new JournalEngine(JournalDefect.FORGETS_DECISIONS)),
        RestartContract::workGoesOnAfterARestart);
  }

  private <C extends StorageContract> void assertCaught(C contract, ContractTest<C> test)
      throws Exception {
    assertThat(fails(contract, test))
        .as("%s of %s notices", contract.getClass().getSimpleName(), contract.engine())
        .isTrue();
  }

  private <C extends StorageContract> boolean fails(C contract, ContractTest<C> test)
      throws Exception {
    try {
      run(contract, test);
      return false;
    } catch (AssertionError | StorageException | CopyFailure caught) {
      return true;
    }
  }

  private <C extends StorageContract> void run(C contract, ContractTest<C> test) throws Exception {
    contract.directory = Files.createDirectories(directory.resolve("run-" + runs++));
    contract.openFixture();
    try {
      test.run(contract);
    } finally {
      contract.closeFixture();
    }
  }

  private interface ContractTest<C> {
    void run(C contract) throws IOException;
  }

  private static EngineUnderTest mutant(Mistake mistake) {
    return new MutantEngine(mistake);
  }

  private record MutantEngine(Mistake mistake) implements EngineUnderTest, StorageProvider {
    @Override
    public StorageProvider provider() {
      return this;
    }

    @Override
    public String id() {
      return InMemoryStorageProvider.ID;
    }

    @Override
    public boolean persistent() {
      return false;
    }

    @Override
    public Storage open(StorageSettings settings, StorageContext context) {
      return new MutantStorage(InMemoryStorage.open(settings, context), mistake);
    }
  }

  private static final class Append extends AppendContract {
    private final EngineUnderTest engine;

    Append(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Atomicity extends AtomicityContract {
    private final EngineUnderTest engine;

    Atomicity(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Precondition extends PreconditionContract {
    private final EngineUnderTest engine;

    Precondition(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Hold extends HoldContract {
    private final EngineUnderTest engine;

    Hold(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class HoldOrder extends HoldOrderContract {
    private final EngineUnderTest engine;

    HoldOrder(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Copy extends CopyContract {
    private final EngineUnderTest engine;

    Copy(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Rows extends TableContract {
    private final EngineUnderTest engine;

    Rows(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Restart extends RestartContract {
    private final EngineUnderTest engine;

    Restart(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Survival extends SurvivalContract {
    private final EngineUnderTest engine;

    Survival(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Model extends ModelContract {
    private final EngineUnderTest engine;

    Model(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Crash extends CrashContract {
    private final EngineUnderTest engine;

    Crash(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Torn extends TornWriteContract {
    private final EngineUnderTest engine;

    Torn(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }

  private static final class Faults extends DiskFaultContract {
    private final EngineUnderTest engine;

    Faults(EngineUnderTest engine) {
      this.engine = engine;
    }

    @Override
    protected EngineUnderTest engine() {
      return engine;
    }
  }
}
