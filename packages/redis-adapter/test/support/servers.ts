// Real servers for tests. Everything started here is gone, process and folder, once it is stopped, or once
// the process that started it has ended in whatever way.

export { clientOf, onPath, type ServerBinary, serversAtHand } from './servers/binaries.ts';
export { type Cluster, type ClusterOptions, startCluster } from './servers/cluster.ts';
export {
  type SentinelOptions,
  type SentinelSet,
  startSentinel,
  type Switch,
} from './servers/sentinel.ts';
export { type Config, type Server, type ServerOptions, startServer } from './servers/server.ts';
export { settled } from './servers/settle.ts';
export { type SharedCluster, sharedCluster, type SharedServer, sharedServer } from './shared.ts';
export { call, list, type Reply, ServerRefusal } from './resp.ts';
