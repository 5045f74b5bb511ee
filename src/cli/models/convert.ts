import { resolve } from 'node:path';
import type { ModelStore } from '../../stream/models/model-store.adapter.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { makeVariant, type WrittenVariant } from '../../stream/models/conversion/write-variant.adapter.js';
import { flagOption, textOption, type CommandArguments } from '../command.js';

/** `diptych models convert`: one line of what was made. @throws {@link DiptychError} */
export async function convertModel(
  store: ModelStore,
  [model, ...files]: readonly string[],
  args: CommandArguments,
  signal: AbortSignal,
): Promise<string> {
  const options = { fp16: flagOption(args, 'fp16'), dynamicBatch: flagOption(args, 'dynamic-batch') };
  const out = textOption(args, 'out');
  if (model === undefined) {
    throw new DiptychError('DIPTYCH_E_USAGE', 'models convert: name the model or its file, e.g. yunet --fp16');
  }
  if (options.fp16 || options.dynamicBatch) {
    if (files.length > 0) {
      throw new DiptychError('DIPTYCH_E_USAGE', `models convert: one model at a time, got ${files.join(' ')}, too`);
    }
    return describe(
      model,
      await makeVariant(
        store,
        model,
        { ...options, out: out && resolve(out), force: flagOption(args, 'force') },
        signal,
      ),
    );
  }
  if (out !== undefined || model.endsWith('.onnx')) {
    throw new DiptychError('DIPTYCH_E_USAGE', 'models convert: say into what: --fp16, --dynamic-batch or both');
  }
  const { path } = await (files.length > 0 ? store.convert(model, files) : store.fetch(model, signal));
  return `${model}: ${path}`;
}

function describe(model: string, { path, report, difference }: WrittenVariant): string {
  const { fp16, dynamicBatch } = report;
  const parts: string[] = [];
  if (fp16 !== undefined) {
    parts.push(`${fp16.halfNodes} nodes with 16 bits, ${fp16.floatNodes} with 32`);
    if (fp16.clamped > 0) {
      parts.push(`${fp16.clamped} numbers too large for 16 bits were cut, in ${fp16.clampedIn.join(' ')}`);
    }
  }
  if (dynamicBatch !== undefined) parts.push('any number of pictures at a time');
  parts.push(`outputs differ by at most ${(difference * 100).toPrecision(2)} % of their range, on noise`);
  return `${model}: ${path} (${parts.join('; ')})`;
}
