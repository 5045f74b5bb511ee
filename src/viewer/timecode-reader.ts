import { decodeTimecode, locateTimecode, type RgbaPicture } from '../test-camera/timecode.js';

/*
 * Runs inside the viewer page: reads the time code of every frame that the video element shows.
 * The strip is looked for in the left half of a whole frame, then only its cells are read.
 */

interface Sighting {
  readonly frame: number;
  /** Wall clock, Unix milliseconds: when the frame is due on the screen. */
  readonly wallMs: number;
  /** When the camera had it; known of a camera of this device only. */
  readonly capturedMs?: number;
}

declare global {
  interface Window {
    diptychSightings: Sighting[];
  }
}

/** Canvas pixels for each cell of the strip: enough to average out compression. */
const CELL_PX = 6;
const COLUMNS = 12;
const ROWS = 3;
/** A strip that cannot be read so often in a row has moved. */
const MAX_MISSES = 15;

const video = document.querySelector('video');
if (!video) throw new Error('the page has no video');

const whole = document.createElement('canvas');
const cells = document.createElement('canvas');
cells.width = COLUMNS * CELL_PX;
cells.height = ROWS * CELL_PX;
const context = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const found = canvas.getContext('2d', { willReadFrequently: true });
  if (!found) throw new Error('no canvas');
  return found;
};
const wholeContext = context(whole);
const cellsContext = context(cells);
let place: { readonly x: number; readonly y: number; readonly width: number; readonly height: number } | undefined;
let misses = 0;
window.diptychSightings = [];

function look(): void {
  if (!video) return;
  whole.width = video.videoWidth;
  whole.height = video.videoHeight;
  wholeContext.drawImage(video, 0, 0);
  const picture: RgbaPicture = wholeContext.getImageData(0, 0, whole.width, whole.height);
  place = locateTimecode(picture, { x: 0, y: 0, width: whole.width / 2, height: whole.height });
  misses = 0;
}

function readFrame(): number | undefined {
  if (!video || !place) return undefined;
  cellsContext.drawImage(video, place.x, place.y, place.width, place.height, 0, 0, cells.width, cells.height);
  const { data } = cellsContext.getImageData(0, 0, cells.width, cells.height);
  return decodeTimecode(({ x, y }) => meanGreen(data, x, y), { x: 0, y: 0, width: cells.width, height: cells.height });
}

/** Mean of the green channel over the middle of a cell. */
function meanGreen(data: Uint8ClampedArray, x: number, y: number): number {
  let sum = 0;
  for (let row = -1; row <= 0; row += 1) {
    for (let column = -1; column <= 0; column += 1) {
      sum += data[4 * ((Math.floor(y) + row) * cells.width + Math.floor(x) + column) + 1] ?? 0;
    }
  }
  return sum / 4;
}

function onFrame(_now: number, { expectedDisplayTime, captureTime }: VideoFrameCallbackMetadata): void {
  const wallMs = performance.timeOrigin + Math.max(expectedDisplayTime, performance.now());
  const frame = readFrame();
  if (frame === undefined) {
    misses += 1;
    if (!place || misses > MAX_MISSES) look();
  } else {
    misses = 0;
    const captured = captureTime === undefined ? {} : { capturedMs: performance.timeOrigin + captureTime };
    window.diptychSightings.push({ frame, wallMs, ...captured });
  }
  video?.requestVideoFrameCallback(onFrame);
}

video.requestVideoFrameCallback(onFrame);
