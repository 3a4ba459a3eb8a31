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

/** The layout of keys and fields: queues of another version are refused. */
export const LAYOUT = 1;

/** What stands before the functions of a file that are rarely needed. */
const RARELY = '-- --- rarely ---';

/** What all that change a queue's state have in common: the state machine, one idea a file. */
const HOME = [state, outbox, list, items, room, consumers, endpoints, messages, requests].map(made);

/**
 * A file's locals, then its functions, within one of their own: from there a function takes the chunk's locals at once, which
 * Lua would look for one by one if it were made by the chunk itself. Those that are rarely needed are made when one is.
 */
function made(file: string): string {
  const [often = '', rarely = ''] = file.split(RARELY);
  const functions = often.search(/^function /m);
  const [locals, usual] =
    functions < 0 ? [often, ''] : [often.slice(0, functions), often.slice(functions)];
  return [
    locals,
    usual && `;(function()\n${usual}\nend)()`,
    rarely && `rarely[#rarely + 1] = function()\n${rarely}\nend`,
  ].join('\n');
}

function of(name: string, ...parts: readonly string[]): Script {
  return script(name, [`local LAYOUT = ${String(LAYOUT)}`, ...parts].join('\n'));
}

/** Applies what a session's endpoints have said. */
export const TURN = of('turn', ...HOME, made(check), turn);
/** Lets a session take part in a queue. */
export const JOIN = of('join', ...HOME, made(check), made(mend), join);
/** Reads again what a session has missed. */
export const MISSED = of('missed', made(state), made(outbox), missed);
/** Looks at a queue without taking part in it. */
export const LOOK = of('look', ...HOME, look);
/** Deletes a queue. */
export const REMOVE = of('remove', ...HOME, remove);
/** Deletes a queue that its process has left behind. */
export const ORPHAN = of('orphan', ...HOME, orphan);
