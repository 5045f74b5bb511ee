import { Writable } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { createLogger } from '#src/shared/telemetry/logger.js';

class Capture extends Writable {
  readonly lines: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.lines.push(chunk.toString());
    done();
  }
}

it('writes one JSON object a line, with the time and the name of the part', () => {
  const destination = new Capture();
  const logger = createLogger({ format: 'json', name: 'gateway', destination });

  logger.info({ port: 1 }, 'up');

  const line = JSON.parse(destination.lines[0] ?? '') as Record<string, unknown>;
  expect(line).toMatchObject({ name: 'gateway', port: 1, msg: 'up', level: 30 });
  expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
});

it('writes for people when asked to', async () => {
  const destination = new Capture();
  const logger = createLogger({ format: 'pretty', name: 'gateway', destination });

  logger.warn('careful');

  await vi.waitFor(() => {
    expect(destination.lines.join('')).toMatch(/WARN.*careful/);
  });
});

it('leaves out what is less severe than the level', () => {
  const destination = new Capture();
  const logger = createLogger({ level: 'warn', format: 'json', destination });

  logger.info('chatter');
  logger.error('trouble');

  expect(destination.lines).toHaveLength(1);
});

it.each([
  { password: 'geheim' },
  { source: { password: 'geheim' } },
  { config: { source: { password: 'geheim' } } },
  { config: { source: { onvif: { password: 'geheim' } } } },
  { wanted: { config: { source: { onvif: { password: 'geheim' } } } } },
])('never writes the password of %j', (fields) => {
  const destination = new Capture();

  createLogger({ format: 'json', destination }).info(fields, 'configured');

  expect(destination.lines.join('')).not.toContain('geheim');
});

it.each(['json', 'pretty'] as const)('masks URLs in whatever %s lines hold them', async (format) => {
  const destination = new Capture();
  const logger = createLogger({ format, destination });

  logger.warn(
    { err: new Error('no rtsp://u:geheim@host/a'), list: [{ at: 'rtmp://h/app/geheim' }] },
    'http://h/?key=geheim',
  );

  await vi.waitFor(() => {
    expect(destination.lines.join('')).toContain('rtsp://***@host/a');
  });
  expect(destination.lines.join('')).not.toContain('geheim');
});
