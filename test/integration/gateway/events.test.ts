import { request, type IncomingMessage } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import type { LoggedEvent } from '#src/shared/domain/logged-event.js';
import { hallGateway } from './fixture/hall-gateway.js';

const WAIT = { timeout: 20_000, interval: 20 };
const EVENTS = '/api/v1/streams/hall/events';

const { call, gateway } = hallGateway();

const events = async (query = ''): Promise<LoggedEvent[]> => (await call('GET', EVENTS + query)).body as LoggedEvent[];

interface Follower {
  readonly response: IncomingMessage;
  readonly messages: { readonly id?: string; readonly event?: string; readonly data: unknown }[];
  readonly raw: () => string;
  readonly isOver: () => boolean;
  readonly end: () => void;
}

/** Reads events as a browser's EventSource does. */
async function follow(path: string, headers: Record<string, string> = {}): Promise<Follower> {
  const sent = request(gateway().url + path, { headers: { accept: 'text/event-stream', ...headers } });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject).end();
  });
  const messages: Follower['messages'] = [];
  let [rest, raw, isOver] = ['', '', false];
  response.setEncoding('utf8').on('data', (text: string) => {
    raw += text;
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      ) as { id?: string; event?: string; data?: string };
      const { data, ...more } = fields;
      if (data !== undefined) messages.push({ ...more, data: JSON.parse(data) as unknown });
    }
  });
  response.on('end', () => (isOver = true)).on('error', () => undefined);
  return { response, messages, raw: () => raw, isOver: () => isOver, end: () => sent.destroy() };
}

const kindsOf = ({ messages }: Follower): string[] =>
  messages.map(({ event, data }) => event ?? (data as LoggedEvent).kind);

describe('events of a stream', () => {
  it('are kept, in words and for programs, without secrets', async () => {
    await call('PATCH', '/api/v1/streams/hall', { slots: { labels: ['Anna'] } });
    await call('POST', '/api/v1/streams/hall/slots', { action: 'swap' });

    const kept = await events();

    expect(kept[0]).toMatchObject({ kind: 'added', data: { url: 'rtsp://***@camera.invalid/1' } });
    expect(kept).toContainEqual(expect.objectContaining({ kind: 'target', text: 'Target tv receives the stream.' }));
    expect(kept).toContainEqual(
      expect.objectContaining({ kind: 'state', text: 'The stream is live.', data: { from: 'connecting', to: 'live' } }),
    );
    expect(kept).toContainEqual(
      expect.objectContaining({
        kind: 'options_changed',
        text: 'Changed: slots.labels.',
        data: { live: ['slots.labels'], restart: [] },
      }),
    );
    expect(kept.at(-1)).toMatchObject({ kind: 'slots', text: 'The tiles were swapped.', data: { action: 'swap' } });
    expect(JSON.stringify(kept)).not.toContain('geheim');
    expect(kept.map(({ id }) => id)).toEqual([...kept].map(({ id }) => id).sort((a, b) => a - b));
  });

  it('are given in part', async () => {
    const kept = await events();
    const [, second] = kept;

    expect(await events('?limit=2')).toEqual(kept.slice(-2));
    expect(await events(`?since=${second?.id ?? 0}`)).toEqual(kept.slice(2));
    expect(await events('?limit=0')).toEqual([]);
  });

  it.each([
    ['limit=-1', /^limit: /],
    ['limit=1001', /^limit: /],
    ['limit=x', /^limit: /],
    ['since=yesterday', /^since: /],
  ])('%s is refused', async (query, message) => {
    const { status, body } = await call('GET', `${EVENTS}?${query}`);

    expect(status).toBe(400);
    expect((body as { error: { message: string } }).error.message).toMatch(message);
  });

  it('of a stream that is not there are not found', async () => {
    expect((await call('GET', '/api/v1/streams/x/events')).status).toBe(404);
    const { response } = await follow('/api/v1/streams/x/events');
    expect(response.statusCode).toBe(404);
    response.resume();
  });
});

describe('events as they happen', () => {
  it('come to those who follow, those that are kept first, and go on after a break', async () => {
    const kept = await events();
    const first = await follow(EVENTS);
    await vi.waitFor(() => expect(first.messages).toHaveLength(kept.length), WAIT);

    await call('POST', '/api/v1/streams/hall/slots', { action: 'lock' });
    await vi.waitFor(() => expect(kindsOf(first).at(-1)).toBe('slots'), WAIT);
    const lastId = first.messages.at(-1)?.id ?? '';
    first.end();
    await call('POST', '/api/v1/streams/hall/slots', { action: 'unlock' });
    const second = await follow(EVENTS, { 'last-event-id': lastId });
    await vi.waitFor(() => expect(second.messages).toHaveLength(1), WAIT);
    second.end();

    expect(first.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(first.raw()).toMatch(/^retry: \d+\n\n/);
    expect(first.messages.map(({ data }) => data).slice(0, kept.length)).toEqual(kept);
    expect(second.messages[0]?.data).toMatchObject({ data: { action: 'unlock' } });
  });

  it('can be followed from now on', async () => {
    const follower = await follow(`${EVENTS}?limit=0`);

    await call('POST', '/api/v1/streams/hall/slots', { action: 'swap' });
    await vi.waitFor(() => expect(follower.messages).toHaveLength(1), WAIT);
    follower.end();

    expect(kindsOf(follower)).toEqual(['slots']);
  });

  it('end when the stream is deleted, and go on when it is renamed', async () => {
    await call('POST', '/api/v1/streams', { id: 'old', source: { url: 'test:' } });
    const follower = await follow('/api/v1/streams/old/events');

    await call('PATCH', '/api/v1/streams/old', { id: 'new' });
    await vi.waitFor(() => expect(kindsOf(follower)).toContain('renamed'), WAIT);
    await call('DELETE', '/api/v1/streams/new');
    await vi.waitFor(() => expect(follower.isOver()).toBe(true), WAIT);

    expect(kindsOf(follower).at(-1)).toBe('gone');
  });

  it('that a slow reader has missed are told as missed, and it goes on with those that are kept', async () => {
    const follower = await follow(EVENTS);
    await vi.waitFor(() => expect(follower.messages.length).toBeGreaterThan(0), WAIT);
    follower.response.pause();
    const stream = gateway().registry.get('hall');
    const words = 'x'.repeat(10_000);

    for (let n = 0; n < 3000; n++) stream.emit('event', { ptsMs: n, name: `kind_${n}`, details: { words } });
    follower.response.resume();
    await vi.waitFor(() => expect(kindsOf(follower).at(-1)).toBe('kind_2999'), WAIT);
    follower.end();

    expect(kindsOf(follower).filter((kind) => kind === 'missed')).toHaveLength(1);
    expect(await events()).toHaveLength(1000);
  });
});
