import { serversAtHand } from '../support/servers.ts';
import { conformanceOver } from './over.ts';

conformanceOver({
  binary: serversAtHand()[0]!,
  library: 'ioredis',
  topology: 'Cluster',
  few: true,
});
