/*
 * What the transaction coordinator promises, for SPIN (https://spinroot.com): one transaction of
 * several holds, two servers that own the store one after the other, a producer with a database, a
 * member of its group that is asked, and an operator. docs/transactions.md says it in words.
 *
 * Messages are facts: once sent, any server may receive them, in any order, any number of times or
 * never. A server or the producer may stop between any two steps; so may the owner of the store,
 * who does not learn of it until it writes.
 *
 * -DVARIANT=n breaks one rule on purpose; the checker has to find out.
 */

#define RULES 0            /* the design */
#define NO_COMPARE 1       /* a decision trusts what was read before */
#define NO_FENCE 2         /* the store takes what a former owner writes */
#define TORN 3             /* holds are released one write after the other */
#define INCOMPLETE 4       /* a commit releases what is there, though a hold is missing */
#define NO_TOMBSTONE 5     /* a check says "roll back" because it finds no row, and leaves none */
#define GUESS 6            /* a transaction that nobody decides is rolled back */
#define EARLY_ANSWER 7     /* an answer is given before the write is durable */
#define OBEY_CONFLICT 8    /* a later decision replaces the first */
#define LAST_WORD 9        /* an operator decides without asking the database */
#define NEVER_ASK 10       /* a transaction that nobody decides is left alone */

/* These break nothing: the checker has to find that a commit and a rollback are reached at all. */
#define COMMIT_HAPPENS 11
#define ROLLBACK_HAPPENS 12

#ifndef VARIANT
#define VARIANT RULES
#endif
#ifndef LIAR
#define LIAR 0             /* 1: somebody sends both decisions; what the server promises still holds */
#endif
#ifndef HOLDS
#define HOLDS 2
#endif
#ifndef TAKEOVERS
#define TAKEOVERS 2
#endif

#define SERVERS 2
#define NOBODY 255

/* States of a hold; also decisions and the row in the producer's database. */
#define NONE 0
#define HELD 1
#define COMMITTED 2
#define ROLLED_BACK 3

typedef Holds { byte hold[HOLDS] };

/* The store, which survives everything. */
Holds stored;
byte epoch = 0;            /* how often the store was given to a server */

/* What each server believes: its memory of the store, that it owns it, and since which epoch. */
Holds memory[SERVERS];
bit owns[SERVERS];
byte since[SERVERS];

/* What was sent. */
bit halfSent[HOLDS];
bit commitSent, rollbackSent;
bit asked;

/* What was answered: nothing of it may turn out wrong. */
bit halfAnswered[HOLDS];
byte answered = NONE;

/* The producer's database: a row of the journal, whose writer may not have committed yet. */
byte journal = NONE;
bit writing;

/* A write that was answered and is not in the store yet; only with EARLY_ANSWER. */
byte unflushed = NONE;
byte unflushedHold = NOBODY;

inline check() {
  byte n = 0;
  bit someCommitted = 0;
  bit someOther = 0;
  do
  :: n < HOLDS ->
       if
       :: stored.hold[n] == COMMITTED -> someCommitted = 1
       :: else -> someOther = 1
       fi;
       /* I5: what was acknowledged as held is held or decided. */
       assert(!halfAnswered[n] || stored.hold[n] != NONE);
       /* I15: committed only with the effect, rolled back only without it; a liar harms himself. */
       assert(LIAR || stored.hold[n] != COMMITTED || journal == COMMITTED);
       assert(LIAR || stored.hold[n] != ROLLED_BACK || journal != COMMITTED);
       /* I3, I4: every answer was the same, and is what the store says. */
       assert(answered == NONE || stored.hold[n] == answered);
       n++
  :: else -> break
  od;
  /* I1, I6, I7: all of a transaction is visible, or nothing of it. */
  assert(!(someCommitted && someOther));
  n = 0; someCommitted = 0; someOther = 0
}

/* The store takes a write only if it names the present epoch. */
#define IS_OWNER(i) (epoch > 0 && since[i] == epoch)
#define MAY_WRITE(i) (IS_OWNER(i) || VARIANT == NO_FENCE)

/* A server finds out that it lost the store. */
inline lose(i) {
  owns[i] = 0; since[i] = 0; memory[i].hold[0] = NONE; memory[i].hold[HOLDS - 1] = NONE
}

inline answer(decision) {
  /* I3: nobody is told two things. */
  assert(answered == NONE || answered == decision);
  assert(VARIANT != COMMIT_HAPPENS || decision != COMMITTED);
  assert(VARIANT != ROLLBACK_HAPPENS || decision != ROLLED_BACK);
  answered = decision
}

inline write(i, state, from, to, which) {
  d_step {
    which = 0;
    do
    :: which < HOLDS ->
         if
         :: state.hold[which] == from -> stored.hold[which] = to; memory[i].hold[which] = to
         :: else
         fi;
         which++
    :: else -> break
    od;
    which = 0
  }
}

/* How many holds are in a state. */
#define IN(s, x) ((s.hold[0] == x) + (s.hold[HOLDS - 1] == x))

/*
 * One handler of a server; each server has two. The first step reads, the second decides: between
 * them the other handler may have decided, or another server may have taken the store.
 */
proctype Handler(byte i) {
  Holds seen;
  byte which = 0;
  byte wanted = NONE;
  byte h = 0;
end:
  do
  /* A half message arrives. */
  :: atomic { owns[i] && halfSent[0] && memory[i].hold[0] == NONE -> h = 0; goto hold }
  :: atomic { owns[i] && halfSent[HOLDS - 1] && memory[i].hold[HOLDS - 1] == NONE -> h = HOLDS - 1; goto hold }
  /* An END arrives, from the producer, a check or the operator. */
  :: atomic { owns[i] && commitSent && IN(memory[i], COMMITTED) < HOLDS -> wanted = COMMITTED }
     goto judge
  :: atomic { owns[i] && rollbackSent && IN(memory[i], ROLLED_BACK) < HOLDS -> wanted = ROLLED_BACK }
     goto judge
  /* Nobody decided it for a while. */
  :: atomic { VARIANT != NEVER_ASK && owns[i] && !asked && !commitSent && !rollbackSent && IN(memory[i], HELD) > 0 -> asked = 1 }
  :: atomic { VARIANT == GUESS && owns[i] && asked && IN(memory[i], HELD) == HOLDS -> wanted = ROLLED_BACK }
     goto judge
  od;

hold:
  atomic {
    if
    :: !MAY_WRITE(i) -> lose(i)
    :: MAY_WRITE(i) && VARIANT != EARLY_ANSWER && memory[i].hold[h] == NONE ->
         stored.hold[h] = HELD; memory[i].hold[h] = HELD; halfAnswered[h] = 1; check()
    :: MAY_WRITE(i) && VARIANT == EARLY_ANSWER && memory[i].hold[h] == NONE ->
         memory[i].hold[h] = HELD; halfAnswered[h] = 1; unflushedHold = h
    :: MAY_WRITE(i) && memory[i].hold[h] != NONE
    fi;
    h = 0
  }
  if
  :: atomic { unflushedHold != NOBODY && IS_OWNER(i) ->
       stored.hold[unflushedHold] = HELD; unflushedHold = NOBODY }
  :: else
  fi;
  goto end;

judge:
  if
  :: atomic { VARIANT == NO_COMPARE ->
       seen.hold[0] = memory[i].hold[0]; seen.hold[HOLDS - 1] = memory[i].hold[HOLDS - 1] }
  :: VARIANT != NO_COMPARE
  fi;
  atomic {
    /* The compare-and-set: judged by what is true when it is written. */
    if
    :: VARIANT != NO_COMPARE ->
         seen.hold[0] = memory[i].hold[0]; seen.hold[HOLDS - 1] = memory[i].hold[HOLDS - 1]
    :: else
    fi;
    if
    :: !MAY_WRITE(i) -> lose(i)
    :: MAY_WRITE(i) && IN(seen, HELD) == HOLDS ->
         if
         :: VARIANT == TORN ->
              stored.hold[0] = wanted; memory[i].hold[0] = wanted; goto rest
         :: else ->
              write(i, seen, HELD, wanted, which);
              check();
              answer(wanted)
         fi
    /* Decided before: the answer is what is recorded. */
    :: MAY_WRITE(i) && IN(seen, COMMITTED) == HOLDS ->
         if
         :: VARIANT == OBEY_CONFLICT && wanted == ROLLED_BACK ->
              write(i, seen, COMMITTED, ROLLED_BACK, which); check()
         :: else -> answer(COMMITTED)
         fi
    :: MAY_WRITE(i) && IN(seen, ROLLED_BACK) == HOLDS ->
         if
         :: VARIANT == OBEY_CONFLICT && wanted == COMMITTED ->
              write(i, seen, ROLLED_BACK, COMMITTED, which); check()
         :: else -> answer(ROLLED_BACK)
         fi
    /* A hold is missing: a commit is incomplete and changes nothing; a rollback takes what is there. */
    :: MAY_WRITE(i) && IN(seen, HELD) > 0 && IN(seen, HELD) < HOLDS && IN(seen, NONE) > 0 ->
         if
         :: wanted == ROLLED_BACK || VARIANT == INCOMPLETE ->
              write(i, seen, HELD, wanted, which); check()
         :: else
         fi
    :: MAY_WRITE(i) && IN(seen, HELD) == 0 && IN(seen, COMMITTED) < HOLDS && IN(seen, ROLLED_BACK) < HOLDS
    :: MAY_WRITE(i) && IN(seen, HELD) == 1 && IN(seen, ROLLED_BACK) == 1 ->
         /* A half message came after its transaction was rolled back. */
         if
         :: wanted == ROLLED_BACK -> write(i, seen, HELD, ROLLED_BACK, which); check()
         :: else
         fi
    fi;
    wanted = NONE; seen.hold[0] = NONE; seen.hold[HOLDS - 1] = NONE
  }
  goto end;

rest:
  atomic {
    check();
    stored.hold[HOLDS - 1] = wanted; memory[i].hold[HOLDS - 1] = wanted;
    wanted = NONE; seen.hold[0] = NONE; seen.hold[HOLDS - 1] = NONE
  }
  goto end
}

/* Gives the store to a server, which reads it; what the former owner had in memory only is gone. */
proctype Takeover() {
  byte i;
end:
  do
  :: atomic {
       epoch < TAKEOVERS ->
       select(i : 0 .. SERVERS - 1);
       epoch++;
       since[i] = epoch;
       owns[i] = 1;
       unflushedHold = NOBODY;
       memory[i].hold[0] = stored.hold[0];
       memory[i].hold[HOLDS - 1] = stored.hold[HOLDS - 1];
       i = 0;
       check()
     }
  od
}

/*
 * Sends the halves, waits for both answers, does its local transaction with the journal row as the
 * last write, and ends. It may stop at every step, and be wrong about the outcome never.
 */
proctype Producer() {
  halfSent[0] = 1;
  if :: halfSent[HOLDS - 1] = 1 :: goto stopped fi;
  if
  :: halfAnswered[0] && halfAnswered[HOLDS - 1]
  :: goto stopped
  :: goto aborted
  fi;
  /* The row waits for whoever inserts the same key, and fails if that one committed. */
  if
  :: atomic { !writing && journal == NONE -> writing = 1 }
  :: atomic { !writing && journal != NONE -> goto aborted }
  :: goto stopped
  fi;
  if
  :: atomic { writing = 0; journal = COMMITTED; check() }
  :: atomic { writing = 0; goto aborted }
  :: atomic { writing = 0; goto stopped }
  fi;
  if :: commitSent = 1 :: goto stopped fi;
  goto stopped;
aborted:
  if :: rollbackSent = 1 :: skip fi;
stopped:
  skip
}

/* Any member of the producer's group, asked any number of times. */
proctype Member() {
end:
  do
  :: asked ->
       if
       /* Reads what is committed and leaves nothing behind: the producer may still commit. */
       :: VARIANT == NO_TOMBSTONE ->
            if
            :: journal == COMMITTED -> commitSent = 1
            :: journal != COMMITTED -> rollbackSent = 1
            fi
       /* Inserts the opposite row, which waits for a producer that is writing. */
       :: atomic { VARIANT != NO_TOMBSTONE && !writing ->
            if
            :: journal == NONE -> journal = ROLLED_BACK
            :: else
            fi };
            if
            :: journal == COMMITTED -> commitSent = 1
            :: journal == ROLLED_BACK -> rollbackSent = 1
            fi
       fi;
       asked = 0
  od
}

/*
 * Decides once. It asks the database first, as a member does; with LAST_WORD it does not, and a
 * liar says everything at any time.
 */
proctype Operator() {
  if
  :: LIAR -> commitSent = 1; rollbackSent = 1
  :: VARIANT == LAST_WORD && !LIAR ->
       if :: commitSent = 1 :: rollbackSent = 1 fi
  :: atomic { VARIANT != LAST_WORD && !LIAR && !writing ->
       if
       :: journal == NONE -> journal = ROLLED_BACK
       :: else
       fi };
       if
       :: journal == COMMITTED -> commitSent = 1
       :: journal == ROLLED_BACK -> rollbackSent = 1
       fi
  :: skip
  fi
}

/* I8: when nothing more can happen, nothing is held. */
proctype Settled() {
  timeout -> assert(LIAR || (stored.hold[0] != HELD && stored.hold[HOLDS - 1] != HELD))
}

init {
  atomic {
    run Takeover(); run Settled();
    run Handler(0); run Handler(0);
    run Handler(1);
    if :: !LIAR -> run Handler(1) :: else fi;
    run Producer(); run Member(); run Operator()
  }
}
