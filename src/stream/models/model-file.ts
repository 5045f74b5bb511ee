import { DiptychError } from '../../shared/domain/errors.js';
import {
  isDetector,
  isEmbedder,
  isPose,
  type DetectorEntry,
  type EmbedderEntry,
  type ModelEntry,
  type PoseEntry,
} from './manifest.js';

/** `path`: named by the user · `model-dir`: DIPTYCH_MODEL_DIR · `cache`: fetched before · else how it came now. */
export type ModelOrigin = 'path' | 'model-dir' | 'cache' | 'web' | 'npm';

/** A model's file on this machine, checked. */
export interface ModelFile<E extends ModelEntry = ModelEntry> {
  /** Its entry in the manifest. */
  readonly entry: E;
  /** Absolute path. */
  readonly path: string;
  /** Where it was found. */
  readonly origin: ModelOrigin;
}

/** A file that may be no model of the manifest. */
export interface LooseFile {
  /** Absolute path. */
  readonly path: string;
  /** Absent where nothing says which model the file is. */
  readonly entry: ModelEntry | undefined;
}

/** The detector that the configuration means. */
export interface ResolvedDetector extends ModelFile<DetectorEntry> {
  /** One sentence for the log and `diptych doctor`: why this one, and why those before it in `autoDetector` could not be had. */
  readonly reason: string;
  /** Finds the faces of people whose bodies this detector finds; absent for other detectors. */
  readonly faces?: ResolvedDetector;
  /** Finds the keypoints of those people, one at a time; absent where none is asked for. */
  readonly pose?: ModelFile<PoseEntry>;
}

/** Words for each origin, for the log. */
export const ORIGIN_TEXT: Readonly<Record<ModelOrigin, string>> = {
  path: 'file',
  'model-dir': 'from DIPTYCH_MODEL_DIR',
  cache: 'fetched earlier',
  web: 'downloaded now',
  npm: 'taken from npm now',
};

/**
 * The file of a detector.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if the model is not a detector.
 */
export function asDetector(file: ModelFile): ModelFile<DetectorEntry> {
  if (isDetector(file.entry)) return { ...file, entry: file.entry };
  const { name, task } = file.entry;
  if (isPose(file.entry)) {
    throw new DiptychError(
      'DIPTYCH_E_MODEL',
      `${name} finds the keypoints of one person at a time and is no detector; ` +
        `set detect.pose: ${name}, and detect.model to a detector of whole people (such as movenet)`,
    );
  }
  throw new DiptychError('DIPTYCH_E_MODEL', `${name} is no detector but ${task}`);
}

/**
 * The file of an embedder.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if the model is not an embedder.
 */
export function asEmbedder(file: ModelFile): ModelFile<EmbedderEntry> {
  if (isEmbedder(file.entry)) return { ...file, entry: file.entry };
  throw new DiptychError('DIPTYCH_E_MODEL', `${file.entry.name} is no embedder but ${file.entry.task}`);
}

/**
 * The file of a network that finds the keypoints of one person at a time.
 *
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` if the model is none.
 */
export function asPose(file: ModelFile): ModelFile<PoseEntry> {
  if (isPose(file.entry)) return { ...file, entry: file.entry };
  throw new DiptychError(
    'DIPTYCH_E_MODEL',
    `detect.pose: ${file.entry.name} does not find the keypoints of one person at a time, it is ${file.entry.task}; ` +
      'set it to a network such as RTMPose (diptych models add FILE), or to off',
  );
}

/**
 * Checks that a detector finds people whose keypoints can be read.
 *
 * @param pose - the network that reads them
 * @throws {@link DiptychError} `DIPTYCH_E_MODEL` where it finds faces.
 */
export function requireBodies({ entry }: ModelFile<DetectorEntry>, pose: ModelFile<PoseEntry>): void {
  if (entry.task === 'person-detector') return;
  throw new DiptychError(
    'DIPTYCH_E_MODEL',
    `detect.pose: ${pose.entry.name} reads the keypoints of whole people, and the detector, ${entry.name}, finds faces; ` +
      'set detect.model to a detector of whole people (such as movenet), or detect.pose to off',
  );
}

/** What to do about a detector's file that is not known. */
export const adviceForFile = (path: string): string => `write name=path, e.g. yolov8n=${path}`;

/** The same of a pose network: what it gives is not what streams read until it is added. */
export const adviceForPose = (path: string): string =>
  `run diptych models add ${path}, and set detect.pose to the name that it tells`;
