import { readFile } from 'node:fs/promises';
import { ConfigError } from '../shared/config/config-error.js';
import { commandLineOverrides, environmentOverrides, type RunOptions } from '../shared/config/overrides.js';
import { parseConfig } from '../shared/config/parse-config.js';
import { findMissingSources } from '../shared/config/source-file.adapter.js';
import type { GatewayConfig } from '../shared/config/schema.js';

/** Where the configuration of a gateway comes from. */
export interface LoadConfigOptions extends RunOptions {
  /** A YAML file; without one, defaults and the options below are all there is. */
  readonly file?: string;
  /** Environment variables; those of {@link ENVIRONMENT_OPTIONS} replace what the file says. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * The configuration of a gateway: command line over environment over file over defaults.
 *
 * @throws {@link ConfigError} `DIPTYCH_E_CONFIG`
 */
export async function loadConfig({ file, environment = {}, ...options }: LoadConfigOptions): Promise<GatewayConfig> {
  const fileName = file ?? 'defaults';
  const text = file === undefined ? '' : await readText(file);
  // The file on its own first: its mistakes are then reported with their lines, and the indices of its streams are known.
  const { streams } = parseConfig({ text, fileName });
  const overrides = [...environmentOverrides(environment), ...commandLineOverrides(options, streams)];
  return parseConfig({ text, fileName }, overrides, findMissingSources);
}

/** Checks one file and nothing else: what `diptych config check FILE` does. */
export async function loadConfigFile(file: string): Promise<GatewayConfig> {
  return parseConfig({ text: await readText(file), fileName: file }, [], findMissingSources);
}

/** The configuration in a file, whatever this machine has: files that it names may be missing here. @throws {@link ConfigError} */
export async function readConfigFile(file: string): Promise<GatewayConfig> {
  return parseConfig({ text: await readText(file), fileName: file });
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
