import { signal } from '@preact/signals';
import type { StreamView } from '../../shared/domain/stream-status.js';
import { callApi } from '../api.js';
import { firstAnsweringHost, goOnWith } from '../hosts.js';
import { at } from '../urls.js';
import { statePill } from '../wording.js';

const REFRESH_MS = 2_000;

/** The streams of the gateway, asked for every two seconds while the page is seen. */
export class StreamList {
  /** As last told; absent before the first answer. */
  readonly streams = signal<readonly StreamView[] | undefined>(undefined);
  /** Whether the gateway did not answer the last time. */
  readonly isLost = signal(false);

  /** Asks at once. */
  constructor() {
    void this.refresh();
    setInterval(() => {
      if (!document.hidden) void this.refresh();
    }, REFRESH_MS);
  }

  /** Asks now. Never rejects. */
  async refresh(): Promise<void> {
    try {
      this.streams.value = await callApi<StreamView[]>('GET', at('api/v1/streams'));
      this.isLost.value = false;
    } catch {
      const host = this.isLost.value ? await firstAnsweringHost() : undefined;
      if (host !== undefined) goOnWith(host);
      this.isLost.value = true;
    }
  }
}

/** Those whose name, address or state holds every word. */
export function searchStreams(streams: readonly StreamView[], text: string): readonly StreamView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return streams.filter((stream) => {
    const all = `${stream.id} ${statePill(stream).label} ${stream.source.url} ${stream.host?.host ?? ''}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
