import { accessSync, constants, statSync } from 'node:fs';
import type { ValueIssue } from './explain-issue.js';
import type { GatewayConfig } from './schema.js';
import { explainBareAddress, sourceFile } from './source-url.js';

/**
 * Why a source that is a file cannot be played, and what to do; `undefined` where the file can be read, and for a
 * source that is no file.
 *
 * @param url - as in `source.url`
 */
export function explainSourceFile(url: string): string | undefined {
  const path = sourceFile(url);
  if (path === undefined) return undefined;
  try {
    if (statSync(path).isDirectory()) return `${path} is a folder; give the path of a video file`;
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return explainBareAddress(url) ?? `there is no file ${path}; check the path`;
    }
    if (code === 'EACCES') return `the file ${path} may not be read; give this user the right to read it`;
    return `the file ${path} cannot be read (${code}); check the path`;
  }
}

/** The streams of a configuration whose source is a file that cannot be played. */
export function findMissingSources({ streams }: Pick<GatewayConfig, 'streams'>): ValueIssue[] {
  return streams.flatMap(({ source }, index) => {
    const message = explainSourceFile(source.url);
    return message === undefined ? [] : [{ path: ['streams', index, 'source', 'url'], isKey: false, message }];
  });
}
