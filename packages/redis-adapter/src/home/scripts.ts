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

/** What stands before the functions of a file that are not needed by every put. */
const LATER = ['-- --- at times ---', '-- --- rarely ---'] as const;

/** What all that change a queue's state have in common: the state machine, one idea a file. */
const HOME = [state, outbox, list, items, room, consumers, endpoints, messages, requests];

/**
 * The files' locals, then their functions, within one function: from there each takes the chunk's locals at once, which Lua would
 * look for one by one if it were made by the chunk itself. Those that are needed later are made when one of them is.
 */
function joined(files: readonly string[]): string {
  const locals: string[] = [];
  const sections = ['', ...LATER].map((): string[] => []);
  for (const file of files) {
    const [rest, rarely] = cut(file, LATER[1]);
    const [often, atTimes] = cut(rest, LATER[0]);
    const functions = often.search(/^function /m);
    locals.push(functions < 0 ? often : often.slice(0, functions));
    [functions < 0 ? '' : often.slice(functions), atTimes, rarely].forEach((part, i) => sections[i]?.push(part));
  }
  const [now = '', ...later] = sections.map((parts) => parts.join('\n'));
  const made = later.map((part) => `making[#making + 1] = function()\n${part}\nend`);
  return [...locals, ';(function()', now, ...made, 'end)()'].join('\n');
}

function cut(file: string, line: string): [string, string] {
  const at = file.indexOf(line);
  return at < 0 ? [file, ''] : [file.slice(0, at), file.slice(at + line.length)];
}

/** Names of numbers, `local M = { BLOCK = 1, ... }`, cost a table in each run, and a look into it each time. */
function inNumbers(source: string): string {
  const numbers = new Map<string, string>();
  const rest = source.replace(/^local ([A-Z]+) = \{([\sA-Z_=\d,]+)\}$/gm, (_all, table: string, fields: string) => {
    for (const [, name = '', number = ''] of fields.matchAll(/([A-Z_]+) = (\d+)/g)) numbers.set(`${table}.${name}`, number);
    return '';
  });
  return rest.replace(/\b[A-Z]+\.[A-Z_]+\b/g, (name) => numbers.get(name) ?? name);
}

function of(name: string, files: readonly string[], body: string): Script {
  const source = inNumbers([`local LAYOUT = ${String(LAYOUT)}`, joined(files), body].join('\n'));
  return script(name, source);
}

/** Applies what a session's endpoints have said. */
export const TURN = of('turn', [...HOME, check], turn);
/** Lets a session take part in a queue. */
export const JOIN = of('join', [...HOME, check, mend], join);
/** Reads again what a session has missed. */
export const MISSED = of('missed', [state, outbox], missed);
/** Looks at a queue without taking part in it. */
export const LOOK = of('look', HOME, look);
/** Deletes a queue. */
export const REMOVE = of('remove', HOME, remove);
/** Deletes a queue that its process has left behind. */
export const ORPHAN = of('orphan', HOME, orphan);
