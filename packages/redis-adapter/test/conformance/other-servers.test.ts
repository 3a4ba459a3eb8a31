import { describe, it } from 'vitest';
import { serversAtHand } from '../support/servers.ts';
import { conformanceOver, UNDER_WAY } from './over.ts';

/** Those besides the first: Valkey, where it could be installed, and what `MILLRACE_REDIS_SERVERS` names. All rules by `MILLRACE_FULL=1`. */
const others = serversAtHand().slice(1);

for (const binary of others)
  conformanceOver({ binary, library: 'redis', topology: 'single', few: true, rules: UNDER_WAY });
describe.runIf(others.length === 0)('other servers', () => {
  it('there is none on this machine', () => undefined);
});
