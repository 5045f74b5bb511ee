import type { NetworkRules, NetworkUse } from './network-rules.js';

/** Which networks the sources and the targets of a process may reach. */
export type NetworkAccess = Readonly<Record<NetworkUse, NetworkRules>>;

/** Environment variable by which the gateway hands them to its processes. */
export const NETWORKS_VARIABLE = 'DIPTYCH_NETWORKS';

/** That variable with its value. */
export const networksVariable = ({ sources, targets }: NetworkAccess): Readonly<Record<string, string>> => ({
  [NETWORKS_VARIABLE]: JSON.stringify({ sources, targets }),
});
