import { ConfigError, formatConfigIssue } from '../../shared/config/config-error.js';
import type { LoadedConfiguration } from '../../shared/config/loaded-configuration.js';
import { machineReferences } from '../../shared/config/references.adapter.js';
import type { GatewayConfig } from '../../shared/config/schema.js';
import { DiptychError } from '../../shared/domain/errors.js';
import type { AccessKeeper } from '../access/access-keeper.adapter.js';
import type { Logger } from '../../shared/telemetry/logger.js';
import { settingsThatWait } from './gateway-settings.js';
import { StateFile } from './state-file.adapter.js';
import type { KeptState, StreamStoreOptions } from './stream-store-options.js';
import { StreamStore } from './stream-store.adapter.js';

/** The streams as they are wanted, and where that is kept. */
export function createStreamStore(
  { stateFolder }: Pick<LoadedConfiguration, 'stateFolder'>,
  {
    kept,
    ...options
  }: Pick<StreamStoreOptions, 'registry' | 'admission' | 'logger'> & { readonly kept?: KeptState | undefined },
): StreamStore {
  const file = kept ?? (stateFolder === undefined ? undefined : new StateFile(stateFolder));
  const references = machineReferences(process.env);
  return new StreamStore({ ...options, references, ...(file && { file }) });
}

/** What a configuration that is read again meets. */
export interface RunningConfiguration {
  /** Follows its streams. */
  readonly store: StreamStore;
  /** Follows its tokens. */
  readonly keeper: Pick<AccessKeeper, 'setConfig'>;
  /** What the gateway was started with. */
  readonly started: GatewayConfig;
  /** Told what was done, and where a configuration is wrong. */
  readonly logger: Logger;
}

/** Without the options of `access` that are followed while the gateway runs. */
function withoutTokens({ access, ...rest }: GatewayConfig): object {
  const { required: _required, token: _token, tokens: _tokens, ...others } = access;
  return { ...rest, access: others };
}

/**
 * Reads the configuration again and follows it. One with a mistake changes nothing, and the log says where it is
 * wrong. Never rejects.
 *
 * @param reason - why it is read: `SIGHUP`, or `file`
 */
export async function followConfiguration(
  { store, keeper, started, logger }: RunningConfiguration,
  reason: string,
  load: () => Promise<LoadedConfiguration>,
): Promise<void> {
  try {
    const { config, name, writtenStreams } = await load();
    // In a cluster streams come from etcd.
    const { streams } = started.cluster ? { streams: [] } : config;
    const result = await store.reload({ name, streams, writtenStreams: streams.length > 0 ? writtenStreams : [] });
    logger.info({ reason, ...result }, `${name} was read again`);
    keeper.setConfig(config.access);
    const waiting = settingsThatWait(withoutTokens(started), withoutTokens(config));
    if (waiting.length > 0) logger.warn(`${waiting.join(', ')}: takes effect when the gateway is started again`);
  } catch (error) {
    const said = 'the configuration was read again and nothing of it was taken, because it has a mistake';
    if (error instanceof ConfigError) {
      for (const issue of error.issues)
        logger.error({ reason, code: error.code }, `${said}: ${formatConfigIssue(issue)}`);
    } else if (error instanceof DiptychError) {
      logger.error({ reason, code: error.code }, `${said}: ${error.message}`);
    } else {
      logger.error({ reason, err: error }, 'the configuration could not be read again');
    }
  }
}
