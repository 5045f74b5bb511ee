import { createServer } from 'node:net';
import { once } from 'node:events';
import { firstValueFrom, filter, takeUntil, timer } from 'rxjs';
import { explainIssues } from '../../shared/config/explain-issue.js';
import { toSchemaNode } from '../../shared/config/json-schema.js';
import { gatewaySchema, type GatewayConfig, type SourceConfig } from '../../shared/config/schema.js';
import { sourceSchema } from '../../shared/config/source-schema.js';
import { reidSchema } from '../../shared/config/stage-schemas.js';
import { maskUrl, maskUrlsIn } from '../../shared/config/mask-url.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { packageOf } from '../../stream/gst/elements.js';
import { ModelStore } from '../../stream/models/model-store.adapter.js';
import { loadAddon } from '../../stream/native/addon.adapter.js';
import type { NativeAddon } from '../../stream/native/types.js';
import { pickEncoder } from '../../stream/stages/encode/encoder-probe.adapter.js';
import { chooseDecoders } from '../../stream/stages/ingest/decoder-choice.js';
import { thisMachine } from '../../stream/stages/ingest/decoder-machine.adapter.js';
import { openSource, type SourceSession } from '../../stream/stages/ingest/source-session.adapter.js';
import { createLogger } from '../../shared/telemetry/logger.js';
import { examineDevices } from './device-report.adapter.js';
import type { Finding } from './finding.js';
import { examineGpu } from './gpu-report.js';
import { examineMedia } from './media-report.adapter.js';
import { sourceFinding } from './source-finding.js';

/** What to examine besides the machine itself. */
export interface ExamineOptions {
  /** A source to open and describe. */
  readonly source?: string;
  /** Whose ports, addresses and TURN servers are tried. @defaultValue the defaults of every option */
  readonly config?: GatewayConfig;
}

/** Elements that every stream needs, whatever its source. */
const NEEDED_ELEMENTS = [
  'rtspsrc',
  'rtph264depay',
  'rtph264pay',
  'rtpopuspay',
  'rtpbin',
  'h264parse',
  'h265parse',
  'videoconvert',
  'audiomixer',
  'opusenc',
  'avenc_aac',
  'flvmux',
  'rtmp2sink',
  'mpegtsmux',
  'srtsink',
  'textoverlay',
];
const SOURCE_LIMIT_MS = 10_000;

/** Examines everything that a stream needs, in the order in which a frame passes it. */
export async function examine(
  { source, config = gatewaySchema.parse({}) }: ExamineOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [nodeVersion()];
  let addon: NativeAddon;
  try {
    addon = loadAddon();
  } catch (error) {
    return [
      ...findings,
      { area: 'native addon', verdict: 'broken', text: messageOf(error), advice: 'run npm run build' },
    ];
  }
  findings.push({ area: 'native addon', verdict: 'good', text: 'loaded' });
  findings.push(
    elements(addon),
    ...decoders(addon),
    await encoder(addon),
    ...(await examineGpu(addon, signal)),
    await detector(signal),
    await embedder(signal),
  );
  findings.push(await httpPort(config), ...(await examineMedia(config)));
  findings.push(...(await examineDevices(addon)));
  if (source !== undefined) findings.push(await describeSource(source));
  return findings;
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isEnough = major > 20 || (major === 20 && minor >= 19);
  return {
    area: 'node',
    verdict: isEnough ? 'good' : 'broken',
    text: process.versions.node,
    ...(!isEnough && { advice: 'install Node 20.19 or newer' }),
  };
}

function elements(addon: NativeAddon): Finding {
  const missing = NEEDED_ELEMENTS.filter((element) => !addon.elementInfo(element).exists);
  if (missing.length === 0)
    return {
      area: 'gstreamer',
      verdict: 'good',
      text: `${NEEDED_ELEMENTS.length} elements that every stream needs are there`,
    };
  const packages = new Set(missing.map((element) => packageOf(element) ?? element));
  return {
    area: 'gstreamer',
    verdict: 'broken',
    text: `missing: ${missing.join(', ')}`,
    advice: `apt-get install ${[...packages].join(' ')}`,
  };
}

function decoders(addon: NativeAddon): readonly Finding[] {
  const machine = thisMachine(addon);
  const inSystemMemory = Object.values(chooseDecoders(machine)).map(
    ({ codec, element, reason, rejected, isAvailable }): Finding => ({
      area: `decode ${codec}`,
      verdict: !isAvailable ? 'broken' : rejected.length > 0 ? 'limited' : 'good',
      text: `${element}: ${reason}`,
      ...adviceFrom(rejected),
    }),
  );
  const onGpu = Object.values(chooseDecoders(machine, { memory: 'cuda' })).filter(({ memory }) => memory === 'cuda');
  return [
    ...inSystemMemory,
    ...onGpu.map(({ codec, launch, reason }): Finding => ({
      area: `decode ${codec} for the GPU`,
      verdict: 'good',
      text: `${launch}: ${reason}`,
    })),
  ];
}

async function encoder(addon: NativeAddon): Promise<Finding> {
  try {
    // Tried with frames in GPU memory where they can be uploaded.
    const memory = addon.elementInfo('cudaupload').exists ? 'cuda' : 'system';
    const { element, reason, rejected } = await pickEncoder('auto', memory);
    return {
      area: 'encode',
      verdict: rejected.length > 0 ? 'limited' : 'good',
      text: `${element}: ${reason}`,
      ...adviceFrom(rejected),
    };
  } catch (error) {
    return { area: 'encode', verdict: 'broken', text: messageOf(error) };
  }
}

function adviceFrom(rejected: readonly { readonly element: string; readonly reason: string }[]): { advice?: string } {
  if (rejected.length === 0) return {};
  return {
    advice: `better, but not here: ${rejected.map(({ element, reason }) => `${element} (${reason})`).join('; ')}`,
  };
}

async function detector(signal: AbortSignal): Promise<Finding> {
  try {
    const { entry, path, reason } = await new ModelStore().resolveDetector('auto', signal);
    return { area: 'detector', verdict: 'good', text: `${entry.name} (${path}): ${reason}` };
  } catch (error) {
    return { area: 'detector', verdict: 'broken', text: messageOf(error), advice: 'diptych models fetch' };
  }
}

async function embedder(signal: AbortSignal): Promise<Finding> {
  const area = 'embedder';
  try {
    const { entry, path } = await new ModelStore().resolveEmbedder(reidSchema.parse({}).model, signal);
    return { area, verdict: 'good', text: `${entry.name} (${path})` };
  } catch (error) {
    const advice = 'people who meet are told apart by position alone; diptych models fetch';
    return { area, verdict: 'limited', text: messageOf(error), advice };
  }
}

async function httpPort({ http: { host, port } }: GatewayConfig): Promise<Finding> {
  const probe = createServer();
  try {
    await once(probe.listen(port, host), 'listening');
    return { area: 'http port', verdict: 'good', text: `${host}:${port} is free` };
  } catch (error) {
    return { area: 'http port', verdict: 'limited', text: messageOf(error), advice: 'choose another with --port' };
  } finally {
    probe.close();
  }
}

async function describeSource(url: string): Promise<Finding> {
  const area = 'source';
  const name = maskUrl(url);
  try {
    const config = parseSource(url);
    const session = await openSource(config, { pace: 'live', logger: createLogger({ level: 'error' }) });
    const addon = loadAddon();
    try {
      const frames = session.frames$.subscribe(({ handle }) => addon.release(handle));
      const described = firstValueFrom(
        session.info$.pipe(
          filter(({ fps, codec }) => fps !== undefined && codec !== undefined),
          takeUntil(timer(SOURCE_LIMIT_MS)),
        ),
        { defaultValue: undefined },
      );
      const info = await Promise.race([described, session.ended.then(() => described)]);
      frames.unsubscribe();
      if (info === undefined) throw undescribed(name, session);
      return sourceFinding({ name, info });
    } finally {
      await session.close();
    }
  } catch (error) {
    return { area, verdict: 'broken', text: messageOf(error) };
  }
}

/** Why a source that plays was not described in time. */
function undescribed(name: string, { trouble }: SourceSession): DiptychError {
  const isWaiting = trouble?.kind === 'waiting_for_keyframe';
  return isWaiting
    ? new DiptychError(
        'DIPTYCH_E_SOURCE_SILENT',
        `${name} sends packets, and no keyframe within ${SOURCE_LIMIT_MS / 1000} s; set the interval of keyframes of the camera to a few seconds`,
      )
    : new DiptychError('DIPTYCH_E_SOURCE_FORMAT', `${name} did not say what it sends`);
}

/**
 * The configuration of a source with this URL. @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where it is no
 * source.
 */
function parseSource(url: string): SourceConfig {
  const input = { url, timeoutS: SOURCE_LIMIT_MS / 1000 };
  const result = sourceSchema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = explainIssues(result.error, input, toSchemaNode(sourceSchema)).issues;
  throw new DiptychError('DIPTYCH_E_CONFIG', `--source: ${issue?.message ?? 'is no source'}`);
}

const messageOf = (error: unknown): string => {
  if (error instanceof DiptychError) return maskUrlsIn(`${error.code}: ${error.message}`);
  return maskUrlsIn(error instanceof Error ? error.message : String(error));
};
