import { type Script, script } from '../connection/index.js';
import check from './check.lua';
import consumers from './consumers.lua';
import endpoints from './endpoints.lua';
import items from './items.lua';
import join from './join.lua';
import list from './list.lua';
import look from './look.lua';
import mend from './mend.lua';
import messages from './messages.lua';
import missed from './missed.lua';
import orphan from './orphan.lua';
import outbox from './outbox.lua';
import remove from './remove.lua';
import requests from './requests.lua';
import room from './room.lua';
import state from './state.lua';
import turn from './turn.lua';

/** What all that change a queue's state have in common: the state machine, one idea a file. */
const HOME = [state, outbox, list, items, room, consumers, endpoints, messages, requests];

function of(name: string, ...parts: readonly string[]): Script {
  return script(name, parts.join('\n'));
}

/** Applies what a session's endpoints have said. */
export const TURN = of('turn', ...HOME, check, turn);
/** Lets a session take part in a queue. */
export const JOIN = of('join', ...HOME, check, mend, join);
/** Reads again what a session has missed. */
export const MISSED = of('missed', state, outbox, missed);
/** Looks at a queue without taking part in it. */
export const LOOK = of('look', ...HOME, look);
/** Deletes a queue. */
export const REMOVE = of('remove', ...HOME, remove);

/** Deletes a queue that its process has left behind. */
export const ORPHAN = of('orphan', ...HOME, orphan);

/** The layout of keys and fields: queues of another version are refused. */
export const LAYOUT = 1;
