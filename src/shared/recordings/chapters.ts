import type { LayoutName } from '../domain/layout.js';
import type { SegmentJournal, ShownEntry } from '../domain/recording.js';

/** A chapter of a segment. */
export interface Chapter {
  /** From the first picture of the segment, s. */
  readonly atS: number;
  /** Who is shown. */
  readonly title: string;
}

/** A chapter that is shorter is not worth one, s: the next takes its place. */
const SHORTEST_CHAPTER_S = 1;
/** As many as one byte counts. */
const MAX_CHAPTERS = 255;
const MAX_TITLE_BYTES = 255;
/** Units of time in the box, in one second. */
const UNITS_PER_S = 10_000_000;
/** Size, type, version 1 and flags, four reserved bytes, the count. */
const HEAD_BYTES = 17;
/** Size and type: a box that says nothing. */
const FREE_BYTES = 8;

const WITHOUT_PEOPLE: Readonly<Record<LayoutName, string>> = {
  single: 'Nobody',
  dual: 'Nobody',
  grid: 'Nobody',
  columns: 'Nobody',
  together: 'Nobody',
  scene: 'Whole scene',
  slate: 'No source',
};

/** The chapters of a segment: one for each time that who is shown changed, and for as long as that held. */
export function chaptersOf({ shown }: Pick<SegmentJournal, 'shown'>): readonly Chapter[] {
  const chapters: Chapter[] = [];
  for (const entry of shown) {
    const title = titleOf(entry);
    const last = chapters.at(-1);
    const isShort = last !== undefined && entry.atS - last.atS < SHORTEST_CHAPTER_S;
    const atS = isShort ? last.atS : entry.atS;
    if (isShort) chapters.pop();
    if (chapters.at(-1)?.title !== title) chapters.push({ atS, title });
  }
  return chapters;
}

function titleOf({ layout, people }: ShownEntry): string {
  if (layout === 'scene' || layout === 'slate' || people.length === 0) return WITHOUT_PEOPLE[layout];
  return people.map(({ trackId, name }) => name ?? `Person ${trackId}`).join(', ');
}

/**
 * Chapters as boxes for the user data (`moov/udta`) of an MP4 file: `chpl`, as Nero defined it and ffmpeg, mpv, VLC
 * and MP4Box read it, and a box that says nothing.
 *
 * @param chapters - 255 at most, titles of 255 bytes at most; what goes beyond is left out, as is what finds no room
 * @param bytes - size of both together; `undefined` is returned where that is too little for any chapter
 */
export function chapterBoxes(chapters: readonly Chapter[], bytes: number): Buffer | undefined {
  const entries: Buffer[] = [];
  let free = bytes - HEAD_BYTES - FREE_BYTES;
  for (const { atS, title } of chapters.slice(0, MAX_CHAPTERS)) {
    const text = cut(title, MAX_TITLE_BYTES);
    const head = Buffer.alloc(9);
    head.writeBigUInt64BE(BigInt(Math.round(atS * UNITS_PER_S)), 0);
    head.writeUInt8(text.length, 8);
    free -= head.length + text.length;
    if (free < 0) break;
    entries.push(head, text);
  }
  if (entries.length === 0) return undefined;
  const body = Buffer.concat(entries);
  const boxes = Buffer.alloc(bytes);
  boxes.writeUInt32BE(HEAD_BYTES + body.length, 0);
  boxes.write('chpl', 4, 'latin1');
  boxes.writeUInt8(1, 8);
  boxes.writeUInt8(entries.length / 2, HEAD_BYTES - 1);
  body.copy(boxes, HEAD_BYTES);
  const end = HEAD_BYTES + body.length;
  boxes.writeUInt32BE(bytes - end, end);
  boxes.write('free', end + 4, 'latin1');
  return boxes;
}

/** Text as UTF-8, cut between characters. */
function cut(text: string, maxBytes: number): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return bytes;
  let end = maxBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
