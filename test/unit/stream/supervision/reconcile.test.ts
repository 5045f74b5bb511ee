import { describe, expect, it } from 'vitest';
import { streamSchema, type StreamConfig } from '#src/shared/config/schema.js';
import type { NumberedAction, WantedStream, WantedTarget } from '#src/shared/ipc/messages.js';
import { seededRandom } from '#src/shared/random.js';
import {
  reconcile,
  type ReconcileStep,
  type RunningState,
  type RunningTarget,
} from '#src/stream/supervision/reconcile.js';

const config = streamSchema.parse({ source: { url: 'test:' } });
const target = (id: string, key = 'k'): WantedTarget => ({ id, url: `rtmp://host/live/${key}-${id}` });
const runs = (id: string, key = 'k'): RunningTarget => ({ ...target(id, key), isEnding: false });
const ends = (id: string, key = 'k'): RunningTarget => ({ ...target(id, key), isEnding: true });
const start = (id: string, key = 'k'): ReconcileStep => ({ type: 'start-target', target: target(id, key) });
const end = (id: string): ReconcileStep => ({ type: 'end-target', id });

function wanted(targets: readonly WantedTarget[], slots: Partial<WantedStream['slots']> = {}): WantedStream {
  return { ...{ revision: 1, config, targets }, slots: { isLocked: false, actions: [], ...slots } };
}

function running(targets: readonly RunningTarget[], rest: Partial<RunningState> = {}): RunningState {
  return { ...{ targets, slotAction: 0, isLocked: false, config }, ...rest };
}

describe('a shot by hand', () => {
  const shot = { action: 'hold', kind: 'wide', number: 2 } as const;

  it.each([
    { name: 'is taken once', wish: shot, shotNumber: undefined, steps: [{ type: 'shot', shot }] },
    { name: 'that is shown is left alone', wish: shot, shotNumber: 2, steps: [] },
    { name: 'gives way to the next', wish: shot, shotNumber: 1, steps: [{ type: 'shot', shot }] },
    { name: 'ends', wish: undefined, shotNumber: 2, steps: [{ type: 'shot', shot: undefined }] },
    { name: 'that nobody asked for is nothing', wish: undefined, shotNumber: undefined, steps: [] },
  ])('$name', ({ wish, shotNumber, steps }) => {
    const document = { ...wanted([]), ...(wish && { shot: wish }) };

    expect(reconcile(document, running([], { shotNumber })).steps).toEqual(steps);
  });
});

describe('targets', () => {
  const sameUrl = { id: 'b', url: target('a').url };

  it.each<[string, WantedTarget[], RunningTarget[], ReconcileStep[], boolean]>([
    ['that run as wanted are left alone', [target('a')], [runs('a')], [], true],
    ['that are new are started', [target('a'), target('b')], [runs('a')], [start('b')], true],
    ['that are not wanted are ended', [target('a')], [runs('a'), runs('b')], [end('b')], false],
    ['that are ending are not ended twice', [], [ends('a')], [], false],
    [
      'that changed end first, and the others are left alone',
      [target('a', 'new'), target('b')],
      [runs('a'), runs('b')],
      [end('a')],
      false,
    ],
    ['that changed are started once the old one has ended', [target('a', 'new')], [], [start('a', 'new')], true],
    ['that changed wait for the end of the old one', [target('a', 'new')], [ends('a')], [], false],
    ['that are wanted again while they end wait for the end', [target('a')], [ends('a')], [], false],
    ['of the address of one that is not wanted any more wait for its end', [sameUrl], [runs('a')], [end('a')], false],
    ['of the address of one that is ending wait for its end', [sameUrl], [ends('a')], [], false],
  ])('%s', (_name, want, run, steps, isReached) => {
    expect(reconcile(wanted(want), running(run))).toEqual({ steps, isReached });
  });
});

describe('options', () => {
  const parse = (changes: object): StreamConfig => streamSchema.parse({ source: { url: 'test:' }, ...changes });

  it.each<[string, object, string[], number | undefined]>([
    ['that did not change', {}, [], undefined],
    ['of framing', { framing: { holdS: 3, borderPx: 4 } }, ['framing.holdS', 'framing.borderPx'], undefined],
    ['of the bitrate', { output: { bitrateKbps: 900 } }, ['output.bitrateKbps'], 900],
    [
      'of several blocks',
      { slots: { labels: ['Anna'] }, detect: { maxFps: 5 } },
      ['detect.maxFps', 'slots.labels'],
      undefined,
    ],
    ['that need a restart, with those that do not', { output: { width: 640, bitrateKbps: 900 } }, [], undefined],
    ['for which a network is opened', { reid: { mode: 'off' } }, [], undefined],
    ['of the source', { source: { url: 'rtsp://h/', rotate: '90' } }, ['source.url', 'source.rotate'], undefined],
    ['of the same network', { reid: { mode: 'always' } }, ['reid.mode'], undefined],
  ])('%s', (_name, changes, changed, bitrateKbps) => {
    const after = parse(changes);

    const { steps } = reconcile({ ...wanted([]), config: after }, running([]));

    const expected: ReconcileStep[] = changed.length > 0 ? [{ type: 'set-options', config: after, changed }] : [];
    if (changed.includes('source.url')) expected.push({ type: 'set-source', source: after.source });
    if (bitrateKbps !== undefined) expected.push({ type: 'set-bitrate', bitrateKbps });
    expect(steps).toEqual(expected);
  });
});

describe('the recording', () => {
  const settings = { stream: 'main', segmentS: 600, segmentMb: 1000 };
  const recorded = (record: object): WantedStream => ({
    ...wanted([]),
    config: streamSchema.parse({ source: { url: 'test:' }, record }),
  });
  const on = { enabled: true, segmentS: 600, segmentMb: 1000 };
  const runs = { ...settings, isEnding: false };

  it.each<[string, object, RunningState['recording'], ReconcileStep[], boolean]>([
    ['that is not wanted is not begun', {}, undefined, [], true],
    ['that is wanted is begun', on, undefined, [{ type: 'start-recording', settings }], true],
    ['that runs as wanted is left alone', { ...on, maxGb: 1, maxAgeH: 1 }, runs, [], true],
    ['that is not wanted any more is ended', { enabled: false }, runs, [{ type: 'end-recording' }], false],
    ['of another name of the stream ends first', on, { ...runs, stream: 'former' }, [{ type: 'end-recording' }], false],
    ['with other segments ends first', { ...on, segmentS: 60 }, runs, [{ type: 'end-recording' }], false],
    ['that is ending is not ended twice', {}, { ...runs, isEnding: true }, [], false],
    ['that is wanted again while it ends waits for the end', on, { ...runs, isEnding: true }, [], false],
  ])('%s', (_name, record, recording, steps, isReached) => {
    expect(reconcile(recorded(record), running([], { recording, config: recorded(record).config }))).toEqual({
      steps,
      isReached,
    });
  });
});

describe('tiles', () => {
  const swap = (number: number): NumberedAction => ({ number, action: { action: 'swap' } });
  const unlock = (number: number): NumberedAction => ({ number, action: { action: 'unlock' } });

  it.each<[string, Partial<WantedStream['slots']>, Partial<RunningState>, string[]]>([
    ['are swapped once, whatever is sent again', { actions: [swap(1)] }, { slotAction: 1 }, []],
    ['follow actions in their order', { actions: [swap(4), unlock(5)] }, { slotAction: 3 }, ['swap', 'unlock']],
    ['are locked where that is wanted', { isLocked: true }, {}, ['lock']],
    ['are locked again after a restart', { isLocked: true }, { slotAction: 0 }, ['lock']],
    ['that are locked stay so', { isLocked: true }, { isLocked: true }, []],
    ['are unlocked by the action alone', { actions: [unlock(1)] }, { isLocked: true }, ['unlock']],
    [
      'that are locked anew are unlocked before',
      { isLocked: true, actions: [unlock(1)] },
      { isLocked: true },
      ['unlock', 'lock'],
    ],
    ['are unlocked where no lock is wanted', {}, { isLocked: true }, ['unlock']],
  ])('%s', (_name, slots, run, actions) => {
    const { steps } = reconcile(wanted([], slots), running([], run));

    expect(steps.map((step) => (step.type === 'slots' ? step.action.action : step.type))).toEqual(actions);
  });
});

/** What runs, as the steps change it; a target that was told to end does so when the test says so. */
class World {
  targets: RunningTarget[] = [];
  slotAction = 0;
  isLocked = false;
  config = config;
  bitrateKbps = config.output.bitrateKbps;
  source = config.source;
  swaps = 0;

  take(step: ReconcileStep): void {
    switch (step.type) {
      case 'end-target':
        this.targets = this.targets.map((one) => (one.id === step.id ? { ...one, isEnding: true } : one));
        return;
      case 'start-target':
        // As a server: no second publisher of an address; as the supervisor: no second target of a name.
        expect(this.targets.some(({ id, url }) => id === step.target.id || url === step.target.url)).toBe(false);
        this.targets = [...this.targets, { ...step.target, isEnding: false }];
        return;
      case 'set-options':
        this.config = step.config;
        return;
      case 'set-bitrate':
        this.bitrateKbps = step.bitrateKbps;
        return;
      case 'shot':
        return;
      case 'set-source':
        this.source = step.source;
        return;
      case 'start-recording':
      case 'end-recording':
        throw new Error('nothing here is recorded');
      case 'slots':
        this.slotAction = step.number ?? this.slotAction;
        if (step.action.action === 'swap') this.swaps++;
        if (step.action.action === 'lock') this.isLocked = true;
        if (step.action.action === 'unlock') this.isLocked = false;
    }
  }

  endOne(): void {
    const ending = this.targets.find(({ isEnding }) => isEnding);
    this.targets = this.targets.filter((one) => one !== ending);
  }
}

it.each(Array.from({ length: 200 }, (_, seed) => seed))(
  'any sequence of wanted states converges to the last one (seed %i)',
  (seed) => {
    const random = seededRandom(seed);
    const below = (count: number): number => Math.floor(random() * count);
    const world = new World();
    let document = wanted([]);
    let asked = 0;
    for (let round = 0; round < 30; round++) {
      const ids = ['a', 'b', 'c'].filter(() => below(2) === 0);
      const actions = [...document.slots.actions];
      if (below(3) === 0) actions.push({ number: ++asked, action: { action: 'swap' } });
      const bitrateKbps = 1000 + 100 * below(3);
      const output = { ...config.output, bitrateKbps };
      document = {
        ...wanted(
          ids.map((id) => target(id, String(below(2)))),
          { isLocked: below(2) === 0, actions },
        ),
        config: {
          ...config,
          source: { ...config.source, latencyMs: below(3) },
          output,
          slots: { ...config.slots, labels: [String(below(3))] },
        },
      };
      // Some documents are not seen, some are seen several times, and ends take their time.
      for (let look = below(3); look > 0; look--) {
        for (const step of reconcile(document, world).steps) world.take(step);
        if (below(2) === 0) world.endOne();
      }
    }

    let looks = 0;
    while (looks < 20) {
      const { steps, isReached } = reconcile(document, world);
      if (steps.length === 0 && isReached) break;
      for (const step of steps) world.take(step);
      world.endOne();
      looks++;
    }

    expect(looks).toBeLessThan(20);
    const byId = (a: WantedTarget, b: WantedTarget): number => a.id.localeCompare(b.id);
    expect(world.targets.map(({ id, url }) => ({ id, url })).sort(byId)).toEqual([...document.targets].sort(byId));
    expect(world.isLocked).toBe(document.slots.isLocked);
    expect(world.swaps).toBe(asked);
    expect(world.config).toEqual(document.config);
    expect(world.source).toEqual(document.config.source);
    expect(world.bitrateKbps).toBe(document.config.output.bitrateKbps);
  },
);
