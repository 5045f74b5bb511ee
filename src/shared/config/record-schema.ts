import * as z from 'zod';
import { plainText } from './url-characters.js';

/** Recording one stream. */
export const recordSchema = z.strictObject({
  enabled: z.boolean().default(false).describe('whether the composed picture and its sound are recorded'),
  segmentS: z
    .int()
    .min(10)
    .max(86_400)
    .default(600)
    .describe(
      'length of a file (segment), s, at most: it ends with a keyframe. Higher makes fewer and larger files, lower loses less where one is damaged',
    ),
  segmentMb: z
    .int()
    .min(5)
    .max(4000)
    .default(1000)
    .describe('size of a segment, MB, at most; higher makes fewer and larger files, lower fits other media'),
  maxGb: z
    .number()
    .min(0.01)
    .max(1_000_000)
    .default(50)
    .describe(
      'all segments of the stream together, GB, at most: beyond it the oldest are deleted; higher keeps more, lower leaves more of the disk to others',
    ),
  maxAgeH: z
    .number()
    .min(0.01)
    .max(876_000)
    .default(168)
    .describe('a segment that ended so many hours ago is deleted; higher keeps them for longer, lower deletes sooner'),
});

/** Where recordings are kept. */
export const recordingsSchema = z.strictObject({
  folder: plainText()
    .max(1024)
    .regex(/^(\/|$)/, 'use a path from the root, such as /srv/recordings')
    .default('')
    .describe(
      'folder of all recordings, with one in it for each stream; it must exist. Empty: ~/.local/share/diptych/recordings, which is made',
    ),
});
