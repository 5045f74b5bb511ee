import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseCommandArguments } from '#src/cli/command.js';
import { findMachineProblems } from '#src/cli/machine-problems.adapter.js';
import { listModels } from '#src/cli/models/list.js';
import { modelsCommand } from '#src/cli/models.js';
import { gatewaySchema } from '#src/shared/config/schema.js';
import { cacheFolder } from '#src/stream/models/cache-folder.adapter.js';
import { findModel } from '#src/stream/models/manifest.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { writeDetector, writePose } from '../stream/stages/detect/made-networks.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'diptych-pose-model-'));
  // Face detectors that are on this machine are not fetched anew.
  vi.stubEnv('DIPTYCH_MODEL_DIR', process.env['DIPTYCH_MODEL_DIR'] ?? cacheFolder('models'));
  vi.stubEnv('XDG_CACHE_HOME', folder);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

/** Runs `diptych models add`; gives what it says. */
async function add(...argv: string[]): Promise<string> {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  expect(
    await modelsCommand.run(parseCommandArguments(modelsCommand, ['add', ...argv]), AbortSignal.timeout(60_000)),
  ).toBe(0);
  return write.mock.calls.map(([text]) => String(text)).join('');
}

const rtmpose = (options = {}, name = 'rtmpose-m.onnx'): Promise<string> =>
  writePose(join(folder, name), [[100, 100, 0.9]], options);

const entryOf = async (name: string) => findModel(await new ModelStore().manifest(), name);

describe('diptych models add', () => {
  it('sees by the outputs that a network takes one person at a time, says so, and how it is used', async () => {
    const output = await add(await rtmpose());

    expect(output).toBe(
      'rtmpose-m: added; a pose network of one person at a time (RTMPose and its like), 192×256, 17 keypoints, several people at once; ' +
        'use it with detect.pose: rtmpose-m, beside a detector of whole people (detect.model: movenet, or your own)\n',
    );
    expect(await entryOf('rtmpose-m')).toMatchObject({
      task: 'pose',
      input: { name: 'input', size: { width: 192, height: 256 }, channels: 'RGB', order: 'nchw', mean: 0, scale: 1 },
      outputs: ['diptych/poses'],
      maxBatch: 8,
    });
    const rows = await listModels((onNotice) => new ModelStore({ onNotice }), { isTried: true });
    expect(rows.find(({ name }) => name === 'rtmpose-m')).toMatchObject({ task: 'pose', state: 'here', isOwn: true });
  });

  it.each([
    ['one person in a run', { batch: 1 }, '17 keypoints, one by one', { maxBatch: 1 }],
    ['other names', { names: ['700', '701'] }, '17 keypoints', {}],
    ['the whole body, larger', { keypoints: 133, size: { width: 288, height: 384 } }, '288×384, 133 keypoints', {}],
    ['body and feet', { keypoints: 26 }, '26 keypoints', {}],
  ])('takes one with %s', async (_, options, text, entry) => {
    expect(await add(await rtmpose(options), '--task', 'pose')).toContain(text);
    expect(await entryOf('rtmpose-m')).toMatchObject(entry);
  });

  it('leaves the pixels to the user who says how they go in', async () => {
    await add(await rtmpose(), '--name', 'own', '--channels', 'BGR', '--mean', '127.5', '--scale', '0.01');

    expect(await entryOf('own')).toMatchObject({ input: { channels: 'BGR', mean: 127.5, scale: 0.01 } });
  });

  it.each<[string, object, readonly string[], string]>([
    [
      'as a detector',
      {},
      ['--task', 'person-detector', '--decoder', 'yolov8'],
      'finds 17 keypoints of one person at a time and is no person-detector; add it without --task, then set detect.pose',
    ],
    ['of hands', { keypoints: 21 }, [], 'the network gives 21 keypoints'],
    ['with a decoder', {}, ['--decoder', 'yolov8'], '--decoder: a pose network has none; leave the option out'],
  ])('refuses one %s', async (_, options, more, message) => {
    await expect(add(await rtmpose(options), ...more)).rejects.toThrow(message);
  });

  it.each(['off', 'auto'])('refuses the name %s, which means something else in the configuration', async (name) => {
    await expect(add(await rtmpose(), '--name', name)).rejects.toMatchObject({
      code: 'DIPTYCH_E_USAGE',
      message: `--name: "${name}" means something else in the configuration; give the model another name`,
    });
    // Nor by the name of its file.
    await expect(add(await rtmpose({}, `${name}.onnx`))).rejects.toThrow('means something else');
  });

  it('refuses another network as one, and asks what it finds where nobody says', async () => {
    const detector = await writeDetector(join(folder, 'people.onnx'), 64, []);

    await expect(add(detector, '--task', 'pose')).rejects.toThrow(
      'is no pose network that can be read: its outputs are output0; expected what RTMPose gives, simcc_x and simcc_y',
    );
    await expect(add(detector)).rejects.toThrow(
      '--task: the outputs do not tell what the network finds; expected one of',
    );
  });
});

describe('a pose network in the configuration', () => {
  beforeEach(async () => {
    await add(await rtmpose());
    await add(
      await writeDetector(join(folder, 'people.onnx'), 64, []),
      '--task',
      'person-detector',
      '--decoder',
      'yolov8',
    );
  });

  it('works beside a detector of whole people, with faces', async () => {
    const resolved = await new ModelStore().resolveDetector('people', undefined, 'rtmpose-m');

    expect(resolved).toMatchObject({
      pose: { entry: { name: 'rtmpose-m' } },
      faces: { entry: { task: 'face-detector' } },
    });
    expect(resolved.reason).toContain('; poses by rtmpose-m');
    expect(await new ModelStore().resolveDetector('people')).not.toHaveProperty('faces');
  });

  it.each([
    [
      'rtmpose-m',
      'off',
      'rtmpose-m finds the keypoints of one person at a time and is no detector; set detect.pose: rtmpose-m, and detect.model to',
    ],
    [
      'blazeface',
      'rtmpose-m',
      'detect.pose: rtmpose-m reads the keypoints of whole people, and the detector, blazeface, finds faces; set detect.model to',
    ],
    [
      'people',
      'blazeface',
      'detect.pose: blazeface does not find the keypoints of one person at a time, it is face-detector; set it to',
    ],
    ['people', 'nobody', 'there is no model nobody'],
  ])('is one error that says what to do: %s with %s', async (model, pose, message) => {
    await expect(new ModelStore().resolveDetector(model, undefined, pose)).rejects.toMatchObject({
      code: 'DIPTYCH_E_MODEL',
      message: expect.stringContaining(message) as unknown,
    });
  });

  it('is to be added first, where it is the file of an export', async () => {
    const path = await rtmpose({}, 'exported.onnx');

    await expect(new ModelStore().resolveDetector('people', undefined, path)).rejects.toThrow(
      `run diptych models add ${path}, and set detect.pose to the name that it tells`,
    );
  });

  it.each([
    [{ model: 'rtmpose-m' }, 'detect.model', 'is no detector; set detect.pose: rtmpose-m'],
    [
      { model: 'auto', pose: 'rtmpose-m' },
      'detect.pose',
      'finds faces, and rtmpose-m reads the keypoints of whole people',
    ],
    [{ model: 'people', pose: 'rtmpose' }, 'detect.pose', 'there is no model "rtmpose"; did you mean "rtmpose-m"?'],
    [{ model: 'people', pose: 'rtmpose-m' }, undefined, undefined],
  ])('is checked before a start: %j', (detect, option, message) => {
    const config = gatewaySchema.parse({ streams: [{ id: 'a', source: { url: 'test:' }, detect }] });
    const names = { detectors: ['yunet', 'people'], personDetectors: ['people'], poses: ['rtmpose-m'] };

    const problems = findMachineProblems(config, { ...names, embedders: ['dlib-face-descriptor'] }, folder);

    expect(problems.map(({ path }) => path.slice(2).join('.'))).toEqual(option === undefined ? [] : [option]);
    if (message !== undefined) expect(problems[0]!.message).toContain(message);
  });
});
