import { closestWord } from '../shared/config/closest-word.js';
import { explainIssues, formatPath } from '../shared/config/explain-issue.js';
import { toSchemaNode } from '../shared/config/json-schema.js';
import { streamSchema, type GpuConfig, type StreamConfig } from '../shared/config/schema.js';
import { DiptychError } from '../shared/domain/errors.js';
import { gpuOption, listOption, numberOption, sizeOption, textOption, type CommandArguments } from './command.js';
import { readConfigFile } from './load-config.adapter.js';

/** What is made of a file: all of a stream but where it comes from and goes to. */
export interface FileSettings {
  /** As of a stream of the configuration, with what the command line says over it. */
  readonly stream: Pick<
    StreamConfig,
    'output' | 'detect' | 'track' | 'reid' | 'people' | 'slots' | 'shots' | 'framing'
  >;
  /** Use of the GPU. */
  readonly gpu: Partial<GpuConfig>;
}

/**
 * The settings that the command line and `--config` ask for. Options that the command does not have are not given.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where the file is wrong, `DIPTYCH_E_USAGE` where an option is
 */
export async function fileSettings(args: CommandArguments): Promise<FileSettings> {
  const { stream, gpu } = await configured(args);
  const use = gpuOption(args);
  const model = textOption(args, 'model');
  const pose = textOption(args, 'pose');
  const fps = args.values['size'] === undefined && args.values['fps'] === undefined ? undefined : outputFps(args);
  const names = listOption(args, 'name');
  const wanted = {
    ...stream,
    output: { ...stream.output, ...sizeOption(args), ...(fps !== undefined && { fps }) },
    detect: { ...stream.detect, ...(model !== undefined && { model }), ...(pose !== undefined && { pose }) },
    people: { ...stream.people, ...(names.length > 0 && { names }) },
  };
  const result = streamSchema.safeParse(wanted);
  if (!result.success) {
    const [issue] = explainIssues(result.error, wanted, toSchemaNode(streamSchema)).issues;
    const path = issue === undefined ? '' : formatPath(issue.path);
    throw new DiptychError('DIPTYCH_E_USAGE', `${optionOf(path)}: ${issue?.message ?? 'is wrong'}`);
  }
  const { output, detect, track, reid, people, slots, shots, framing } = result.data;
  return {
    stream: { output, detect, track, reid, people, slots, shots, framing },
    gpu: { ...gpu, ...(use && { use }) },
  };
}

/** The frame rate of the output. */
const outputFps = (args: CommandArguments): number | undefined =>
  numberOption(args, 'fps', { min: 5, max: 60, integer: true });

/** The option of the command line that set this option of a stream. */
function optionOf(path: string): string {
  if (path.startsWith('output.')) return `--size (${path})`;
  return path.startsWith('people.names') ? `--name (${path})` : path;
}

/** The stream of `--config` that is meant; without a file, the defaults of every option. */
async function configured(
  args: CommandArguments,
): Promise<{ readonly stream: StreamConfig; readonly gpu: Partial<GpuConfig> }> {
  const file = textOption(args, 'config');
  const id = textOption(args, 'stream');
  if (file === undefined) {
    if (id !== undefined) throw new DiptychError('DIPTYCH_E_USAGE', '--stream names a stream of --config FILE; add it');
    return { stream: streamSchema.parse({ source: { url: 'test:' } }), gpu: {} };
  }
  const { streams, gpu } = await readConfigFile(file);
  const known = streams.map((stream) => stream.id);
  const stream = id === undefined ? streams[0] : streams.find((each) => each.id === id);
  if (stream !== undefined && (id !== undefined || streams.length === 1)) return { stream, gpu };
  if (streams.length === 0) return { stream: streamSchema.parse({ source: { url: 'test:' } }), gpu };
  const meant = id === undefined ? undefined : closestWord(id, known);
  const there = `${file} has ${known.join(', ')}`;
  const problem =
    id === undefined ? `there are several streams, add --stream ID; ${there}` : `there is no stream "${id}"; ${there}`;
  throw new DiptychError('DIPTYCH_E_USAGE', meant === undefined ? problem : `${problem}; did you mean "${meant}"?`);
}
