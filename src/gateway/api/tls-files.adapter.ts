import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { RequestListener, ServerOptions } from 'node:http';
import { createSecureContext } from 'node:tls';
import { DiptychError } from '../../shared/domain/errors.js';
import type { Logger } from '../../shared/telemetry/logger.js';

/** Files that make HTTPS of HTTP. */
export interface TlsFiles {
  /** The certificate, and those of the authorities between it and one that browsers know, PEM. */
  readonly certFile: string;
  /** Its key, PEM, without passphrase. */
  readonly keyFile: string;
}

interface Pair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** How often the files are looked at, ms; what renews them writes one after the other, so that long is waited. */
const LOOK_MS = 1000;

/**
 * A server of HTTPS, which takes another certificate when the files change. A pair that does not go together is not
 * taken, and told in the log; the former one stays.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_CONFIG` where the files cannot be used
 */
export function createTlsServer(
  { limits, ...files }: TlsFiles & { readonly limits: ServerOptions },
  listener: RequestListener,
  logger: Logger,
): Server {
  const server = createServer({ ...limits, ...readPair(files), minVersion: 'TLSv1.2' }, listener);
  const onChange = (): void => {
    try {
      server.setSecureContext({ ...readPair(files), minVersion: 'TLSv1.2' });
      logger.info({ certFile: files.certFile }, 'the certificate was read again');
    } catch (error) {
      logger.error({ err: error }, 'the certificate could not be read again; the former one stays');
    }
  };
  // Polls: what tells of changes by itself loses files that are replaced.
  const names = [files.certFile, files.keyFile];
  for (const name of names) watchFile(name, { interval: LOOK_MS, persistent: false }, onChange);
  server.on('close', () => {
    for (const name of names) unwatchFile(name, onChange);
  });
  return server;
}

/** Both files, which go together. @throws {@link DiptychError} `DIPTYCH_E_CONFIG` */
function readPair({ certFile, keyFile }: TlsFiles): Pair {
  const pair = { cert: readFile('http.tls.certFile', certFile), key: readFile('http.tls.keyFile', keyFile) };
  try {
    createSecureContext(pair);
    return pair;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DiptychError(
      'DIPTYCH_E_CONFIG',
      `http.tls: ${certFile} and ${keyFile} are no certificate with its key (${reason}); give both as PEM, the key without passphrase`,
      { cause: error },
    );
  }
}

function readFile(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    const message = `${option}: ${file} cannot be read (${code}); check its path, and let this user read it`;
    throw new DiptychError('DIPTYCH_E_CONFIG', message, { cause: error });
  }
}
