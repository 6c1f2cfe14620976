package io.escrowmq.architecture;

import static com.tngtech.archunit.core.domain.JavaModifier.STATIC;
import static com.tngtech.archunit.core.domain.JavaModifier.SYNTHETIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.ObjectInputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/**
 * The architecture of the server, as rules. A failure names the class, what it did and the rule it
 * broke.
 */
final class ArchitectureTest {
  private static final int MAX_INSTANCE_FIELDS = 12;
  private static final int MAX_SPI_METHODS = 7;

  /**
   * Where time and randomness enter the program; everything else receives them through its
   * constructor.
   */
  private static final String PROVIDERS = ".*(Clock|TimeSource|Randomness)";

  private static final Map<String, Set<String>> AMBIENT_CALLS =
      Map.of(
          "java.lang.System", Set.of("currentTimeMillis", "nanoTime"),
          "java.lang.Thread", Set.of("sleep"),
          "java.lang.Math", Set.of("random"),
          "java.time.Instant", Set.of("now"),
          "java.util.UUID", Set.of("randomUUID"),
          "java.util.Random", Set.of("<init>"),
          "java.security.SecureRandom", Set.of("<init>"),
          "java.util.concurrent.ThreadLocalRandom", Set.of("current"));

  private static final JavaClasses SERVER =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.escrowmq");

  @Test
  void everyClassBelongsToAModule() {
    assertThat(SERVER).isNotEmpty();
    assertThat(SERVER).allSatisfy(type -> assertThat(Modules.of(type)).isPresent());
  }

  /** A module that is missing or empty would follow every other rule. */
  @Test
  void everyModuleOfTheTableIsSeen() {
    Set<String> seen =
        SERVER.stream()
            .filter(type -> !type.getSimpleName().equals("package-info"))
            .flatMap(type -> Modules.of(type).stream())
            .collect(Collectors.toSet());

    assertThat(seen)
        .as("modules with classes; a new one belongs into Modules.ARROWS and into this pom")
        .isEqualTo(Modules.ARROWS.keySet());
  }

  @Test
  void modulesFollowTheArrows() {
    classes()
        .should(condition("follow the arrows between modules", ArchitectureTest::wrongArrows))
        .check(SERVER);
  }

  @Test
  void librariesStayInTheirModules() {
    classes()
        .should(condition("use a library only where it lives", ArchitectureTest::strayLibraries))
        .check(SERVER);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.escrowmq.(**)").should().beFreeOfCycles().check(SERVER);
  }

  @Test
  void timeAndRandomnessAreInjected() {
    noClasses()
        .that(
            predicate(
                "are not clocks", type -> !outermost(type).getSimpleName().matches(PROVIDERS)))
        .should()
        .callCodeUnitWhere(
            new DescribedPredicate<JavaCall<?>>("it reads the time, sleeps or draws a number") {
              @Override
              public boolean test(JavaCall<?> call) {
                return isAmbient(call.getTarget());
              }
            })
        .check(SERVER);
  }

  @Test
  void namesSayWhatAClassIs() {
    noClasses()
        .should()
        .haveNameMatching(".*(Manager|Helper|Helpers|Util|Utils|Impl)")
        .check(SERVER);
  }

  @Test
  void nothingMutableIsStatic() {
    fields()
        .that()
        .areStatic()
        .and(field("are not synthetic", field -> !field.getModifiers().contains(SYNTHETIC)))
        .should()
        .beFinal()
        .andShould()
        .notHaveRawType(
            predicate(
                "a type made to be changed",
                type ->
                    Modules.isIn(type, "java.util.concurrent.atomic")
                            && !type.getSimpleName().endsWith("FieldUpdater")
                        || type.isAssignableTo(java.util.concurrent.ConcurrentMap.class)
                        || type.isEquivalentTo(java.util.HashMap.class)
                        || type.isEquivalentTo(java.util.ArrayList.class)))
        .check(SERVER);
  }

  @Test
  void noProcessStartsAndNothingIsDeserialized() {
    noClasses()
        .that(predicate("run in a server", type -> !isTestkit(type)))
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(ProcessBuilder.class, ObjectInputStream.class)
        .orShould()
        .callMethodWhere(
            new DescribedPredicate<JavaCall<?>>("it starts a process") {
              @Override
              public boolean test(JavaCall<?> call) {
                return call.getTarget().getOwner().isEquivalentTo(Runtime.class)
                    && call.getTarget().getName().equals("exec");
              }
            })
        .check(SERVER);
  }

  @Test
  void everyPackageIsNullMarked() {
    Set<String> unmarked =
        SERVER.stream()
            .map(JavaClass::getPackage)
            .filter(javaPackage -> !javaPackage.isAnnotatedWith(NullMarked.class))
            .map(JavaPackage::getName)
            .collect(Collectors.toSet());

    assertThat(unmarked).as("packages without @NullMarked in a package-info.java").isEmpty();
  }

  @Test
  void classesStaySmall() {
    classes()
        .that(predicate("are not records", type -> !type.isRecord()))
        .should(
            condition(
                "have at most " + MAX_INSTANCE_FIELDS + " instance fields",
                (type, problem) -> {
                  long fields =
                      type.getFields().stream().filter(ArchitectureTest::isInstanceState).count();
                  if (fields > MAX_INSTANCE_FIELDS) {
                    problem.accept(type.getName() + " has " + fields + " instance fields");
                  }
                }))
        .check(SERVER);
  }

  @Test
  void spiInterfacesStaySmall() {
    classes()
        .that()
        .areInterfaces()
        .and()
        .arePublic()
        .and(
            predicate(
                "belong to an SPI",
                type ->
                    Modules.of(type)
                        .filter(Set.of("spi.storage", "spi.protocol")::contains)
                        .isPresent()))
        .should(
            condition(
                "have at most " + MAX_SPI_METHODS + " methods",
                (type, problem) -> {
                  long methods =
                      type.getMethods().stream()
                          .filter(method -> !method.getModifiers().contains(STATIC))
                          .filter(method -> !method.getModifiers().contains(SYNTHETIC))
                          .filter(method -> !isDoor(method))
                          .count();
                  if (methods > MAX_SPI_METHODS) {
                    problem.accept(type.getName() + " has " + methods + " methods");
                  }
                }))
        .check(SERVER);
  }

  private static void wrongArrows(JavaClass type, Consumer<String> problem) {
    String from = Modules.of(type).orElse("");
    Set<String> allowed = Modules.ARROWS.getOrDefault(from, Set.of());
    for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
      Optional<String> to = Modules.of(dependency.getTargetClass());
      if (to.isPresent() && !to.get().equals(from) && !allowed.contains(to.get())) {
        problem.accept(from + " may not use " + to.get() + ": " + dependency.getDescription());
      }
    }
  }

  private static void strayLibraries(JavaClass type, Consumer<String> problem) {
    String from = Modules.of(type).orElse("");
    for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
      Modules.LIBRARY_HOMES.forEach((library, homes) -> {
        if (Modules.isIn(dependency.getTargetClass(), library) && !homes.contains(from)) {
          problem.accept(
              library + " belongs to " + homes + " only: " + dependency.getDescription());
        }
      });
    }
  }

  /** A generator made with a seed is as repeatable as its seed: only unseeded ones are refused. */
  private static boolean isAmbient(CodeUnitCallTarget target) {
    Set<String> refused = AMBIENT_CALLS.getOrDefault(target.getOwner().getName(), Set.of());
    boolean seeded = target.getName().equals("<init>") && !target.getRawParameterTypes().isEmpty();
    return refused.contains(target.getName()) && !seeded;
  }

  private static boolean isTestkit(JavaClass type) {
    return Modules.of(type).filter("spi.storage.testkit"::equals).isPresent();
  }

  /** An accessor of another part of the same SPI: a facade's size is what it does itself. */
  private static boolean isDoor(JavaMethod method) {
    JavaClass result = method.getRawReturnType();
    return method.getRawParameterTypes().isEmpty()
        && result.isInterface()
        && Modules.of(result).isPresent()
        && Modules.of(result).equals(Modules.of(method.getOwner()));
  }

  private static boolean isInstanceState(JavaField field) {
    return !field.getModifiers().contains(STATIC) && !field.getModifiers().contains(SYNTHETIC);
  }

  private static JavaClass outermost(JavaClass type) {
    JavaClass outer = type;
    while (outer.getEnclosingClass().isPresent()) {
      outer = outer.getEnclosingClass().get();
    }
    return outer;
  }

  private static DescribedPredicate<JavaClass> predicate(
      String description, java.util.function.Predicate<JavaClass> test) {
    return DescribedPredicate.describe(description, test);
  }

  private static DescribedPredicate<JavaField> field(
      String description, java.util.function.Predicate<JavaField> test) {
    return DescribedPredicate.describe(description, test);
  }

  private static ArchCondition<JavaClass> condition(String description, Check check) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        check.check(type, problem -> events.add(SimpleConditionEvent.violated(type, problem)));
      }
    };
  }

  /** Looks at one class and reports what is wrong with it. */
  @FunctionalInterface
  private interface Check {
    void check(JavaClass type, Consumer<String> problem);
  }
}
