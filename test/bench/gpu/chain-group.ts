import { once } from 'node:events';
import { MessageChannel, parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads';
import { streamConfigFor } from '#src/bench/measured-chain.js';
import type { Size } from '#src/shared/domain/box.js';
import { drawArtwork, releaseArtwork } from '#src/stream/backend/artwork.js';
import { buildElsewhere, serveBuilder } from '#src/stream/gst/pipeline-builder.adapter.js';
import { loadAddon } from '#src/stream/native/addon.adapter.js';
import { LiveChain, type LiveCounts } from './live-chain.js';
import { longClip } from './long-clip.adapter.js';

const SIZE: Size = { width: 1920, height: 1080 };
/** Streams that are opened together. */
const STARTED_AT_ONCE = 8;

/** Chains of one thread. */
export interface ChainGroup {
  /** Each chain's counts since it was asked before, and why some have ended. */
  take(): Promise<Taken>;
  close(): Promise<void>;
}

interface Taken {
  readonly counts: readonly LiveCounts[];
  readonly failures: readonly string[];
}

/** Starts chains on this thread, of the long clip or, of another codec, of the 1080p30 file that DIPTYCH_CLIP names. */
export async function startGroup(count: number): Promise<ChainGroup> {
  const stream = streamConfigFor(process.env['DIPTYCH_CLIP'] ?? (await longClip()), SIZE);
  const addon = loadAddon();
  const artwork = await drawArtwork(stream, addon);
  const { signal } = new AbortController();
  const chains: LiveChain[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(chains.map((chain) => chain.close()));
    releaseArtwork(artwork, addon);
  };
  while (chains.length < count) {
    const group = Math.min(STARTED_AT_ONCE, count - chains.length);
    const start = (): Promise<LiveChain> => LiveChain.start({ processor: 'gpu', stream, artwork }, signal);
    const started = await Promise.allSettled(Array.from({ length: group }, start));
    chains.push(...started.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])));
    const failed = started.find((each) => each.status === 'rejected');
    if (failed) {
      await close();
      throw failed.reason;
    }
  }
  const take = (): Promise<Taken> =>
    Promise.resolve({
      counts: chains.map((chain) => chain.take()),
      failures: chains.flatMap(({ failure }) => failure ?? []),
    });
  return { take, close };
}

interface GroupData {
  readonly chains: number;
  readonly builder: MessagePort;
}

/** Starts chains on a thread of their own, as a stream process does with many streams. */
export async function startGroupApart(count: number): Promise<ChainGroup> {
  const builder = new MessageChannel();
  const worker = new Worker(process.argv[1]!, {
    workerData: { chains: count, builder: builder.port1 } satisfies GroupData,
    transferList: [builder.port1],
  });
  serveBuilder(builder.port2, loadAddon);
  await once(worker, 'message');
  return {
    take: async () => {
      worker.postMessage('take');
      const [taken] = (await once(worker, 'message')) as [Taken];
      return taken;
    },
    close: async () => {
      worker.postMessage('close');
      await once(worker, 'message');
      builder.port2.close();
      await worker.terminate();
    },
  };
}

/** What such a thread does; rejects, and so ends the thread, where a chain cannot be started. */
export async function runGroupApart(): Promise<void> {
  const { chains, builder } = workerData as GroupData;
  buildElsewhere(builder);
  const group = await startGroup(chains);
  parentPort?.on('message', (message: 'take' | 'close') => {
    const answer = message === 'take' ? group.take() : group.close();
    void answer.then((value) => parentPort?.postMessage(value));
  });
  parentPort?.postMessage('started');
}
