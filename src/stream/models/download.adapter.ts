import { createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { anySignal } from '../../shared/any-signal.js';
import { DiptychError } from '../../shared/domain/errors.js';

/** How far a download is. */
export interface DownloadProgress {
  /** On disk, what an earlier attempt left included. */
  readonly receivedBytes: number;
  /** Of the whole file, as the manifest says. */
  readonly totalBytes: number;
}

/** What a download must give, and how long it may take. */
export interface DownloadOptions {
  /** Size the file must have; a server that sends more is cut off. */
  readonly totalBytes: number;
  /** No answer for this long: the host counts as unreachable for the life of the process. */
  readonly connectTimeoutMs: number;
  /** No data for this long: the transfer counts as broken, and is resumed. */
  readonly stallTimeoutMs: number;
  /** How often a broken transfer is taken up again. */
  readonly maxResumes: number;
  /** Called as data comes. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Ends the download; what came stays for the next attempt. */
  readonly signal?: AbortSignal;
}

/** Hosts that did not answer: each is waited for once in a process, whatever is asked of it. */
const unreachableHosts = new Set<string>();

/**
 * Fetches `url` into `partPath`, from where an earlier transfer stopped (HTTP Range, RFC 9110
 * section 14); the caller checks the content and gives it its name. A broken transfer leaves
 * what came so far.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` when it can't be had: unreachable, refused, or
 * broken more than `maxResumes` times.
 */
export async function download(url: string, partPath: string, options: DownloadOptions): Promise<void> {
  const { host } = new URL(url);
  if (unreachableHosts.has(host)) throw new DiptychError('DIPTYCH_E_MODEL', `${host} could not be reached before`);
  for (let resumes = 0; ; resumes++) {
    const response = await request(url, partPath, options);
    if (response === undefined) return;
    try {
      await receive(response, partPath, options);
      return;
    } catch (error) {
      response.abort();
      if (options.signal?.aborted || resumes >= options.maxResumes) {
        throw new DiptychError('DIPTYCH_E_MODEL', `the transfer from ${url} broke: ${reason(error)}`, { cause: error });
      }
    }
  }
}

interface OpenResponse {
  /** The next piece; none at the end. */
  readonly read: () => Promise<{ readonly value?: Uint8Array | undefined }>;
  readonly startByte: number;
  readonly abort: () => void;
}

/** Asks for what is missing; `undefined` when nothing is. */
async function request(url: string, partPath: string, options: DownloadOptions): Promise<OpenResponse | undefined> {
  const { host } = new URL(url);
  let startByte = await sizeOf(partPath);
  if (startByte > options.totalBytes) {
    await rm(partPath);
    startByte = 0;
  }
  if (startByte === options.totalBytes) return undefined;

  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const signals = [controller.signal, ...(options.signal === undefined ? [] : [options.signal])];
  const timer = setTimeout(() => controller.abort(new Error('no answer')), options.connectTimeoutMs);
  let response: Response;
  try {
    response = await fetch(url, {
      signal: anySignal(signals),
      headers: startByte > 0 ? { range: `bytes=${startByte}-` } : {},
    });
  } catch (error) {
    if (!options.signal?.aborted) unreachableHosts.add(host);
    throw new DiptychError('DIPTYCH_E_MODEL', `${host} could not be reached: ${reason(error)}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok || response.body === null) {
    abort();
    throw new DiptychError('DIPTYCH_E_MODEL', `${url} answered ${response.status} ${response.statusText}`);
  }
  const reader = response.body.getReader();
  return { read: () => reader.read(), startByte: response.status === 206 ? startByte : 0, abort };
}

async function receive(
  { read, startByte, abort }: OpenResponse,
  partPath: string,
  { totalBytes, stallTimeoutMs, onProgress }: DownloadOptions,
): Promise<void> {
  const file = createWriteStream(partPath, { flags: startByte > 0 ? 'a' : 'w' });
  const timer = setTimeout(abort, stallTimeoutMs);
  let receivedBytes = startByte;
  try {
    await once(file, 'open');
    for (;;) {
      const { value: chunk } = await read();
      if (chunk === undefined) break;
      timer.refresh();
      receivedBytes += chunk.length;
      if (receivedBytes > totalBytes) throw new Error(`more than the expected ${totalBytes} bytes came`);
      if (!file.write(chunk)) await once(file, 'drain');
      onProgress?.({ receivedBytes, totalBytes });
    }
  } finally {
    clearTimeout(timer);
    file.end();
    await once(file, 'close');
  }
  if (receivedBytes < totalBytes) throw new Error(`only ${receivedBytes} of ${totalBytes} bytes came`);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

/** fetch() hides what went wrong in `cause`. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
