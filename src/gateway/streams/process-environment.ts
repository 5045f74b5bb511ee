import type { GatewayConfig } from '../../shared/config/schema.js';
import { networksVariable } from '../../shared/networks/network-access.js';

/**
 * Pools of memory (arenas) of the C library in a stream process, whose threads come and go with its graphs. With
 * glibc's default of eight a core, what a thread frees stays with a pool that hardly any other uses: 1.2 MB more each
 * time that a camera came back. The environment variable `MALLOC_ARENA_MAX` of the gateway goes before.
 */
const MALLOC_ARENAS = process.env['MALLOC_ARENA_MAX'] ?? '2';

/** What each process that opens sources has in its environment. */
export const processEnvironment = (access: GatewayConfig['access']): Readonly<Record<string, string>> => ({
  MALLOC_ARENA_MAX: MALLOC_ARENAS,
  ...networksVariable(access),
});

/** What a stream process has in its environment besides. */
export const streamEnvironment = ({
  access,
  log,
  recordings,
  streamsPerProcess,
}: Pick<GatewayConfig, 'access' | 'log' | 'recordings' | 'streamsPerProcess'>): Readonly<Record<string, string>> => ({
  DIPTYCH_LOG_LEVEL: log.level,
  DIPTYCH_LOG_FORMAT: log.format,
  DIPTYCH_RECORDINGS_FOLDER: recordings.folder,
  DIPTYCH_STREAMS_PER_PROCESS: String(streamsPerProcess),
  ...processEnvironment(access),
});
