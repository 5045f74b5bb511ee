import type { Box } from './box.js';
import type { TrackId } from './track.js';

/** An embedding of a face. */
export interface RememberedFace {
  /** As the embedder gave it: 32-bit floats, little endian, in base64. */
  readonly embedding: string;
  /** Of the crop, in (0, 1]. */
  readonly quality: number;
}

/** Somebody whom a run of a stream knows. */
export interface RememberedPerson {
  /** The identity. */
  readonly trackId: TrackId;
  /** Empty where somebody said that the person has none; absent where nobody has given one. */
  readonly name?: string;
  /** What the person is recognised by; empty where no face was seen well enough. */
  readonly faces: readonly RememberedFace[];
}

/** A tile as a run of a stream left it. */
export interface RememberedTile {
  /** Who was in it; absent where nobody was. */
  readonly trackId?: TrackId;
  /** Whether people have pinned that person to it. */
  readonly isPinned?: boolean;
  /** Where that person was last, fractions of the picture of the source. */
  readonly box?: Box;
}

/** The tiles as a run of a stream left them. */
export interface RememberedTiles {
  /** Whether people have locked them. */
  readonly isLocked: boolean;
  /** From left to right. */
  readonly tiles: readonly RememberedTile[];
}

/** Who is known to a run of a stream, so that the next run knows them as well. */
export interface RememberedPeople {
  /** Name of the network that made the embeddings; those of another one cannot be compared. */
  readonly model: string;
  /** No identity had this number or a higher one. */
  readonly nextTrackId: TrackId;
  /** In the order in which they were first seen. */
  readonly people: readonly RememberedPerson[];
  /** Who is in which tile; absent before the first picture. */
  readonly tiles?: RememberedTiles;
}
