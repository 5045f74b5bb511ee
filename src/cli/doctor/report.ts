import { createServer } from 'node:net';
import { once } from 'node:events';
import { gatewaySchema, type GatewayConfig, type StreamConfig } from '../../shared/config/schema.js';
import { detectSchema, reidSchema } from '../../shared/config/stage-schemas.js';
import { loadBinding } from '../../stream/gst/binding.adapter.js';
import { packageOf } from '../../stream/gst/elements.js';
import { ModelStore } from '../../stream/models/model-store.adapter.js';
import { loadAddon } from '../../stream/native/addon.adapter.js';
import type { NativeAddon } from '../../stream/native/types.js';
import { pickEncoder } from '../../stream/stages/encode/encoder-probe.adapter.js';
import { chooseDecoders } from '../../stream/stages/ingest/decoder-choice.js';
import { thisMachine } from '../../stream/stages/ingest/decoder-machine.adapter.js';
import { examineCapacity } from './capacity-report.adapter.js';
import { examineConfig } from './config-report.adapter.js';
import { examineDevices } from './device-report.adapter.js';
import { messageOf, type Finding } from './finding.js';
import { examineGpu } from './gpu-report.js';
import { examineMedia } from './media-report.adapter.js';
import { examinePage } from './page-report.adapter.js';
import { examineSourceUrl } from './source-report.adapter.js';

/** What to examine besides the machine itself. */
export interface ExamineOptions {
  /** A source to open and describe. */
  readonly source?: string;
  /**
   * Whose ports, addresses, TURN servers, models, sources, targets and folders are tried. @defaultValue the defaults of
   * every option
   */
  readonly config?: GatewayConfig;
  /** Where changes are kept; absent where they are not. */
  readonly stateFolder?: string;
  /** Where tokens are kept that are made; absent where they are not. */
  readonly accessFolder?: string;
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

/** Examines everything that a stream needs, in the order in which a frame passes it. */
export async function examine(
  { source, config = gatewaySchema.parse({}), stateFolder, accessFolder }: ExamineOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [nodeVersion()];
  let addon: NativeAddon;
  try {
    addon = loadAddon();
    loadBinding();
  } catch (error) {
    return [...findings, { area: 'native modules', verdict: 'broken', text: messageOf(error) }];
  }
  findings.push({ area: 'native modules', verdict: 'good', text: 'addon and GStreamer binding are loaded' });
  findings.push(
    elements(addon),
    ...decoders(addon),
    await encoder(addon),
    ...(await examineGpu(addon, signal)),
    ...(await detectors(config, signal)),
    ...(await embedders(config, signal)),
  );
  findings.push(await httpPort(config), await examinePage(config, accessFolder), ...(await examineMedia(config)));
  findings.push(...(await examineDevices(addon)), await examineCapacity(accessFolder));
  if (source !== undefined) findings.push(await examineSourceUrl(source));
  findings.push(...(await examineConfig(config, stateFolder)));
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

/** Those that the streams use; what a stream would use where there is none. */
async function detectors({ streams }: GatewayConfig, signal: AbortSignal): Promise<readonly Finding[]> {
  const store = new ModelStore();
  return Promise.all(
    detectorsOf(streams).map(async ({ model, pose }): Promise<Finding> => {
      const area = 'detector';
      try {
        const { entry, path, reason } = await store.resolveDetector(model, signal, pose);
        return { area, verdict: 'good', text: `${entry.name} (${path}): ${reason}` };
      } catch (error) {
        return {
          area,
          verdict: 'broken',
          text: messageOf(error),
          advice: 'diptych models list shows which there are, and fetch gets those that are missing',
        };
      }
    }),
  );
}

async function embedders({ streams }: GatewayConfig, signal: AbortSignal): Promise<readonly Finding[]> {
  const store = new ModelStore();
  return Promise.all(
    modelsOf(
      streams.map(({ reid }) => reid.model),
      reidSchema.parse({}).model,
    ).map(async (model): Promise<Finding> => {
      const area = 'embedder';
      try {
        const { entry, path } = await store.resolveEmbedder(model, signal);
        return { area, verdict: 'good', text: `${entry.name} (${path})` };
      } catch (error) {
        const advice = 'people who meet are told apart by position alone; diptych models fetch';
        return { area, verdict: 'limited', text: messageOf(error), advice };
      }
    }),
  );
}

/** Each with the network of poses beside it, once; what a stream would use where there is none. */
function detectorsOf(streams: GatewayConfig['streams']): readonly Pick<StreamConfig['detect'], 'model' | 'pose'>[] {
  const used = streams.map(({ detect: { model, pose } }) => [`${model}\n${pose}`, { model, pose }] as const);
  return used.length === 0 ? [detectSchema.parse({})] : [...new Map(used).values()];
}

/** Each once. */
const modelsOf = (names: readonly string[], otherwise: string): readonly string[] =>
  names.length === 0 ? [otherwise] : [...new Set(names)];

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
