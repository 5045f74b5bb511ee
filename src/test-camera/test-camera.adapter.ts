import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { filter, fromEvent, map, share, takeUntil, type Observable } from 'rxjs';
import { DiptychError } from '../shared/domain/errors.js';
import { packagePath } from '../shared/package-root.js';

/** What the camera plays and how it is reached. */
export interface TestCameraOptions {
  /** MP4, MOV or Matroska with H.264 or H.265, and AAC, Opus, G.711, PCM or no audio. */
  readonly file: string;
  /** TCP port of the RTSP server, 1 … 65,535. @defaultValue 0: a free one */
  readonly port?: number;
  /** Path of the stream. @defaultValue /cam */
  readonly mount?: string;
  /** Asked for by the camera; none where absent. */
  readonly user?: string;
  /** Goes with `user`. */
  readonly password?: string;
  /** How user and password are asked for (RFC 2617). @defaultValue digest */
  readonly auth?: 'digest' | 'basic';
  /** Transports of RTP that the camera offers. @defaultValue any */
  readonly protocols?: 'any' | 'tcp' | 'udp';
  /** Whether the file begins again at its end. @defaultValue true */
  readonly loop?: boolean;
  /** Fills `frames$`. @defaultValue false */
  readonly reportFrames?: boolean;
  /** Sends nothing for `forS` seconds, `afterS` seconds after the first picture. */
  readonly stall?: { readonly afterS: number; readonly forS: number };
}

/** A picture at the moment it was handed to the payloader. */
export interface CameraFrame {
  /** Place in the file in display order, from 0. */
  readonly frame: number;
  /** How often the file was played before. */
  readonly round: number;
  /** Wall clock (Unix, milliseconds): handed over; with B-pictures later than captured. */
  readonly wallMs: number;
  /** Wall clock (Unix, milliseconds): when the camera saw it; what its RTP time stamp says. */
  readonly captureWallMs: number;
}

/** A running test camera, in a process of its own. */
export interface TestCamera {
  /** Without user and password. */
  readonly url: string;
  /** The port it listens on, on 127.0.0.1. */
  readonly port: number;
  /** Of its process. */
  readonly pid: number;
  /** Hot; ends with the camera. */
  readonly frames$: Observable<CameraFrame>;
  /** Sends nothing for that long, keeping its sessions. */
  stall(seconds: number): void;
  /** Ends it as a user would; resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; resolves when it is gone. Idempotent. */
  kill(): Promise<void>;
}

const EXECUTABLE = packagePath('native/test-camera/build/diptych-test-camera');
const START_TIMEOUT_MS = 15_000;
const LISTENING = /^listening (rtsp:\/\/[^/]+:(\d+)\/.*)$/;

/**
 * Starts an RTSP camera on 127.0.0.1 in a process of its own, and resolves when it listens. It
 * ends with this process at the latest.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_NOT_FOUND` where it was not built, `DIPTYCH_E_CONFLICT`
 * where it can't start (port taken, unreadable file).
 */
export async function startTestCamera(options: TestCameraOptions): Promise<TestCamera> {
  await access(EXECUTABLE).catch((cause: unknown) => {
    throw new DiptychError('DIPTYCH_E_NOT_FOUND', `${EXECUTABLE} is not there; run npm run build`, { cause });
  });
  const child = spawn(EXECUTABLE, argumentsOf(options), { stdio: ['pipe', 'pipe', 'pipe'] });
  const exited = once(child, 'close');
  const errors: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const lines = createInterface({ input: child.stdout });
  const line$ = fromEvent(lines, 'line') as Observable<string>;
  const match = await Promise.race([
    new Promise<RegExpExecArray>((resolve) => {
      lines.on('line', (line) => {
        const found = LISTENING.exec(line);
        if (found !== null) resolve(found);
      });
    }),
    exited.then(() => undefined),
    once(child, 'error').then(() => undefined),
    delay(START_TIMEOUT_MS, undefined, { ref: false }),
  ]);
  const [, url, port] = match ?? [];
  if (url === undefined) {
    await end(child, 'SIGKILL', exited);
    const reason = errors.at(-1) ?? `no answer in ${START_TIMEOUT_MS / 1000} s`;
    throw new DiptychError('DIPTYCH_E_CONFLICT', `the test camera did not start: ${reason}`);
  }
  return {
    url,
    port: Number(port),
    pid: child.pid ?? 0,
    frames$: line$.pipe(
      filter((line) => line.startsWith('{')),
      map((line) => JSON.parse(line) as CameraFrame),
      takeUntil(fromEvent(lines, 'close')),
      share(),
    ),
    stall: (seconds) => child.stdin.write(`stall ${seconds}\n`),
    stop: () => end(child, 'SIGTERM', exited),
    kill: () => end(child, 'SIGKILL', exited),
  };
}

function argumentsOf(options: TestCameraOptions): readonly string[] {
  const { file, port, mount, user, password, auth, protocols, loop = true, reportFrames, stall } = options;
  const value = (name: string, given: string | number | undefined): readonly string[] =>
    given === undefined ? [] : [name, String(given)];
  return [
    '--control',
    ...value('--file', file),
    ...value('--port', port),
    ...value('--mount', mount),
    ...value('--user', user),
    ...value('--password', password),
    ...value('--auth', auth),
    ...value('--protocols', protocols),
    ...value('--stall-after', stall?.afterS),
    ...value('--stall-for', stall?.forS),
    ...(loop ? ['--loop'] : []),
    ...(reportFrames === true ? ['--report-frames'] : []),
  ];
}

async function end(child: ChildProcess, signal: NodeJS.Signals, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) child.kill(signal);
  if (child.pid !== undefined) await exited;
}
