import { firstValueFrom, filter, takeUntil, timer } from 'rxjs';
import { explainIssues } from '../../shared/config/explain-issue.js';
import { toSchemaNode } from '../../shared/config/json-schema.js';
import { maskUrl } from '../../shared/config/mask-url.js';
import type { SourceConfig } from '../../shared/config/schema.js';
import { sourceSchema } from '../../shared/config/source-schema.js';
import { isPublishedSource } from '../../shared/config/source-url.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { isSrtUrl, parseSrtLocation } from '../../shared/srt/location.js';
import { createLogger } from '../../shared/telemetry/logger.js';
import { loadAddon } from '../../stream/native/addon.adapter.js';
import { openSource, type SourceSession } from '../../stream/stages/ingest/source-session.adapter.js';
import { messageOf, type Finding } from './finding.js';
import { sourceFinding } from './source-finding.js';

const SOURCE_LIMIT_MS = 10_000;

/** Opens a source that is named on the command line, and says what it sends. */
export async function examineSourceUrl(url: string): Promise<Finding> {
  try {
    return await examineSource('source', parseSource(url));
  } catch (error) {
    return { area: 'source', verdict: 'broken', text: messageOf(error) };
  }
}

/** Opens a source and says what it sends; one that is waited for is only told. @param area - of the finding */
export async function examineSource(area: string, config: SourceConfig): Promise<Finding> {
  const name = maskUrl(config.url);
  if (isPublishedSource(config.url)) {
    return { area, verdict: 'good', text: `${name} waits for somebody who publishes (WHIP, or the page /publish/ID)` };
  }
  if (isSrtUrl(config.url) && parseSrtLocation(config.url)?.mode === 'listener') {
    return { area, verdict: 'good', text: `${name} waits to be called by whoever sends` };
  }
  try {
    const timeoutS = Math.min(config.timeoutS, SOURCE_LIMIT_MS / 1000);
    const session = await openSource(
      { ...config, timeoutS },
      { pace: 'live', logger: createLogger({ level: 'error' }) },
    );
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
      return { ...sourceFinding({ name, info }), area };
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
