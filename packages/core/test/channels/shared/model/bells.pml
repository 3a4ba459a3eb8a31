/*
 * A bell, and who lingers at it before it sleeps: a ring that comes while the listener looks wakes nobody, and must be seen
 * all the same. Who had the slot before may still linger there, and looks for nobody.
 */

#ifndef RINGERS
#define RINGERS 2
#endif
#ifndef RINGS
#define RINGS 2
#endif
/* How often the listener lingers at the most. */
#ifndef LINGERS
#define LINGERS 2
#endif

#define FORMER 1
#define OWNER 2

byte bell, heard, lingered;
/* Who lingers: its number, or 0. */
byte lingers;
/* What there is to be found, and what the listener has found. */
byte done, found;
/* Somebody waits by a promise for the bell to change, and it is about to be kept. */
bool waits, kept;

#ifdef FAULT_COUNTS_ON_THE_FORMER_OWNER
#define LOOKS (lingers != 0)
#else
#define LOOKS (lingers == OWNER)
#endif

/* bells.ts, ring: behind what it tells of. */
proctype ringer() {
  byte rings;
  bool looks;
  do
  :: rings < RINGS ->
     done = done + 1;
#ifdef FAULT_ASKS_BEFORE_IT_RINGS
     looks = LOOKS;
     bell = bell + 1;
#else
     bell = bell + 1;
     looks = LOOKS;
#endif
     if
     :: !looks -> d_step { if :: waits -> waits = false; kept = true :: else fi }
     :: else
     fi;
     looks = false;
     rings = rings + 1
  :: else -> break
  od
}

/* Atomics.waitAsync: one step that compares and begins to wait. */
inline wait(value) {
  d_step { if :: bell == value -> waits = true :: else -> kept = true fi }
}

active proctype listener() {
  byte rung, looks;
  wait(0);
  do
  /* bells.ts, woken. */
  :: kept ->
     kept = false;
     rung = bell;
     heard = bell;
     found = done;
     wait(rung);
     rung = 0
  /* lingering.ts, linger: it may look once more, or be done. */
  :: lingered < LINGERS ->
     lingered = lingered + 1;
     lingers = OWNER;
     do
     :: looks < 2 && bell == heard -> looks = looks + 1
     :: break
     od;
     looks = 0;
#ifdef FAULT_LOOKS_BEFORE_IT_LEAVES
     rung = bell;
     lingers = 0;
#else
     lingers = 0;
     rung = bell;
#endif
     if
     :: rung != heard -> heard = rung; found = done
     :: else
     fi;
     rung = 0
  /* All is quiet. */
  :: timeout -> assert(found == RINGERS * RINGS); break
  od
}

/* The slot is no more its own, and it does not know yet. */
active proctype former() {
  lingers = FORMER;
  lingers = 0
}

init {
  byte i;
  atomic {
    do
    :: i < RINGERS -> run ringer(); i = i + 1
    :: else -> break
    od
  }
}
