import type { RecordingSegment } from '../shared/domain/recording.js';

/** The recordings of a stream, by the API of the gateway. Every method throws an Error with a sentence for people. */
export class RecordingsClient {
  readonly #stream: string;

  constructor(streamId: string) {
    this.#stream = `/api/v1/streams/${encodeURIComponent(streamId)}`;
  }

  /** Newest first. */
  async list(): Promise<readonly RecordingSegment[]> {
    const response = await ask(`${this.#stream}/recordings`);
    return (await response.json()) as RecordingSegment[];
  }

  /** Begins to record, or completes what is recorded. */
  async record(enabled: boolean): Promise<void> {
    const body = JSON.stringify({ record: { enabled } });
    await ask(this.#stream, { method: 'PATCH', headers: { 'content-type': 'application/json' }, body });
  }

  /** Deletes a segment, and what lies beside it. */
  async remove(name: string): Promise<void> {
    await ask(this.address(name), { method: 'DELETE' });
  }

  /** Where a file is: a segment, or the journal beside one. */
  address(name: string): string {
    return `${this.#stream}/recordings/${encodeURIComponent(name)}`;
  }
}

async function ask(url: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, options);
  } catch {
    throw new Error('the gateway does not answer; try again when it does');
  }
  if (response.ok) return response;
  const answer = (await response.json().catch(() => undefined)) as
    { readonly error?: { readonly message?: string } } | undefined;
  throw new Error(answer?.error?.message ?? `the gateway answered ${response.status}`);
}
