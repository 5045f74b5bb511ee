import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SrtReceiver } from '../integration/stream/stages/publish/srt-receiver.js';

/** A server of SRT that takes one sender after another. */
export class SrtListener {
  #isOpen = true;
  #receiver: SrtReceiver | undefined;
  readonly #over: Promise<void>;

  constructor(port: number, folder: string) {
    this.#over = this.#run(`srt://127.0.0.1:${port}?mode=listener`, folder);
  }

  async stop(): Promise<void> {
    this.#isOpen = false;
    await this.#receiver?.kill();
    await this.#over;
  }

  async #run(url: string, folder: string): Promise<void> {
    for (let turn = 0; this.#isOpen; turn++) {
      this.#receiver = new SrtReceiver(url, join(folder, `${turn}.ts`));
      await this.#receiver.over;
      await delay(50);
    }
  }
}
