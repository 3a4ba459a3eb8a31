import type { Own, Ref, ToPeer } from '../frames.js';
import type { Letter } from './letter.js';
import type { Seeker } from './counter.js';

/** A peer, as the office sees it. A name that is used again later belongs to another member. */
export class Member {
  readonly name: string;
  readonly post: (frame: ToPeer) => void;
  /** Mail that it was sent and has not said to be processed, in the order in which it was sent. */
  readonly owed = new Map<Ref, Letter>();
  /** Those that have asked whether they may write to it: what others write is meant for an earlier holder of its name. */
  readonly writers = new Set<Member>();
  readonly seekers = new Map<Own, Seeker>();
  /** What its lines have gained since it was last told. */
  readonly credits = new Map<string, number>();
  /** It was told to die, and receives no more. */
  dying = false;
  left = false;
  /** The number of the latest mail to nobody that it was given. */
  latest = -1;

  constructor(name: string, post: (frame: ToPeer) => void) {
    this.name = name;
    this.post = (frame) => {
      if (!this.left) post(frame);
    };
  }
}
