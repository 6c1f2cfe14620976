package io.escrowmq.tx;

import io.escrowmq.spi.storage.QueueId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One joint transaction as a list of requests: additions in any order, some of them again, a commit
 * that may come too early, the decision, the decision again, and additions that come too late.
 */
final class JointScript {

  private static final int MOST_MESSAGES = 5;

  private final JointScene joint;
  private final String key;
  private final List<QueueId> queues;
  private final Handle transaction;
  private final TreeSet<Integer> names = new TreeSet<>();
  private final boolean commits;
  private final Deque<Runnable> requests = new ArrayDeque<>();

  JointScript(JointScene joint, String key, List<QueueId> queues, Random random) {
    this.joint = joint;
    this.key = key;
    this.queues = queues;
    this.transaction = joint.opened(key);
    this.commits = random.nextInt(4) > 0;
    int messages = 1 + random.nextInt(MOST_MESSAGES);
    List<Runnable> additions = new ArrayList<>();
    for (int i = 0; i < messages; i++) {
      int sequence = i;
      for (int copies = 1 + random.nextInt(2); copies > 0; copies--) {
        additions.add(() -> add(sequence));
      }
      if (i == 0 || random.nextInt(3) > 0) {
        names.add(i);
      }
    }
    Collections.shuffle(additions, random);
    if (commits) {
      additions.add(random.nextInt(additions.size()), this::decide);
    }
    requests.addAll(additions);
    requests.add(this::decide);
    requests.add(() -> joint.open(Scene.GROUP, key));
    requests.add(() -> add(random.nextInt(messages)));
    requests.add(this::decide);
  }

  String key() {
    return key;
  }

  boolean goesOn() {
    return !requests.isEmpty();
  }

  /** Sends the next request. Its answer is lost. */
  void next() {
    requests.remove().run();
  }

  boolean commits() {
    return commits;
  }

  /** The bodies that a commit makes visible. */
  Set<String> named() {
    return names.stream().map(this::body).collect(Collectors.toSet());
  }

  /** What of these bodies is this transaction's. */
  Set<String> among(Set<String> bodies) {
    return bodies.stream().filter(body -> body.startsWith(key + "-")).collect(Collectors.toSet());
  }

  private void add(int sequence) {
    joint.add(transaction, sequence, queues.get(sequence % queues.size()), body(sequence));
  }

  private void decide() {
    if (commits) {
      joint.end(transaction, Decision.COMMIT, Optional.of(names));
    } else {
      joint.rollback(transaction);
    }
  }

  private String body(int sequence) {
    return key + "-" + sequence;
  }
}
