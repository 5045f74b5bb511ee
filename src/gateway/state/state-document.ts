import * as z from 'zod';
import { stringify } from 'yaml';
import { explainIssues, formatPath } from '../../shared/config/explain-issue.js';
import { toSchemaNode } from '../../shared/config/json-schema.js';
import { readYaml } from '../../shared/config/read-yaml.js';
import { DiptychError } from '../../shared/domain/errors.js';

const hash = z.string().regex(/^[0-9a-f]{16}$/);

/** What an option was changed to. */
const changeSchema = z.strictObject({
  value: z.unknown().optional().describe('as it is now; absent where the option was taken out'),
  file: hash.optional().describe('hash of what the configuration said of it then; absent where it said nothing'),
});

const entrySchema = z.union([
  z.strictObject({ stream: z.string(), changed: z.record(z.string(), changeSchema) }),
  z.strictObject({ stream: z.string(), deleted: z.strictObject({ file: hash }) }),
  z.strictObject({ added: z.looseObject({ id: z.string() }) }),
]);

/** All that `streams.yaml` holds. */
export const stateSchema = z.strictObject({
  version: z.literal(1),
  generation: z.int().min(0),
  streams: z.array(entrySchema),
});

/** What the API changed of one option. */
export type OptionChange = z.output<typeof changeSchema>;
/** What the API changed of one stream. */
export type StateEntry = z.output<typeof entrySchema>;
/** What the API changed, all of it. */
export type StateDocument = z.output<typeof stateSchema>;

/** Nothing was changed yet. */
export const EMPTY_STATE: StateDocument = { version: 1, generation: 0, streams: [] };

/** More than all streams there may be, characters. */
const MAX_LENGTH = 16 * 1024 * 1024;

const HEAD = `# Written by the gateway: what API and page changed, over what the configuration file says.
# It holds passwords and stream keys. docs/configuration.md tells how both files go together.
`;

/** The text of `streams.yaml`. */
export const formatState = (state: StateDocument): string => HEAD + stringify(state, { lineWidth: 0 });

/**
 * Reads the text of `streams.yaml`.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_STATE` with what is wrong, without values of the text
 */
export function parseState(text: string): StateDocument {
  const read = readYaml(text, MAX_LENGTH);
  if (!read.ok) throw damaged(read.issues[0]?.message ?? 'it cannot be read as YAML');
  const result = stateSchema.safeParse(read.value);
  if (result.success) return result.data;
  const [issue] = explainIssues(result.error, read.value, toSchemaNode(stateSchema)).issues;
  throw damaged(issue ? `${formatPath(issue.path) || 'the document'}: ${issue.message}` : 'it is of another form');
}

const damaged = (reason: string): DiptychError => new DiptychError('DIPTYCH_E_STATE', reason);
