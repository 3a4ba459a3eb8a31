import { serversAtHand } from '../support/servers.ts';
import { conformanceWhileFailingOver } from './over.ts';

// The other library's suite has every rule. Here are those about what is under way when the connection breaks.
const rules = ['all', 'Q5', 'Q10', 'Q11', 'Q12', 'Q14', 'Q18'];

conformanceWhileFailingOver({ binary: serversAtHand()[0]!, library: 'redis', rules });
