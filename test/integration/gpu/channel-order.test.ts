import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeVariant } from '#src/stream/models/conversion/write-variant.adapter.js';
import { ChannelOrder } from '#src/stream/backend/gpu/channel-order.adapter.js';
import { ModelStore } from '#src/stream/models/model-store.adapter.js';
import { hasModel, WHY_SKIPPED } from './networks.js';

describe.each([
  { model: 'blazeface', isLast: false },
  { model: 'dlib-face-descriptor', isLast: true },
  { model: 'yunet', file: 'yunet_n_dynamic.onnx', isLast: false },
])('channels of $model', ({ model, file, isLast }) => {
  const isMissing = file !== undefined && !hasModel(file);

  it.skipIf(isMissing)(`are innermost: ${isLast}${isMissing ? WHY_SKIPPED : ''}`, async () => {
    const { path } = await new ModelStore().fetch(model);

    expect(await new ChannelOrder().isLast(path)).toBe(isLast);
  });
});

it.each([{ fp16: true }, { fp16: false }])(
  'depthwise convolutions are seen in a converted network, %j',
  async ({ fp16 }) => {
    const folder = await mkdtemp(join(tmpdir(), 'diptych-channels-'));
    const destination = join(folder, 'converted.onnx');
    const { path: source } = await new ModelStore().fetch('blazeface');
    try {
      await writeVariant({ source, destination, fp16, dynamicBatch: true });

      expect(await new ChannelOrder().isLast(destination)).toBe(false);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
