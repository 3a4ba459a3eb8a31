import { serversAtHand } from '../support/servers.ts';
import { conformanceOver, UNDER_WAY } from './over.ts';

// Every rule is proved over a Cluster by the other library, and by this one over a single server.
conformanceOver({
  binary: serversAtHand()[0]!,
  library: 'ioredis',
  topology: 'Cluster',
  few: true,
  rules: UNDER_WAY,
});
