import { statfs } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { GatewayConfig } from '../../shared/config/schema.js';
import { defaultRecordingsFolder } from '../../shared/recordings/default-folder.adapter.js';
import { explainFolder } from '../machine-problems.adapter.js';
import type { Finding } from './finding.js';
import { examineSource } from './source-report.adapter.js';
import { examineTarget } from './target-probe.adapter.js';

/** Sources that are opened at once: each decodes. */
const AT_ONCE = 4;
const GB = 1e9;

/**
 * What a configuration names, tried: each source is opened, each target greeted, folders are looked at.
 *
 * @param stateFolder - where changes are kept; absent where they are not
 */
export async function examineConfig(
  { streams, recordings }: GatewayConfig,
  stateFolder: string | undefined,
): Promise<readonly Finding[]> {
  const tries = streams.flatMap(({ id, source, targets }) => [
    () => examineSource(`${id}: source`, source),
    ...targets.map((target, index) => () => examineTarget(`${id}: ${target.id ?? `target ${index + 1}`}`, target)),
  ]);
  const findings: Finding[] = [];
  for (let begin = 0; begin < tries.length; begin += AT_ONCE) {
    findings.push(...(await Promise.all(tries.slice(begin, begin + AT_ONCE).map((examine) => examine()))));
  }
  const isRecorded = streams.some(({ record }) => record.enabled);
  const folder = path.resolve(recordings.folder || defaultRecordingsFolder());
  return [
    ...findings,
    ...(isRecorded ? [await examineFolder('recordings', folder)] : []),
    ...(stateFolder === undefined ? [] : [await examineFolder('state', stateFolder)]),
  ];
}

/** Whether a folder can be written to, and how much fits into it. */
async function examineFolder(area: string, folder: string): Promise<Finding> {
  const problem = explainFolder(folder, { mustExist: false });
  if (problem !== undefined) return { area, verdict: 'broken', text: problem };
  let nearest = folder;
  while (!existsSync(nearest)) nearest = path.dirname(nearest);
  const { bavail, bsize } = await statfs(nearest);
  return {
    area,
    verdict: 'good',
    text: `${folder}: can be written to, ${((bavail * bsize) / GB).toFixed(1)} GB are free`,
  };
}
