import { serversAtHand } from '../support/servers.ts';
import { conformanceWhileFailingOver } from './over.ts';

conformanceWhileFailingOver({ binary: serversAtHand()[0]!, library: 'redis' });
