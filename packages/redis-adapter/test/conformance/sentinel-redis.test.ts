import { serversAtHand } from '../support/servers.ts';
import { conformanceWhileFailingOver, UNDER_WAY } from './over.ts';

// The other library's suite has every rule.
conformanceWhileFailingOver({ binary: serversAtHand()[0]!, library: 'redis', rules: UNDER_WAY });
