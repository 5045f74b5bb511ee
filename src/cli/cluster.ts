import type { EtcdClient } from '../gateway/cluster/etcd-client.adapter.js';
import type { ClusterConfig } from '../shared/config/cluster-schema.js';
import { closestWord } from '../shared/config/closest-word.js';
import { DiptychError } from '../shared/domain/errors.js';
import { flagOption, positionalArguments, textOption, type Command, type CommandArguments } from './command.js';

const ACTIONS = ['status', 'import', 'move', 'drain', 'undrain'];
/** A move that does not come to be is forgotten after so long, s. */
const MOVE_LIMIT_S = 60;

/** `diptych cluster`: several hosts that share streams, on etcd. */
export const clusterCommand: Command = {
  name: 'cluster',
  synopsis: 'status [--json] | import FILE | move STREAM HOST | drain HOST | undrain HOST   [--config FILE]',
  summary: 'Several hosts that share streams: who runs what, and what is to run where.',
  options: { config: { type: 'string' }, json: { type: 'boolean' }, end: { type: 'boolean' } },
  help: [
    'status            hosts and streams, and why a stream is pending',
    'import FILE       gives the streams of a configuration to the cluster; those that it has already are changed',
    'move STREAM HOST  the stream goes to that host, without a gap where its source can be opened twice',
    'drain HOST        the host gives its streams to others, one after another, and takes none',
    'undrain HOST      the host takes streams again',
    '--config FILE     configuration with the block cluster; import takes FILE itself where it is left out',
    '--json            one object instead of a table',
    '--end             of drain: as undrain',
  ],
  async run(args) {
    const [action, ...rest] = args.positionals;
    const inner = { ...args, positionals: rest };
    const say = (line: string): void => void process.stdout.write(`${line}\n`);
    const names = (wanted: readonly string[]): readonly string[] => positionalArguments(this, inner, wanted);
    if (action === 'status') {
      names([]);
      await withEtcd(args, undefined, (client) => showStatus(client, flagOption(args, 'json'), say));
    } else if (action === 'import') {
      const [file = ''] = names(['FILE']);
      await withEtcd(args, file, (client, config) => importStreams(client, config, file, say));
    } else if (action === 'move') {
      const [stream = '', host = ''] = names(['STREAM', 'HOST']);
      await withEtcd(args, undefined, (client) => moveStream(client, stream, host, say));
    } else if (action === 'drain') {
      const [host = ''] = names(['HOST']);
      await withEtcd(args, undefined, (client) => drainHost(client, host, !flagOption(args, 'end'), say));
    } else if (action === 'undrain') {
      const [host = ''] = names(['HOST']);
      await withEtcd(args, undefined, (client) => drainHost(client, host, false, say));
    } else throw unknownAction(action);
    return 0;
  },
};

type Say = (line: string) => void;

/** Works on the etcd that a configuration names. */
async function withEtcd(
  args: CommandArguments,
  otherFile: string | undefined,
  work: (client: EtcdClient, config: ClusterConfig) => Promise<void>,
): Promise<void> {
  const file = textOption(args, 'config') ?? otherFile;
  if (file === undefined) throw new DiptychError('DIPTYCH_E_USAGE', 'name the configuration: --config FILE');
  const { loadConfig } = await import('./load-config.adapter.js');
  const { cluster } = await loadConfig({ file, environment: process.env });
  if (!cluster)
    throw new DiptychError('DIPTYCH_E_USAGE', `${file} has no block cluster; name one that has: --config FILE`);
  const etcd = await import('../gateway/cluster/etcd-client.adapter.js');
  const client = new etcd.EtcdClient(cluster.etcd);
  try {
    await work(client, cluster);
  } finally {
    client.close();
  }
}

async function showStatus(client: EtcdClient, isJson: boolean, say: Say): Promise<void> {
  const { clusterStatus } = await import('../gateway/cluster/cluster-status.js');
  const { WatchedCluster } = await import('../gateway/cluster/watched-cluster.js');
  const cluster = new WatchedCluster();
  cluster.reset((await client.readAll()).keys);
  const status = clusterStatus(cluster);
  if (isJson) {
    say(JSON.stringify(status));
    return;
  }
  say(status.hosts.length === 0 ? 'no host is there' : 'hosts');
  for (const { id, url, units, used, reserved, version, isDraining } of status.hosts) {
    const begun = reserved > 0 ? ` (${reserved} reserved)` : '';
    say(`  ${id}  ${url}  ${used} of ${units} units${begun}  ${version}${isDraining ? '  is drained' : ''}`);
  }
  say(status.streams.length === 0 ? 'no stream is wanted; diptych cluster import FILE adds some' : 'streams');
  for (const { id, units, isMeasured, host, pending } of status.streams) {
    const counts = `${units} ${units === 1 ? 'unit' : 'units'} ${isMeasured ? 'measured' : 'estimated'}`;
    say(`  ${id}  ${counts}  ${host ?? `pending: ${pending ?? ''}`}`);
  }
}

async function importStreams(client: EtcdClient, config: ClusterConfig, file: string, say: Say): Promise<void> {
  const [
    { loadConfiguration },
    { completeStream, withoutDefaults },
    { machineReferences },
    sealing,
    streams,
    { FOLDERS },
  ] = await Promise.all([
    import('./load-config.adapter.js'),
    import('../gateway/state/complete-stream.js'),
    import('../shared/config/references.adapter.js'),
    import('../gateway/cluster/sealed-text.adapter.js'),
    import('../gateway/cluster/cluster-streams.adapter.js'),
    import('../gateway/cluster/transactions.js'),
  ]);
  const sealed = new sealing.SealedText(config.key);
  const { writtenStreams } = await loadConfiguration({ file, environment: process.env });
  if (writtenStreams.length === 0) throw new DiptychError('DIPTYCH_E_USAGE', `${file} has no streams`);
  const references = machineReferences(process.env);
  for (const written of writtenStreams) {
    const kept = withoutDefaults(completeStream(written, references).written);
    const value = streams.streamValue(kept, kept.id, sealed);
    await client.commit({ when: [], then: [{ type: 'put', key: FOLDERS.streams + kept.id, value }] });
    say(`"${kept.id}" is wanted`);
  }
}

async function moveStream(client: EtcdClient, stream: string, host: string, say: Say): Promise<void> {
  const { moveTransaction } = await import('../gateway/cluster/transactions.js');
  const lease = await client.grant(MOVE_LIMIT_S);
  if (!(await client.commit(moveTransaction(stream, host, lease)))) {
    await client.revoke(lease);
    const message = `there is no stream "${stream}" or no host "${host}"; diptych cluster status lists them`;
    throw new DiptychError('DIPTYCH_E_NOT_FOUND', message);
  }
  say(`"${stream}" goes to ${host} as soon as that has room, within ${MOVE_LIMIT_S} s`);
}

async function drainHost(client: EtcdClient, host: string, isDraining: boolean, say: Say): Promise<void> {
  const { drainTransaction } = await import('../gateway/cluster/transactions.js');
  await client.commit(drainTransaction(host, isDraining));
  say(
    isDraining
      ? `${host} gives its streams to others and takes none; undrain ${host} takes that back`
      : `${host} takes streams again`,
  );
}

function unknownAction(action: string | undefined): DiptychError {
  const got = action === undefined ? 'cluster needs an action' : `cluster has no action "${action}"`;
  const meant = action === undefined ? undefined : closestWord(action, ACTIONS);
  const advice = meant === undefined ? ACTIONS.join(', ') : `did you mean "${meant}"?`;
  return new DiptychError('DIPTYCH_E_USAGE', `${got}; ${advice}`);
}
