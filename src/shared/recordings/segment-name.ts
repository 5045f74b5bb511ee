/** Names that the addon gives to segments: the wall clock of the first picture, in UTC. */
const SEGMENT = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)\.(\d{3})Z(?:-\d{1,4})?\.mp4$/;

/** Whether a file of this name can be a segment; nothing else is ever listed, served or deleted. */
export const isSegmentName = (name: string): boolean => SEGMENT.test(name);

/** When a segment began, as its name says, ISO 8601 in UTC; `undefined` where the name is none of a segment. */
export function startOfSegment(name: string): string | undefined {
  const [, day = '', hour = '', minute = '', second = '', ms = ''] = SEGMENT.exec(name) ?? [];
  if (day === '') return undefined;
  const text = `${day}T${hour}:${minute}:${second}.${ms}Z`;
  return Number.isNaN(Date.parse(text)) ? undefined : text;
}

/** The name of the journal that lies beside a segment. */
export const journalNameOf = (segment: string): string => segment.replace(/\.mp4$/, '.json');

/** The name of the segment that a journal lies beside; `undefined` where the name is none of a journal. */
export function segmentOfJournal(name: string): string | undefined {
  if (!name.endsWith('.json')) return undefined;
  const segment = name.replace(/\.json$/, '.mp4');
  return isSegmentName(segment) ? segment : undefined;
}
