import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyReply } from 'fastify';
import { DiptychError } from '../../shared/domain/errors.js';

/** Answers with the page, whatever it shows. */
export type SendPage = (reply: FastifyReply) => FastifyReply;

const BASE = '<base href="/" />';

/**
 * The page of the viewer, which loads everything else from below its base address.
 *
 * @param directory - of the built viewer
 * @param pathPrefix - before every path, as people see it; empty without one
 * @throws {@link DiptychError} `DIPTYCH_E_INTERNAL` where it is not there
 */
export async function readViewerPage(directory: string, pathPrefix: string): Promise<SendPage> {
  const text = await readFile(path.join(directory, 'index.html'), 'utf8').catch(() => '');
  if (!text.includes(BASE)) {
    throw new DiptychError('DIPTYCH_E_INTERNAL', `the viewer page is not in ${directory}; run npm run build`);
  }
  const page = text.replace(BASE, `<base href="${pathPrefix}/" />`);
  return (reply) => reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(page);
}
