import * as z from 'zod';
import { allLive } from './live-meta.js';
import { plainText } from './url-characters.js';
import { optionalZoneSchema, zoneSchema } from './zone-schema.js';

/** People whose names are known, at most. */
const MAX_NAMES = 32;
/** Zones without tiles, at most. */
const MAX_ZONES = 8;

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
    leaveOut: z
      .array(z.union([nameText().min(1), z.int().min(1)]))
      .max(MAX_NAMES)
      .default([])
      .describe(
        'people who get no tile: names, and numbers (people[].trackId) of those who have none. A number is that of a person as long as the gateway runs. Who is left out is still seen where the whole scene is shown, and beside others',
      ),
    zone: optionalZoneSchema
      .default([])
      .describe(
        'part of the picture whose people get tiles, by where their heads are: a list of at least 3 corners, each [x, y] in fractions of the width and height, from the upper left; empty for the whole picture',
      ),
    leaveOutZones: z
      .array(zoneSchema)
      .max(MAX_ZONES)
      .default([])
      .describe('parts of the picture whose people get no tiles, such as a screen or a window; each as zone'),
  }),
);
