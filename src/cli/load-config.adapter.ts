import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ConfigError } from '../shared/config/config-error.js';
import {
  commandLineOverrides,
  environmentOverrides,
  type Override,
  type RunOptions,
} from '../shared/config/overrides.js';
import type { LoadedConfiguration } from '../shared/config/loaded-configuration.js';
import { readConfiguration } from '../shared/config/parse-config.js';
import { machineReferences } from '../shared/config/references.adapter.js';
import type { ValueIssue } from '../shared/config/explain-issue.js';
import { findMissingSources } from '../shared/config/source-file.adapter.js';
import type { GatewayConfig } from '../shared/config/schema.js';
import { defaultDataFolder } from '../shared/recordings/default-folder.adapter.js';
import { findMachineProblems, type ModelNames } from './machine-problems.adapter.js';

/** Where the configuration of a gateway comes from. */
export interface LoadConfigOptions extends RunOptions {
  /** A YAML file; without one, defaults and the options below are all there is. */
  readonly file?: string;
  /**
   * Environment variables; those of {@link ENVIRONMENT_OPTIONS} replace what the file says, and the file may refer to
   * any of them.
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * The configuration of a gateway: command line over environment over file over defaults.
 *
 * @throws {@link ConfigError} `DIPTYCH_E_CONFIG`
 */
export async function loadConfig(options: LoadConfigOptions): Promise<GatewayConfig> {
  return (await loadConfiguration(options)).config;
}

/**
 * As {@link loadConfig}, with the streams as they were written.
 *
 * @throws {@link ConfigError} `DIPTYCH_E_CONFIG`
 */
export async function loadConfiguration(options: LoadConfigOptions): Promise<LoadedConfiguration> {
  const { file, environment = {}, ...rest } = options;
  const name = file ?? 'defaults';
  const text = file === undefined ? '' : await readText(file);
  const references = machineReferences(environment);
  // The file on its own first: its mistakes are then reported with their lines, and the indices of its streams are known.
  const { config } = readConfiguration({ text, fileName: name }, { references });
  const overrides = [...environmentOverrides(environment), ...commandLineOverrides(rest, config.streams)];
  const read = readConfiguration({ text, fileName: name }, { overrides, references, findProblems: findMissingSources });
  const stateFolder = stateFolderOf(read.config, file, overrides);
  const accessFolder = stateFolder ?? (read.config.state.folder === '' ? undefined : defaultDataFolder());
  return {
    ...{ ...read, name, text },
    ...(stateFolder !== undefined && { stateFolder }),
    ...(accessFolder !== undefined && { accessFolder }),
  };
}

/** Checks one file and nothing else: what `diptych config check FILE` does. */
export async function loadConfigFile(file: string): Promise<GatewayConfig> {
  const text = await readText(file);
  const references = machineReferences(process.env);
  const models = await knownModelNames();
  const findProblems = (config: GatewayConfig): ValueIssue[] => findMachineProblems(config, models, path.dirname(file));
  return readConfiguration({ text, fileName: file }, { references, findProblems }).config;
}

/** Where a gateway with this configuration keeps its tokens; absent where it keeps nothing. @throws {@link ConfigError} */
export async function accessFolderOf(options: LoadConfigOptions): Promise<string | undefined> {
  return (await loadConfiguration(options)).accessFolder;
}

/** Models of the manifest, and those that the user added. */
async function knownModelNames(): Promise<ModelNames> {
  const [{ KnownModels }, { isDetector, isEmbedder, isPose }, { cacheFolder }] = await Promise.all([
    import('../stream/models/known-models.adapter.js'),
    import('../stream/models/manifest.js'),
    import('../stream/models/cache-folder.adapter.js'),
  ]);
  const { models } = await new KnownModels({ cacheDir: cacheFolder('models') }).all();
  const namesOf = (isOfKind: (model: (typeof models)[number]) => boolean): string[] =>
    models.filter(isOfKind).map(({ name }) => name);
  return {
    detectors: namesOf(isDetector),
    personDetectors: namesOf(({ task }) => task === 'person-detector'),
    poses: namesOf(isPose),
    embedders: namesOf(isEmbedder),
  };
}

/** Beside the file; without one, only where somebody names a folder. */
function stateFolderOf(
  { state: { folder } }: GatewayConfig,
  file: string | undefined,
  overrides: readonly Override[],
): string | undefined {
  const isNamed = overrides.some((override) => override.path.join('.') === 'state.folder');
  if (folder === '' || (file === undefined && !isNamed)) return undefined;
  return path.resolve(isNamed || file === undefined ? '.' : path.dirname(file), folder);
}

/** The configuration in a file, whatever this machine has: files that it names may be missing here. @throws {@link ConfigError} */
export async function readConfigFile(file: string): Promise<GatewayConfig> {
  const text = await readText(file);
  return readConfiguration({ text, fileName: file }, { references: machineReferences(process.env) }).config;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `cannot be read (${reason}); give the path of a YAML file, such as config/gateway.example.yaml`;
    throw new ConfigError([{ source: file, path: '', message }], { cause: error });
  }
}
