import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { FlvScanner, type FlvTag } from './flv-scanner.js';

/** Reads the tags of an FLV file, in their order, without holding it in memory; a tag that is not complete is left out. */
export async function readFlvTags(path: string, onTag: (tag: FlvTag) => void): Promise<void> {
  const scanner = new FlvScanner(onTag);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) scanner.add(chunk as Buffer);
}

/** Writes the last seconds of an FLV file, from a keyframe on, as a file that plays. */
export async function copyFlvTail(path: string, to: string, seconds: number): Promise<void> {
  const tags: FlvTag[] = [];
  const headers: FlvTag[] = [];
  await readFlvTags(path, (tag) => {
    if (tag.isHeader) headers.push(tag);
    if (tag.isKeyframe) tags.push(tag);
  });
  const endMs = tags.at(-1)?.timeMs ?? 0;
  const start = tags.find(({ timeMs }) => timeMs >= endMs - seconds * 1000);
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const part = async (from: number, length: number): Promise<Buffer> => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from);
      return buffer.subarray(0, bytesRead);
    };
    const from = start?.offset ?? 0;
    await writeFile(
      to,
      Buffer.concat([
        await part(0, FlvScanner.headerBytes),
        ...(await Promise.all(
          headers.filter(({ offset }) => offset < from).map(({ offset, bytes }) => part(offset, bytes)),
        )),
        await part(from, size - from),
      ]),
    );
  } finally {
    await file.close();
  }
}
