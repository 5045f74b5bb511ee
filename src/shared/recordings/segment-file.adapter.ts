import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { chapterBoxes, type Chapter } from './chapters.js';
import { fragmentEnds, trackTimes } from './fragment-times.js';
import { BOX_HEADER_BYTES, playableBytes, readBox, type Mp4Box } from './mp4-boxes.js';

/** An index of fragments is some hundred bytes; a larger one is none of ours. */
const MAX_INDEX_BYTES = 1_000_000;
/** Boxes that are read, at most: a segment of a day has some four a second. */
const MAX_BOXES = 1_000_000;

/**
 * Cuts off what does not play at the end of a segment whose writer was stopped; nothing else is changed. One of which
 * all plays is left as it is. Not for one that is still written.
 *
 * @returns how many bytes play
 * @throws The file system's error
 */
export async function repairSegment(path: string): Promise<number> {
  return withFile(path, async (file, fileBytes) => {
    const bytes = playableBytes(await boxesOf(file, 0, fileBytes), fileBytes);
    if (bytes > 0 && bytes < fileBytes) await file.truncate(bytes);
    return bytes;
  });
}

/** What plays of a segment. */
export interface PlayedLength {
  /** To the end of its picture or its sound, whichever is later, s; 0 where nothing plays. */
  readonly durationS: number;
  /** Whether it shows anything. */
  readonly hasPicture: boolean;
}

/**
 * How long a segment plays.
 *
 * @throws The file system's error
 */
export async function playedLength(path: string): Promise<PlayedLength> {
  return withFile(path, async (file, fileBytes) => {
    const boxes = await boxesOf(file, 0, fileBytes);
    const index = boxes.find(({ type }) => type === 'moov');
    const moov = index && (await contentOf(file, index, fileBytes));
    if (!moov) return { durationS: 0, hasPicture: false };
    const tracks = trackTimes(moov);
    const ends = new Map<number, number>();
    for (const box of boxes.filter(({ type }) => type === 'moof').reverse()) {
      const moof = await contentOf(file, box, fileBytes);
      for (const [track, endS] of moof ? fragmentEnds(moof, tracks) : []) ends.set(track, ends.get(track) ?? endS);
      if (ends.size === tracks.size) break;
    }
    const hasPicture = [...ends].some(([id, endS]) => tracks.get(id)?.handler === 'vide' && endS > 0);
    return { durationS: Math.max(0, ...ends.values()), hasPicture };
  });
}

/**
 * Writes chapters into a segment, in the place of the comment that was put into its index to make room; nothing else
 * moves, and the file plays before and after.
 *
 * @returns whether they were written; false where there is no room, because they were written before
 * @throws The file system's error
 */
export async function writeChapters(path: string, chapters: readonly Chapter[]): Promise<boolean> {
  return withFile(path, async (file, fileBytes) => {
    const index = (await boxesOf(file, 0, fileBytes)).find(({ type }) => type === 'moov');
    const data = index && (await boxesIn(file, index)).find(({ type }) => type === 'udta');
    const comment = data && (await boxesIn(file, data)).find(({ type }) => type === 'meta');
    const boxes = comment && chapterBoxes(chapters, comment.size);
    if (!comment || !boxes) return false;
    await file.write(boxes, 0, boxes.length, comment.start);
    return true;
  });
}

async function withFile<T>(path: string, work: (file: FileHandle, fileBytes: number) => Promise<T>): Promise<T> {
  // A link that somebody put there is not followed.
  const file = await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  try {
    return await work(file, (await file.stat()).size);
  } finally {
    await file.close();
  }
}

/** A box with its header; `undefined` where it is not whole, or larger than any of ours. */
async function contentOf(file: FileHandle, { start, size }: Mp4Box, fileBytes: number): Promise<Buffer | undefined> {
  if (start + size > fileBytes || size > MAX_INDEX_BYTES) return undefined;
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, start);
  return bytes;
}

const boxesIn = (file: FileHandle, { start, size }: Mp4Box): Promise<Mp4Box[]> =>
  boxesOf(file, start + 8, start + size);

async function boxesOf(file: FileHandle, from: number, end: number): Promise<Mp4Box[]> {
  const boxes: Mp4Box[] = [];
  const header = Buffer.alloc(BOX_HEADER_BYTES);
  let start = from;
  while (start < end && boxes.length < MAX_BOXES) {
    const { bytesRead } = await file.read(header, 0, BOX_HEADER_BYTES, start);
    const box = readBox(header.subarray(0, bytesRead), start, end);
    if (box === undefined) break;
    boxes.push(box);
    start += box.size;
  }
  return boxes;
}
