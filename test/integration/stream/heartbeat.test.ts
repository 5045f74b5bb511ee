import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { preparationFor } from '#src/gateway/streams/spare-preparation.js';
import { parseConfig } from '#src/shared/config/parse-config.js';
import type { ProcessCommand, ProcessReport } from '#src/shared/ipc/messages.js';
import { builtPath } from '#src/shared/package-root.js';

const { streams, gpu } = parseConfig({
  text: `streams: [{ id: main, source: { url: "test:" }, output: { width: 320, height: 180, fps: 15 } }]`,
  fileName: 'test',
});

let child: ChildProcess;
let reports: ProcessReport[];

beforeEach(() => {
  child = fork(builtPath('stream/main.js'), [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  reports = [];
  child.on('message', (report) => reports.push(report as ProcessReport));
});

afterEach(async () => {
  const exited = once(child, 'exit');
  child.disconnect();
  await exited;
});

const send = (command: ProcessCommand): boolean => child.send(command);

/** Reports up to the first one of this type. */
async function until(type: ProcessReport['type']): Promise<readonly ProcessReport[]> {
  for (;;) {
    const at = reports.findIndex((report) => report.type === type);
    if (at >= 0) return reports.slice(0, at);
    await once(child, 'message');
  }
}

const lastHeartbeat = (before: readonly ProcessReport[]): ProcessReport | undefined =>
  before.findLast(({ type }) => type === 'heartbeat');

// Who is silent while it opens networks is given a minute; one that hangs right after that must not be.
it('a process says that it opens nothing any more before it says that it is prepared', async () => {
  const preparation = preparationFor(streams, gpu);
  if (!preparation) throw new Error('nothing to prepare');

  send({ type: 'prepare', preparation });
  const before = await until('prepared');

  expect(lastHeartbeat(before)).toEqual({ type: 'heartbeat', isOpening: false });
});

it('a process says that it opens nothing any more before it says that its stream is ready', async () => {
  const [config] = streams;
  if (!config) throw new Error('no stream');
  const destination = { host: '127.0.0.1', rtpPort: 9, rtcpPort: 9, ssrc: 1, payloadType: 96, firstSequence: 0 };

  send({
    ...{ type: 'start', streamId: 'main', gpu, video: destination, audio: destination },
    wanted: { revision: 1, config, targets: [], slots: { isLocked: false, actions: [] } },
  });
  const before = await until('ready');

  expect(lastHeartbeat(before)).toEqual({ type: 'heartbeat', isOpening: false });
});
