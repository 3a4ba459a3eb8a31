/*
 * The endpoint table and its recovery: a producer and two consumers, the second of which is opened while the others work where
 * OPENS_LATE is defined; a host that opens, closes and loses them; deaths at any moment. That what lies between two commits happens as a whole or not at all is
 * what lock.pml shows: here it is one step. Items are counted, not told apart: in what order they come, and room for them, is
 * looked at by the exploration of the source alone.
 */

#ifndef ITEMS
#define ITEMS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

#define PROCESSES 4
#define HOST 0
#define PRODUCER_1 1
#define CONSUMER_1 2
#define CONSUMER_2 3

/* layout.ts: an endpoint's words, and the queue's. PRODUCERS and CONSUMERS change as OPEN_PRODUCERS and OPEN_CONSUMERS do. */
#define ROLE(e) (e - 1)
#define RUNG(e) (e + 2)
#define HUNGRY_OF(e) (e + 5)
#define FETCHED(e) (e + 8)
#define HAND(e) (e + 11)
#define OPEN_PRODUCERS 15
#define OPEN_CONSUMERS 16
#define WAITING 17
#define SIZE 18
#define IN_HAND 19
#define HUNGRY 20
#define ENDED 21
#define DRAINED_TOLD 22
#define PUT 23
#define ACKED 24
#define WORDS 25

#define FREE 0
#define PRODUCER 1
#define CONSUMER 2

#define IS(e, role) (w[ROLE(e)] == role -> 1 : 0)
#define HUNGERS(e) (w[ROLE(e)] == CONSUMER -> w[HUNGRY_OF(e)] : 0)
#define HAS(e) (w[FETCHED(e)] + w[HAND(e)])
/* endpoints.ts, isDrained; the queue is closed from the beginning on. */
#define IS_DRAINED (w[OPEN_PRODUCERS] == 0 && w[SIZE] == 0)

#define WHOLE (COUNTS_AGREE && (w[ENDED] == 0 || IS_DRAINED && w[IN_HAND] == 0))
/* What is said twice agrees; nobody who is gone has anything; nothing is lost. */
#define COUNTS_AGREE \
  (w[OPEN_PRODUCERS] == IS(PRODUCER_1, PRODUCER) && \
  w[OPEN_CONSUMERS] == IS(CONSUMER_1, CONSUMER) + IS(CONSUMER_2, CONSUMER) && \
  w[IN_HAND] == w[HAND(CONSUMER_1)] + w[HAND(CONSUMER_2)] && \
  w[SIZE] == w[WAITING] + w[FETCHED(CONSUMER_1)] + w[FETCHED(CONSUMER_2)] && \
  w[HUNGRY] == HUNGERS(CONSUMER_1) + HUNGERS(CONSUMER_2) && \
  (w[ROLE(CONSUMER_1)] == CONSUMER || HAS(CONSUMER_1) == 0) && \
  (w[ROLE(CONSUMER_2)] == CONSUMER || HAS(CONSUMER_2) == 0) && \
  w[PUT] == w[SIZE] + w[IN_HAND] + w[ACKED])

byte w[WORDS];

#define NOBODY 255
byte lock = NOBODY;
bool dead[PROCESSES];

/*
 * What lock.pml shows of lock.ts, as one step each: whoever waits for the lock gets it, and of a dead holder it is free again.
 * LOCKS is the last part of a guard.
 */
#define LOCKS(p) lock == NOBODY -> lock = p

inline recover(e) {
  if
  :: lock == e -> assert(dead[e]); lock = NOBODY
  :: else -> skip
  fi
}

/* words.ts, Words.commit: what lies between two of them happens as a whole or not at all. */
inline commit() {
  assert(lock == me && WHOLE)
}

/* bells.ts: whether a bell has grown since it was last heard, and who waits for that. */
bool bell[PROCESSES];
bool listens[PROCESSES];

/* Messages: CLOSE, and CLOSED. */
bool asked[PROCESSES];
bool told[PROCESSES];
/* What the host has heard of, and followed up. */
bool lost[PROCESSES];
bool followed[PROCESSES];
/* The thread has closed its link, and rests. */
bool closed[PROCESSES];

/* bells.ts, ring */
inline ring(e) {
  if
  :: rings[e] -> rings[e] = false; bell[e] = true; listens[e] = false
  :: else -> skip
  fi
}

/* The end of access.ts, Access.do. */
inline free() {
  commit();
  lock = NOBODY
}

/* words.ts, Words.ring: what is to be rung is rung when the lock is free. To die before that is to have rung nobody. */
inline ringOut() {
  d_step { ring(HOST); ring(CONSUMER_1); ring(CONSUMER_2) }
}

/* bells.ts, listen: it waits for what it has not heard. */
#define LISTEN(p) listens[p] = !bell[p]

/* endpoints.ts, tend */
inline tend() {
  /* items.ts, ringHungry: no more of them than there are items. */
  if
  :: w[HUNGRY] > 0 && w[WAITING] > 0 ->
     left = w[WAITING];
     ringIfHungry(CONSUMER_1);
     ringIfHungry(CONSUMER_2)
  :: else -> skip
  fi;
  /* endpoints.ts, checkEnd */
  left = (IS_DRAINED -> w[IN_HAND] + 1 : 0);
  if
  :: left != w[DRAINED_TOLD] && left > 0 ->
#ifndef FAULT_CONSUMERS_ARE_NOT_TOLD_OF_THE_END
     ringIf(CONSUMER_1, CONSUMER);
     ringIf(CONSUMER_2, CONSUMER);
#endif
     if
     :: left == 1 && w[ENDED] == 0 -> w[ENDED] = 1; rings[HOST] = true
     :: else -> skip
     fi
  :: else -> skip
  fi;
  w[DRAINED_TOLD] = left;
  left = 0
}

inline ringIf(e, role) {
  if
  :: w[ROLE(e)] == role -> rings[e] = true
  :: else -> skip
  fi
}

inline ringIfHungry(e) {
  if
  :: left > 0 && w[ROLE(e)] == CONSUMER && w[HUNGRY_OF(e)] > 0 ->
     left = left - 1;
     if
     :: w[RUNG(e)] == 0 -> w[RUNG(e)] = 1; rings[e] = true
     :: else -> skip
     fi
  :: else -> skip
  fi
}

/* link.ts, SharedLink.look, of one that puts: producer-side.ts, BLOCK, and items.ts, store; then CLOSE. */
proctype producer(byte me) {
  bool rings[PROCESSES];
  byte left, items;
  {
    do
    :: d_step {
         items < ITEMS && LOCKS(me);
         w[WAITING] = w[WAITING] + 1;
         w[SIZE] = w[SIZE] + 1;
         w[PUT] = w[PUT] + 1;
         commit();
         items = items + 1
       };
       d_step { tend(); free() };
       ringOut()
    :: d_step { items == ITEMS && !asked[me] && LOCKS(me); asked[me] = true };
       free()
    :: told[me] -> break
    od;
    closed[me] = true
  } unless { d_step { dead[me] -> items = 0; left = 0; rings[HOST] = false; rings[CONSUMER_1] = false; rings[CONSUMER_2] = false } }
}

mtype = { LOOK, BEGUN, SETTLED, CLOSE };

/* link.ts, SharedLink.apply, of one that takes: one item at a time, which it settles in a later step. */
inline apply() {
  if
  /* It is about to be opened, or it is closed. */
  :: w[ROLE(me)] == FREE -> skip
  :: w[ROLE(me)] != FREE && said == LOOK -> skip
  :: w[ROLE(me)] != FREE && said == BEGUN ->
     /* hands.ts, begin */
     w[FETCHED(me)] = w[FETCHED(me)] - 1;
     w[HAND(me)] = w[HAND(me)] + 1;
     w[IN_HAND] = w[IN_HAND] + 1;
     w[SIZE] = w[SIZE] - 1;
     holds = true
  :: w[ROLE(me)] != FREE && said == SETTLED ->
     /* hands.ts, ack and end */
     w[ACKED] = w[ACKED] + 1;
     w[HAND(me)] = w[HAND(me)] - 1;
     w[IN_HAND] = w[IN_HAND] - 1;
     wants = true
  :: w[ROLE(me)] != FREE && said == CLOSE -> asked[me] = true
  fi;
  said = LOOK;
  commit()
}

/* consumer-side.ts, ConsumerSide.collect, and what follows. */
inline collect() {
  d_step {
    if
    :: w[ROLE(me)] != FREE ->
       w[RUNG(me)] = 0;
       if
       :: w[WAITING] > 0 && wants && !asked[me] ->
          /* items.ts, sendPart */
          w[WAITING] = w[WAITING] - 1;
          w[FETCHED(me)] = w[FETCHED(me)] + 1;
          wants = false;
          has = true
       :: else -> skip
       fi
    :: else -> skip
    fi;
    commit()
  };
  d_step {
    if
    :: w[ROLE(me)] != FREE ->
       /* ConsumerSide.rank */
       w[HUNGRY] = w[HUNGRY] + wants - w[HUNGRY_OF(me)];
       w[HUNGRY_OF(me)] = wants;
       /* ConsumerSide.tellDrained */
       alone = IS_DRAINED && w[IN_HAND] == w[HAND(me)];
       commit();
       tend()
    :: else -> skip
    fi;
    free()
  };
  ringOut()
}

proctype consumer(byte me) {
  bool wants = true, has, holds, alone;
  bool rings[PROCESSES];
  byte left;
  mtype said = LOOK;
  {
    /* SharedLink.receive: it listens, and looks. */
    do
    :: d_step { !listens[me] && LOCKS(me); bell[me] = false; apply() };
       collect();
       LISTEN(me)
    :: d_step { has && LOCKS(me); has = false; said = BEGUN; apply() };
       collect()
    :: d_step { holds && LOCKS(me); holds = false; said = SETTLED; apply() };
       collect()
    :: d_step { alone && !has && !holds && !asked[me] && LOCKS(me); said = CLOSE; apply() };
       collect()
    :: told[me] -> break
    od;
    closed[me] = true
  } unless {
    /* What it knew is forgotten, so that there are fewer states. */
    d_step {
      dead[me] ->
      wants = false;
      has = false;
      holds = false;
      alone = false;
      said = 0;
      rings[HOST] = false;
      rings[CONSUMER_1] = false;
      rings[CONSUMER_2] = false
    }
  }
}

/* endpoints.ts, leave: what was fetched or in hand goes back, run by run (hands.ts, takeBack). */
inline leave(e) {
#ifdef FAULT_SLOT_IS_FREE_BEFORE_ITS_ITEMS_ARE_BACK
  freeSlot(e);
#endif
#ifndef FAULT_WHAT_THE_DEAD_HAD_STAYS
  do
  :: w[FETCHED(e)] > 0 ->
     w[FETCHED(e)] = w[FETCHED(e)] - 1;
     w[WAITING] = w[WAITING] + 1;
     commit()
  :: w[FETCHED(e)] == 0 && w[HAND(e)] > 0 ->
     w[HAND(e)] = w[HAND(e)] - 1;
     w[IN_HAND] = w[IN_HAND] - 1;
     w[SIZE] = w[SIZE] + 1;
     w[WAITING] = w[WAITING] + 1;
     commit()
  :: HAS(e) == 0 -> break
  od;
#endif
#ifndef FAULT_SLOT_IS_FREE_BEFORE_ITS_ITEMS_ARE_BACK
  freeSlot(e)
#endif
}

inline freeSlot(e) {
#ifndef FAULT_THE_DEAD_STAY_HUNGRY
  w[HUNGRY] = w[HUNGRY] - w[HUNGRY_OF(e)];
#endif
#ifndef FAULT_THE_DEAD_ARE_COUNTED
  if
  :: w[ROLE(e)] == PRODUCER -> w[OPEN_PRODUCERS] = w[OPEN_PRODUCERS] - 1
  :: else -> w[OPEN_CONSUMERS] = w[OPEN_CONSUMERS] - 1
  fi;
#endif
  w[ROLE(e)] = FREE;
  w[HUNGRY_OF(e)] = 0;
  w[RUNG(e)] = 0;
  commit()
}

/* host.ts, SharedHost.end */
inline end(e) {
  leave(e);
#ifndef FAULT_NOBODY_FOLLOWS_UP_A_LOSS
  tend();
#endif
  rings[HOST] = true
}

/* endpoints.ts, ringAll */
inline ringAll() {
#ifndef FAULT_NOBODY_RINGS_FOR_THE_DEAD
  ringIf(CONSUMER_1, CONSUMER);
  ringIf(CONSUMER_2, CONSUMER);
  rings[HOST] = true
#else
  skip
#endif
}

/*
 * host.ts. The host hears of something, and runs a step for that once it gets the lock. Here such steps are run in any order,
 * which is more than the order in which they came. It does not die, and nobody sees what is done under the lock: a step is one.
 */
#define CLOSES(e) \
  d_step { asked[e] && !told[e] && LOCKS(HOST); p = e; end(p); told[p] = true; p = 0; free() } \
  ringOut()

/* SharedHost.lose */
#define LOSES(e) d_step { dead[e] && !lost[e] -> recover(e); lost[e] = true }

/* What was posted before a death is heard before it. */
#define FOLLOWS_UP(e) \
  d_step { \
    opened && lost[e] && !followed[e] && (told[e] || !asked[e]) && LOCKS(HOST); \
    followed[e] = true; \
    p = e; \
    ringAll(); \
    if \
    :: !told[p] -> end(p) \
    :: else -> skip \
    fi; \
    asked[p] = false; \
    told[p] = false; \
    bell[p] = false; \
    listens[p] = false; \
    p = 0; \
    free() \
  } \
  ringOut()

#define OVER(e) (closed[e] || followed[e])

proctype host(byte me) {
  bool opened = (w[ROLE(CONSUMER_2)] == CONSUMER);
  bool toldEnd;
  bool rings[PROCESSES];
  byte left, p;
  do
  :: CLOSES(1)
  :: CLOSES(2)
  :: CLOSES(3)
  :: LOSES(1)
  :: LOSES(2)
  :: LOSES(3)
  :: FOLLOWS_UP(1)
  :: FOLLOWS_UP(2)
  :: FOLLOWS_UP(3)
  :: d_step {
       !opened && LOCKS(HOST);
       /* endpoints.ts, open */
       opened = true;
       w[ROLE(CONSUMER_2)] = CONSUMER;
       w[OPEN_CONSUMERS] = w[OPEN_CONSUMERS] + 1;
       rings[CONSUMER_2] = true;
       free()
     };
     ringOut()
  :: d_step {
       !listens[HOST] && LOCKS(HOST);
       /* SharedHost.look, and shared-queue.ts, looked */
       bell[HOST] = false;
       toldEnd = (w[ENDED] > 0);
       free()
     };
     LISTEN(HOST)
  :: opened && listens[HOST] && OVER(1) && OVER(2) && OVER(3) -> break
  od;
  assert(lock == NOBODY && WHOLE);
  assert(w[OPEN_PRODUCERS] == 0 && w[OPEN_CONSUMERS] == 0 && w[IN_HAND] == 0);
  /* It ends, unless something waits that nobody is there to take; and the host has heard of it. */
  assert((w[ENDED] > 0) == (w[SIZE] == 0));
  assert(toldEnd == (w[ENDED] > 0));
  assert(w[SIZE] == 0 || dead[CONSUMER_1] && dead[CONSUMER_2])
}

#define STRIKES(e) d_step { strikes > 0 && !closed[e] && !dead[e] -> dead[e] = true; strikes = strikes - 1 }

proctype death() {
  byte strikes = DEATHS;
  do
  :: STRIKES(1)
  :: STRIKES(2)
#ifdef OPENS_LATE
  /* Else it is as the other one. */
  :: STRIKES(3)
#endif
  :: break
  od
}

init {
  atomic {
    /* endpoints.ts, open */
    w[ROLE(PRODUCER_1)] = PRODUCER;
    w[ROLE(CONSUMER_1)] = CONSUMER;
    w[OPEN_PRODUCERS] = 1;
    w[OPEN_CONSUMERS] = 1;
#ifndef OPENS_LATE
    w[ROLE(CONSUMER_2)] = CONSUMER;
    w[OPEN_CONSUMERS] = 2;
#endif
    run host(HOST);
    run producer(PRODUCER_1);
    run consumer(CONSUMER_1);
    run consumer(CONSUMER_2);
    run death()
  }
}
