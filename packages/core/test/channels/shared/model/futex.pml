/*
 * The lock of a queue in shared memory, for lock.pml and endpoints.pml: lock.ts, and access.ts where it waits. Each statement is
 * one access that others may see, and whoever takes it may die before it; what an `Atomics` call reads and writes at once is one
 * d_step. What is called a ghost is not in the source: it is what the model judges by.
 *
 * Each process has `me`, its number, and `mine`, `found` and `i` for itself. WHOLE is what holds of memory between two changes.
 */

#define HOST 0
/* endpoints.ts, holderOf: by which the lock knows a process. */
#define HOLDER(p) (p + 1)

/* layout.ts, LOCK: the holder's number, and below it lock.ts, SLEEPS and WATCHES: whether anybody waits, and how. */
#define SLEEPS 1
#define WATCHES 2
#define HELD_BY(p) (lock / 4 == HOLDER(p))
#define MARKS (lock % 4)
byte lock;

/* Who sleeps at the lock, by Atomics.wait or Atomics.waitAsync, until it is notified. */
bool asleep[PROCESSES];

/* Ghosts: whose thread is dead; who has got the lock and not freed it. */
bool dead[PROCESSES];
bool inside[PROCESSES];

/* Ghost: the lock is taken, with what is in memory whole, and by nobody while somebody who lives has it. */
inline enter() {
  for (i : 0 .. PROCESSES - 1) {
    assert(!inside[i] || dead[i]);
    inside[i] = false
  }
  i = 0;
  inside[me] = true;
  assert(WHOLE)
}

/* lock.ts, tryLock: a look is as good as many. And the compareExchange of lockSoon. */
inline tryLock(mark) {
  d_step {
    if
    :: lock == 0 ->
       lock = 4 * HOLDER(me) + mark;
       enter();
       mine = true
    :: else -> skip
    fi
  }
}

/*
 * lock.ts, watchLock, and the like in lockSoon: 0 in `found` stands for looking again, as whoever finds the lock changed between
 * its look and its compareExchange does.
 */
inline watchLock(mark) {
#ifdef FAULT_BIT_WITHOUT_COMPARISON
  found = lock;
  if
  :: found != 0 && found / mark % 2 == 0 -> found = found + mark; lock = found
  :: else -> skip
  fi
#else
  d_step {
    if
    :: lock != 0 && lock / mark % 2 == 0 -> lock = lock + mark
    :: else -> skip
    fi;
    found = lock
  }
#endif
}

/* Atomics.wait and Atomics.waitAsync: it compares, and sleeps. */
inline fallAsleep() {
  d_step {
    if
#ifndef FAULT_WAITS_BY_LOOKING_AGAIN
    :: found != 0 && lock == found -> asleep[me] = true
#endif
    :: else -> skip
    fi;
    found = 0
  }
}

/* Atomics.notify */
inline wakeAll() {
  d_step {
    for (i : 0 .. PROCESSES - 1) { asleep[i] = false }
    i = 0
  }
}

/* access.ts, Access.run and Access.wait, by a thread that does nothing else meanwhile; lock.ts, lockSoon, where it may sleep. */
inline acquire() {
  assert(!mine);
  tryLock(0);
#ifdef MAY_SLEEP
  if
  :: mine -> skip
  :: !mine -> skip
  :: !mine ->
     watchLock(SLEEPS);
     fallAsleep();
     /* Awake, or a time-out: so it is all one which of those that sleep is woken. */
     asleep[me] = false;
#ifdef FAULT_STOLEN_AFTER_A_TIME
     d_step { lock = 4 * HOLDER(me) + SLEEPS; enter(); mine = true }
#else
     tryLock(SLEEPS)
#endif
  fi;
#endif
  do
  :: mine -> break
  :: else ->
     watchLock(WATCHES);
     fallAsleep();
     !asleep[me];
     tryLock(SLEEPS)
  od;
  assert(HELD_BY(me))
}

/* lock.ts, unlock */
inline unlock() {
  mine = false;
#ifdef FAULT_UNLOCK_IN_TWO
  found = MARKS;
  d_step { lock = 0; inside[me] = false };
#else
  d_step {
    assert(HELD_BY(me));
    found = MARKS;
    lock = 0;
    inside[me] = false
  };
#endif
#ifndef FAULT_UNLOCK_WAKES_NOBODY
  if
  :: found >= WATCHES -> wakeAll()
  /* One of those that sleep, or none: each wakes by itself. */
  :: else -> skip
  fi;
#endif
  found = 0
}

/* layout.ts, JOURNAL and JOURNAL_LENGTH, counted in entries. */
byte length;
byte at[JOURNAL];
byte was[JOURNAL];

/* words.ts, Words.set */
inline set(word, value) {
  assert(HELD_BY(me));
#ifdef FAULT_STORED_BEFORE_ITS_ENTRY
  d_step { at[length] = word; was[length] = w[word] };
  w[word] = value;
  length = length + 1
#else
  /* An entry that is not counted is never read: to die before it, within it, and before it is counted is the same. */
  d_step {
    at[length] = word;
    was[length] = w[word];
    length = length + 1
  };
  w[word] = value
#endif
}

/* words.ts, Words.commit. What is no longer counted is never read: it is forgotten, so that there are fewer states. */
inline commit() {
  d_step {
    assert(HELD_BY(me));
    forget();
    COMMITTED
  }
}

inline forget() {
  for (i : 0 .. JOURNAL - 1) { at[i] = 0; was[i] = 0 }
  i = 0;
  length = 0
}

/* words.ts, Words.rollback */
inline rollback() {
#ifdef FAULT_NOTHING_IS_UNDONE
  skip;
#else
#ifdef FAULT_UNDONE_FROM_THE_FIRST
  i = 0;
  do
  :: i < length -> w[at[i]] = was[i]; i = i + 1
  :: else -> break
  od;
#else
  i = length;
  do
  :: i > 0 -> i = i - 1; w[at[i]] = was[i]
  :: else -> break
  od;
#endif
#endif
  atomic { forget() }
}


/* lock.ts, recover: by the host alone. */
inline recover(p) {
  if
  :: HELD_BY(p) ->
     /* Nobody takes it from a thread that lives. */
     assert(dead[p]);
#ifdef FAULT_FREED_BEFORE_IT_IS_UNDONE
     d_step { lock = 0; inside[p] = false };
     rollback();
#else
     rollback();
     d_step { assert(HELD_BY(p)); lock = 0; inside[p] = false };
#endif
#ifdef FAULT_RECOVERY_WAKES_ONLY_IF_IT_HELD
     wakeAll()
#endif
  :: else -> skip
  fi;
#ifndef FAULT_RECOVERY_WAKES_ONLY_IF_IT_HELD
  wakeAll()
#endif
}
