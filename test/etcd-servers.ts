import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '#src/bench/nginx-rtmp.adapter.js';
import { sendSignal } from './send-signal.js';

export interface EtcdServers {
  readonly endpoints: readonly string[];
  /** Sends a signal to all members. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** Ends the leader at once. @returns its endpoint */
  readonly killLeader: () => Promise<string>;
  /** Ends all members at once. */
  readonly kill: () => Promise<void>;
  /** Starts members again that were ended, with what they have on the disk. */
  readonly revive: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

interface Member {
  readonly name: string;
  readonly client: string;
  readonly peer: string;
}

/** Another test may have taken a port in between. */
const ATTEMPTS = 3;

/** A real etcd on loopback, which has a leader when this resolves. */
export async function startEtcd(count = 1): Promise<EtcdServers> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startMembers(count);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startMembers(count: number): Promise<EtcdServers> {
  const folder = await mkdtemp(join(tmpdir(), 'diptych-etcd-'));
  const members: Member[] = [];
  for (let index = 0; index < count; index++) {
    const [client, peer] = [await freePort(), await freePort()];
    members.push({ name: `n${index}`, client: `http://127.0.0.1:${client}`, peer: `http://127.0.0.1:${peer}` });
  }
  const cluster = members.map(({ name, peer }) => `${name}=${peer}`).join(',');
  const start = (member: Member): ChildProcess =>
    spawn('etcd', argumentsFor(member, cluster, folder), { stdio: 'ignore' });
  const children = members.map(start);
  const isAlive = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;
  const kill = async (): Promise<void> => {
    for (const child of children.filter(isAlive)) {
      const exited = once(child, 'exit');
      sendSignal(child.pid, 'SIGKILL');
      await exited;
    }
  };
  const stop = async (): Promise<void> => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  const leader = async (): Promise<number> => {
    for (const { client } of members) {
      const status = await statusOf(client);
      if (status?.leader === undefined || status.leader === '0') continue;
      for (const [index, other] of members.entries()) {
        if ((await statusOf(other.client))?.header.member_id === status.leader) return index;
      }
    }
    return -1;
  };
  const untilLed = async (): Promise<void> => {
    for (let tries = 0; (await leader()) < 0; tries++) {
      const hasEnded = !children.every(isAlive);
      if (hasEnded || tries > 300) {
        await stop();
        throw new Error(hasEnded ? 'a member of etcd ended at once' : 'etcd has no leader within 30 s');
      }
      await delay(100);
    }
  };
  await untilLed();
  return {
    endpoints: members.map(({ client }) => client),
    signal: (name) => {
      for (const child of children.filter(isAlive)) sendSignal(child.pid, name);
    },
    killLeader: async () => {
      const index = await leader();
      const child = children[index];
      if (!child) throw new Error('etcd has no leader');
      const exited = once(child, 'exit');
      sendSignal(child.pid, 'SIGKILL');
      await exited;
      return members[index]?.client ?? '';
    },
    kill,
    revive: async () => {
      for (const [index, member] of members.entries()) {
        if (!isAlive(children[index]!)) children[index] = start(member);
      }
      await untilLed();
    },
    stop,
  };
}

const argumentsFor = ({ name, client, peer }: Member, cluster: string, folder: string): string[] => [
  ...['--name', name, '--data-dir', join(folder, name), '--unsafe-no-fsync'],
  ...['--listen-client-urls', client, '--advertise-client-urls', client],
  ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', cluster],
  ...['--heartbeat-interval', '50', '--election-timeout', '500'],
];

interface MemberStatus {
  readonly leader?: string;
  readonly header: { readonly member_id: string };
}

async function statusOf(client: string): Promise<MemberStatus | undefined> {
  try {
    const options = { method: 'POST', body: '{}', signal: AbortSignal.timeout(500) };
    return (await (await fetch(`${client}/v3/maintenance/status`, options)).json()) as MemberStatus;
  } catch {
    return undefined;
  }
}
