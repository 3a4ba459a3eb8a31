import type { CheckMessages } from '../../contracts/message-contract.js';
import type { Own } from '../frames.js';
import type { Mail } from './incoming.js';
import type { Ends } from './wire.js';

/** All that a peer is when it travels. */
export interface PeerParts extends Ends {
  readonly name: string;
  /** Tells this peer's ids from those of others, its name's earlier holders among them. */
  readonly number: number;
  /** How many messages may be under way in each line. */
  readonly capacity: number;
  /** In a pipe: the one other peer. */
  readonly partner: string | undefined;
  /** How many messages, receives and questions it has numbered. */
  readonly ids: number;
  readonly owns: Own;
  readonly asked: Own;
  readonly mail: readonly Mail[];
  readonly lines: readonly (readonly [name: string, free: number])[];
  readonly givenUp: readonly string[];
  /** Where its conversation checks messages, if it does: the schemas themselves stay behind. */
  readonly check: CheckMessages | undefined;
}
