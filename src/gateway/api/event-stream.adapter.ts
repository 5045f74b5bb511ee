import type { ServerResponse } from 'node:http';
import type { LoggedEvent } from '../../shared/domain/logged-event.js';

/** Events that can be followed. */
export interface FollowedEvents {
  /** Only events with a higher id are sent. */
  readonly since: number;
  /** Of the newest event that is not kept any more. */
  readonly lostId: number;
  /** The first event with a higher id. */
  after(id: number): LoggedEvent | undefined;
  /** Tells when there is one more, and when there are no more at all; the returned function ends that. */
  follow(listener: (news: 'event' | 'gone') => void): () => void;
}

/** Of the answer: no proxy is to hold it back or to keep it. */
export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
} as const;

/** A line that says nothing, so that proxies and readers know that the connection lives, ms. */
const HEARTBEAT_MS = 15_000;
/** A reader who has taken nothing for so many heartbeats is cut off; it may come back and goes on where it was. */
const MAX_STUCK_BEATS = 3;
/** When a reader whose connection ended comes back, ms. */
const RETRY_MS = 2_000;

/**
 * Sends events as `text/event-stream` until the reader goes away or there are no more. What a slow reader has not taken
 * yet is not held for it: it is read from where the events are kept, and what is not kept any more is told as `missed`.
 */
export function sendEventStream(response: ServerResponse, events: FollowedEvents): void {
  let lastId = events.since;
  let isGone = false;
  let stuckBeats = 0;
  // As much as Node lets wait, which differs by its version: only beyond that does it tell when there is room again.
  const hasRoom = (): boolean => !response.writableNeedDrain;
  const pump = (): void => {
    stuckBeats = 0;
    while (hasRoom()) {
      const event = events.after(lastId);
      if (event === undefined) {
        if (isGone) response.end('event: gone\ndata: {}\n\n');
        return;
      }
      // Only of those that were begun with: who asks for the first time wants what there is.
      if (lastId > 0 && lastId < events.lostId) response.write('event: missed\ndata: {}\n\n');
      lastId = event.id;
      response.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
    }
  };
  const heartbeat = setInterval(() => {
    if (response.writableLength === 0) response.write(': still here\n\n');
    else if (++stuckBeats >= MAX_STUCK_BEATS) response.destroy();
  }, HEARTBEAT_MS);
  const unfollow = events.follow((news) => {
    if (news === 'gone') isGone = true;
    if (hasRoom()) pump();
  });
  response.on('drain', pump);
  response.once('close', () => {
    clearInterval(heartbeat);
    unfollow();
  });
  response.on('error', () => response.destroy());
  response.write(`retry: ${RETRY_MS}\n\n`);
  pump();
}
