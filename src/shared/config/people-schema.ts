import { z } from 'zod';
import { allLive } from './live-meta.js';
import { plainText } from './url-characters.js';

/** People whose names are known, at most. */
const MAX_NAMES = 32;

/** The name of a person. */
export const nameText = (): z.ZodString => plainText().max(40);

/** Who the people are. */
export const peopleSchema = z.strictObject(
  allLive({
    names: z
      .array(nameText())
      .max(MAX_NAMES)
      .default([])
      .describe(
        'names of the people in the order in which they first have a tile; of those who come within a second of each other, from left to right. A name stays with its person through swaps of the tiles, absences and returns (reid); an empty one leaves its person without a name. A person is given another name by a click on their tile, or by POST …/slots {action: name}',
      ),
  }),
);
