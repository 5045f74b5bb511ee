import * as z from 'zod';
import { explainUrlCharacters } from '../../shared/config/url-characters.js';
import { DiptychError } from '../../shared/domain/errors.js';
import { CONVERTERS } from './model-converters.js';

/** `package@exact-version`; what `npm pack` takes. */
const npmSchema = z.string().regex(/^(@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+$/, 'name one exact version: package@1.2.3');
/** File inside the package. */
const pathSchema = z.string().regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'a plain path inside the package');
/** A URL parser leaves line feeds out and takes the rest, so they are refused before it. */
const urlSchema = z
  .string()
  .refine((url) => explainUrlCharacters(url) === undefined, 'a URL holds no spaces and no control characters')
  .pipe(z.url({ protocol: /^https?$/ }));
const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const sourceSchema = z.union([
  z.strictObject({ url: urlSchema }),
  z.strictObject({ npm: npmSchema, path: pathSchema }),
  /** Published in another form, and made into the model here; the entry's sha256 is that of the result. */
  z.strictObject({
    npm: npmSchema,
    files: z.array(z.strictObject({ path: pathSchema, sha256: sha256Schema })).min(1),
    convert: z.enum(CONVERTERS),
  }),
]);

const inputSchema = z.strictObject({
  /** The model's own only input when absent. */
  name: z.string().optional(),
  size: z.union([
    z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
    /** Any size whose sides are multiples of this; chosen to fit the source's aspect. */
    z.strictObject({
      multipleOf: z.int().positive(),
      /** Long sides for people who are near and who are far, for models whose scores depend on it; else `detect.inputWidth`. */
      longSides: z.tuple([z.int().positive(), z.int().positive()]).optional(),
    }),
  ]),
  channels: z.enum(['BGR', 'RGB']),
  order: z.enum(['nchw', 'nhwc']),
  /** Tensor value = (pixel − mean) × scale, pixels 0 … 255. */
  mean: z.number(),
  scale: z.number().positive(),
  /** Pixel value of the bars beside the picture. */
  pad: z.number().min(0).max(255),
});

const commonFields = {
  /** What the configuration calls it. */
  name: z.string().regex(/^[a-z0-9][a-z0-9-]*$/),
  /** One line for people: what it is, and what to know before using it. */
  title: z.string().min(1),
  /** Its name in the model folder and in the cache. */
  file: z.string().regex(/^[\w.-]+\.onnx$/),
  licence: z.string().min(1),
  /** Absent for a file that the user brought. */
  homepage: z.url().optional(),
  /** Tried in this order; empty where the user has to bring the file. */
  sources: z.array(sourceSchema),
  sha256: sha256Schema.optional(),
  bytes: z.int().positive().optional(),
  input: inputSchema,
  /** Names of the outputs in the order the decoder reads them; the file's own order when absent. */
  outputs: z.array(z.string()).optional(),
};

const detectorSchema = z.strictObject({
  ...commonFields,
  task: z.enum(['face-detector', 'person-detector']),
  decoder: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('yunet') }),
    z.strictObject({ type: z.literal('blazeface') }),
    z.strictObject({ type: z.literal('full-range-face') }),
    z.strictObject({ type: z.literal('scrfd') }),
    z.strictObject({
      type: z.literal('yolov8'),
      classes: z.int().positive(),
      keypoints: z.int().min(0),
    }),
  ]),
  /** `whole` runs once on the picture; `scheduled` on parts of it, for models of a small input. */
  regions: z.enum(['whole', 'scheduled']),
  /** Finds below it are noise with this model, whatever the configuration asks for. */
  minScore: z.number().min(0).max(1),
});

/** Of a body (COCO). */
const BODY_KEYPOINTS = 17;

const pointSchema = z.tuple([z.number(), z.number()]);

const embedderSchema = z.strictObject({
  ...commonFields,
  task: z.literal('embedder'),
  input: inputSchema.extend({
    size: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
    order: z.literal('nchw'),
  }),
  /** Numbers in one embedding. */
  length: z.int().positive(),
  /** How two embeddings are compared. */
  metric: z.enum(['cosine', 'l2']),
  /** How the subject is placed in the input. */
  alignment: z.discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('landmarks'),
      /** Where right eye, left eye, nose tip, right and left mouth corner come to lie, pixels of the input. */
      points: z.tuple([pointSchema, pointSchema, pointSchema, pointSchema, pointSchema]),
    }),
    /** The detection's box, stretched to the input. */
    z.strictObject({ type: z.literal('box') }),
  ]),
});

const poseSchema = z.strictObject({
  ...commonFields,
  task: z.literal('pose'),
  input: inputSchema.extend({
    size: z.strictObject({ width: z.int().positive(), height: z.int().positive() }),
    order: z.literal('nchw'),
  }),
  /** People in one run on the CPU, at most: 1 where the file takes no more. */
  maxBatch: z.int().positive(),
});

const landmarkSchema = z.strictObject({ ...commonFields, task: z.literal('landmarks') });

const modelSchema = z
  .discriminatedUnion('task', [detectorSchema, embedderSchema, poseSchema, landmarkSchema])
  .refine((model) => model.sources.length === 0 || (model.sha256 !== undefined && model.bytes !== undefined), {
    error: 'a model that is downloaded needs sha256 and bytes',
  });

const manifestSchema = z
  .strictObject({
    version: z.literal(1),
    /** Detectors that `auto` tries, best first. */
    autoDetector: z.array(z.string()).min(1),
    models: z.array(modelSchema),
  })
  .superRefine(({ autoDetector, models }, context) => {
    const names = models.map(({ name }) => name);
    for (const name of names.filter((each, i) => names.indexOf(each) !== i)) {
      context.addIssue({ code: 'custom', path: ['models'], message: `the name ${name} is used twice` });
    }
    for (const name of autoDetector) {
      if (models.some((model) => model.name === name && isDetector(model))) continue;
      context.addIssue({ code: 'custom', path: ['autoDetector'], message: `${name} is no detector of this list` });
    }
  });

/** One model: what it is for, where its file comes from, how its input and outputs are read. */
export type ModelEntry = z.output<typeof modelSchema>;
/** A model that finds faces or people. */
export type DetectorEntry = z.output<typeof detectorSchema>;
/** A model that turns an aligned face into numbers that are compared. */
export type EmbedderEntry = z.output<typeof embedderSchema>;
/** A model that finds the keypoints of one person at a time. */
export type PoseEntry = z.output<typeof poseSchema>;
/** Where a file comes from: a URL, a file of an npm package, or files of one that are converted. */
export type ModelSource = z.output<typeof sourceSchema>;
/** models/manifest.json, or that with the models that the user added. */
export type Manifest = z.output<typeof manifestSchema>;

/** Whether a model finds faces or people. */
export const isDetector = (model: ModelEntry): model is DetectorEntry =>
  model.task === 'face-detector' || model.task === 'person-detector';

/** Whether a model finds bodies with keypoints, so that the faces of its people are found by another. */
export const findsBodies = ({ task, decoder }: DetectorEntry): boolean =>
  task === 'person-detector' && decoder.type === 'yolov8' && decoder.keypoints === BODY_KEYPOINTS;

/** Whether a model finds the keypoints of one person at a time. */
export const isPose = (model: ModelEntry): model is PoseEntry => model.task === 'pose';

/** Whether a model embeds faces. */
export const isEmbedder = (model: ModelEntry): model is EmbedderEntry => model.task === 'embedder';

/**
 * Checks what `models/manifest.json` holds.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` with the place of the first mistake.
 */
export function parseManifest(json: string): Manifest {
  return parseAs(manifestSchema, json, 'models/manifest.json');
}

/** Models that the user added, in the same form. */
const customModelsSchema = z.strictObject({ version: z.literal(1), models: z.array(modelSchema) });

/**
 * Checks what the list of custom models holds.
 *
 * @param path - where the list lies, for the message
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` with the place of the first mistake.
 */
export function parseCustomModels(json: string, path: string): readonly ModelEntry[] {
  return parseAs(customModelsSchema, json, path).models;
}

function parseAs<T>(schema: z.ZodType<T>, json: string, path: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new DiptychError('DIPTYCH_E_MODEL', `${path} is not JSON: ${String(error)}`, { cause: error });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.') ?? '';
  throw new DiptychError('DIPTYCH_E_MODEL', `${path}, ${place || 'top level'}: ${issue?.message}`);
}

/**
 * Finds a model by name.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` naming those that there are.
 */
export function findModel({ models }: Manifest, name: string): ModelEntry {
  const model = models.find((each) => each.name === name);
  if (model !== undefined) return model;
  const known = models.map((each) => each.name).join(', ');
  throw new DiptychError('DIPTYCH_E_MODEL', `there is no model ${name}; models/manifest.json has ${known}`);
}
