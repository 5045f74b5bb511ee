import type { OverlayBox } from '../shared/domain/overlay.js';
import type { OverlayFrame } from '../shared/ipc/messages.js';

interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** By tile; the same as in the list of people (viewer.css). */
const SLOT_COLORS = ['#5fd3c4', '#f2b866', '#9db4ff', '#f29bb2'] as const;
const NO_SLOT_COLOR = '#aeb9c6';
/** CSS pixels. */
const LINE_WIDTH = 2;
const LABEL_HEIGHT = 20;
const LABEL_PADDING = 7;
const CORNER_RATIO = 0.22;

/** Draws boxes and ids over the video. */
export class OverlayCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #drawn: OverlayFrame | undefined;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d');
    if (!context) throw new Error('this browser has no 2D canvas');
    this.#canvas = canvas;
    this.#context = context;
    new ResizeObserver(() => {
      this.#drawn = undefined;
    }).observe(canvas);
  }

  /** Draws the boxes of a frame, in place of those before. @param picture - the size that the boxes are measured in */
  draw(frame: OverlayFrame | undefined, picture: PictureSize): void {
    if (frame !== undefined && frame === this.#drawn) return;
    const { clientWidth, clientHeight } = this.#canvas;
    const pixelRatio = devicePixelRatio;
    const width = Math.round(clientWidth * pixelRatio);
    const height = Math.round(clientHeight * pixelRatio);
    if (this.#canvas.width !== width) this.#canvas.width = width;
    if (this.#canvas.height !== height) this.#canvas.height = height;
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.clearRect(0, 0, width, height);
    this.#drawn = frame;
    if (!frame || frame.boxes.length === 0) return;

    // The video is letterboxed into its element; the boxes go where the picture is.
    const scale = Math.min(clientWidth / picture.width, clientHeight / picture.height);
    const left = (clientWidth - picture.width * scale) / 2;
    const top = (clientHeight - picture.height * scale) / 2;
    this.#context.setTransform(pixelRatio, 0, 0, pixelRatio, left * pixelRatio, top * pixelRatio);
    for (const box of frame.boxes) this.#drawBox(box, scale);
  }

  #drawBox({ trackId, name, slot, box }: OverlayBox, scale: number): void {
    const context = this.#context;
    const color = (slot === undefined ? undefined : SLOT_COLORS[slot]) ?? NO_SLOT_COLOR;
    const x = box.x * scale;
    const y = box.y * scale;
    const width = box.width * scale;
    const height = box.height * scale;
    const corner = Math.min(width, height) * CORNER_RATIO;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    // A dark edge keeps the lines readable on a bright picture.
    for (const [style, lineWidth] of [
      ['rgb(0 0 0 / 45%)', LINE_WIDTH + 2],
      [color, LINE_WIDTH],
    ] as const) {
      context.strokeStyle = style;
      context.lineWidth = lineWidth;
      context.beginPath();
      context.moveTo(x, y + corner);
      context.lineTo(x, y);
      context.lineTo(x + corner, y);
      context.moveTo(x + width - corner, y);
      context.lineTo(x + width, y);
      context.lineTo(x + width, y + corner);
      context.moveTo(x + width, y + height - corner);
      context.lineTo(x + width, y + height);
      context.lineTo(x + width - corner, y + height);
      context.moveTo(x + corner, y + height);
      context.lineTo(x, y + height);
      context.lineTo(x, y + height - corner);
      context.stroke();
    }
    this.#drawLabel(name ?? `#${trackId}`, color, x, y);
  }

  #drawLabel(text: string, color: string, x: number, y: number): void {
    const context = this.#context;
    context.font = '600 12px system-ui, sans-serif';
    context.textBaseline = 'middle';
    const width = context.measureText(text).width + 2 * LABEL_PADDING;
    const top = y >= LABEL_HEIGHT + 6 ? y - LABEL_HEIGHT - 6 : y + 6;
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(x - 1, top, width, LABEL_HEIGHT, 5);
    context.fill();
    context.fillStyle = '#0c0f12';
    context.fillText(text, x - 1 + LABEL_PADDING, top + LABEL_HEIGHT / 2 + 0.5);
  }
}
