/*
 * The lock, the journal and their recovery: threads that change two words which have to agree, in a step that sets one of them
 * twice; a host that hears of their ends, and never of anything else; deaths, of the host as well, at any moment.
 */

#ifndef THREADS
#define THREADS 2
#endif
#ifndef STEPS
#define STEPS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

#define PROCESSES (THREADS + 1)
#define MAY_SLEEP
#define JOURNAL 4
#define WORDS 2
#define A 0
#define B 1
/* Before a change or after it: as many as were committed. */
#define WHOLE (length == 0 && w[A] == changes && w[B] == changes)
#define COMMITTED changes = changes + 1
#if THREADS > 2
#define ALL(x) (x[1] && x[2] && x[3])
#else
#define ALL(x) (x[1] && x[2])
#endif

byte changes;

byte w[WORDS];

#include "futex.pml"

/* The link to the host is closed, by a thread that lives. */
bool closed[PROCESSES];
bool struck;

/* What Access.do calls. */
inline change() {
  set(A, w[A] + 2);
#ifdef FAULT_COMMITTED_BEFORE_THE_LAST_STORE
  set(B, w[B] + 1);
  commit();
  w[A] = w[A] - 1
#else
  set(B, w[B] + 1);
  set(A, w[A] - 1);
  commit()
#endif
}

proctype thread(byte me) {
  bool mine;
  byte found, i, steps;
  {
    do
    :: steps < STEPS ->
#ifdef FAULT_LINK_CLOSED_WHILE_A_STEP_WAITS
       closed[me] = (steps == STEPS - 1);
#endif
       acquire();
       change();
#ifdef FAULT_FREED_BY_A_THREAD_THAT_STORES_ON
       unlock();
       w[B] = w[A];
#else
       unlock();
#endif
       steps = steps + 1
    :: else -> break
    od;
    /* link.ts, SharedLink.close */
    closed[me] = true
  } unless {
    /* What it knew is forgotten, so that there are fewer states. */
    d_step { dead[me] -> mine = false; found = 0; i = 0; steps = 0; asleep[me] = false }
  }
}

#define HEARS(p) atomic { (dead[p] || closed[p]) && !lost[p] -> lost[p] = true }
#define STRIKES(p) atomic { left > 0 && !closed[p] && !dead[p] -> dead[p] = true; left = left - 1 }

/* host.ts, SharedHost.lose: a thread is dead, or has closed its link. */
inline lose(p) {
  recover(p);
  steps = steps + 1
}

/* The host's event loop: it hears of deaths while a step of its own waits for the lock. */
proctype host(byte me) {
  bool mine;
  bool lost[PROCESSES];
  byte found, i, steps;
begin:
  {
    /* A host in the place of one that died: all that it was told of, it is told again. */
    if
    :: dead[HOST] -> recover(HOST); dead[HOST] = false
    :: else -> skip
    fi;
    do
    :: HEARS(1) -> lose(1)
    :: HEARS(2) -> lose(2)
#if THREADS > 2
    :: HEARS(3) -> lose(3)
#endif
    /* access.ts, Access.run and Access.wait */
    :: steps > 0 && !asleep[HOST] ->
       tryLock(0);
       if
       :: mine -> change(); unlock(); steps = steps - 1
       :: else -> watchLock(WATCHES); fallAsleep()
       fi
    :: steps == 0 && ALL(lost) -> break
    od
  } unless {
    atomic {
      struck -> struck = false;
      mine = false;
      found = 0;
      i = 0;
      steps = 0;
      asleep[HOST] = false;
      for (i : 1 .. THREADS) { lost[i] = false }
      i = 0
    }
    goto begin
  }
  assert(lock == 0 && WHOLE)
}

/* Strikes whom it likes, whenever it likes, and no more often than it may. */
proctype death() {
  byte left = DEATHS;
  do
  :: STRIKES(1)
  :: STRIKES(2)
#if THREADS > 2
  :: STRIKES(3)
#endif
#ifdef HOST_DIES
  :: atomic { left > 0 && !dead[HOST] -> dead[HOST] = true; struck = true; left = left - 1 }
#endif
  :: break
  od
}

init {
  atomic {
    run host(HOST);
    run thread(1);
    run thread(2);
#if THREADS > 2
    run thread(3);
#endif
    run death()
  }
}
