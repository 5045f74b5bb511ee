import type { Size } from '../shared/domain/box.js';
import { CLIPS, type ClipName } from './clips.js';
import { torsoMargin } from './studio-art.js';
import { clipGeometry, cornerAt, cornerExpression, panExpression, type Scene } from './scene.js';
import { TIMECODE_COLUMNS, TIMECODE_ROWS, timecodeInner, timecodeRules, timecodeSize } from './timecode.js';

/** Side of a time code cell, fraction of the picture's height: 28 pixels of 1080. */
const CELL_RATIO = 28 / 1080;
/** Distance from the face's centre down to the strip's top, fraction of the picture's height. */
const CHEST_RATIO = 0.2;

/** Size of the picture, pixels, and how it is put together. */
export interface SceneGraphOptions extends Size {
  /** Frames a second of the scene. */
  readonly fps: number;
  /** Where the desk picture is laid over. */
  readonly deskTop: number;
}

/**
 * The ffmpeg filter graph of a scene, from its inputs to `[picture]`. Inputs in order: backdrop,
 * desk, then for each person the clip, the torso and the outline mask.
 */
export function sceneFilterGraph(scene: Scene, options: SceneGraphOptions): string {
  const { fps, deskTop } = options;
  const frames = Math.round(scene.durationS * fps);
  const set = turnedSet(scene, options);
  const lines = [
    `[0:v]format=yuv420p${set.widened},loop=loop=-1:size=1:start=0,setpts=N/${fps}/TB,` +
      `trim=end_frame=${frames}${set.cropped}[backdrop]`,
    `[1:v]format=yuva420p${set.widened}[desk]`,
  ];
  const layers = drawingOrder(scene);
  let input = 2;
  for (const [person, { clip }] of scene.people.entries()) {
    const copies = layers.flatMap((drawn, layer) => (drawn.person === person ? [layer] : []));
    lines.push(...personLines(clip, person, input, copies, options));
    input += 3;
  }

  let below = 'backdrop';
  for (const [layer, { person, enable }] of layers.entries()) {
    const { x, y } = cornerExpression(scene, person, options);
    const rest = `:y='${y}':eval=frame${enable === undefined ? '' : `:enable='${enable}'`}`;
    const margin = torsoMargin(scene.people[person]?.clip ?? 'webcam', options);
    lines.push(`[${below}][head${layer}]overlay=x='${x}'${rest}[h${layer}]`);
    lines.push(`[h${layer}][torso${layer}]overlay=x='${x}-${margin}'${rest}[t${layer}]`);
    below = `t${layer}`;
  }
  const strips = scene.hasTimecode ? scene.people.flatMap((_, i) => timecodeFilters(scene, i, options)) : ['null'];
  lines.push(`[${below}]${strips.join(',')}[marked]`, `[marked][desk]overlay=x=${set.left}:y=${deskTop}[picture]`);
  return lines.join(';\n');
}

/** Backdrop and desk are widened where the camera turns, so that none of its turns shows their edge. */
function turnedSet({ camera }: Scene, size: Size): { widened: string; cropped: string; left: string } {
  if (camera === undefined) return { widened: '', cropped: '', left: '0' };
  const margin = 2 * Math.ceil((size.width * Math.max(...camera.map(({ x }) => Math.abs(x)))) / 2);
  const pan = panExpression(camera, size);
  return {
    widened: `,scale=${size.width + 2 * margin}:ih`,
    cropped: `,crop=${size.width}:${size.height}:x='${margin}-${pan}':y=0`,
    left: `'${pan}-${margin}'`,
  };
}

/** The outer rectangle of a person's strip in the rendered picture; even pixels. */
export function timecodePlace(scene: Scene, person: number, size: Size): { x: number; y: number; cellPx: number } {
  const cellPx = 4 * Math.round((CELL_RATIO * size.height) / 4);
  const corner = cornerAt(scene, person, 0, size);
  const { anchor } = clipGeometry(scene.people[person]?.clip ?? 'webcam', size);
  const strip = timecodeSize(cellPx);
  return {
    x: 2 * Math.round((corner.x + anchor.x - strip.width / 2) / 2),
    y: 2 * Math.round((corner.y + anchor.y + CHEST_RATIO * size.height) / 2),
    cellPx,
  };
}

/** Back to front. Whoever is in front for a while only is drawn twice, each copy for its time. */
function drawingOrder(scene: Scene): readonly { readonly person: number; readonly enable?: string }[] {
  const everybody = scene.people.map((_, person) => person);
  const spans = [{ fromS: 0, person: 0 }, ...scene.front].map(({ fromS, person }, i) => ({
    person,
    enable: `gte(t,${fromS})*lt(t,${scene.front[i]?.fromS ?? scene.durationS})`,
  }));
  if (spans.length === 1) return [...everybody.slice(1), 0].map((person) => ({ person }));
  return spans.flatMap(({ person, enable }) =>
    [...everybody.filter((other) => other !== person), person].map((drawn) => ({ person: drawn, enable })),
  );
}

/** A person's clip, cut out and going round, as `[headN]` for each layer N, and the torso as `[torsoN]`. */
function personLines(
  name: ClipName,
  person: number,
  input: number,
  layers: readonly number[],
  options: SceneGraphOptions,
): readonly string[] {
  const { crop, lengthS, chromaKey } = CLIPS[name];
  const { width, height } = clipGeometry(name, options);
  const half = Math.round(lengthS * options.fps);
  const copies = (label: string): string =>
    `split=${layers.length}${layers.map((layer) => `[${label}${layer}]`).join('')}`;
  const scaled = `scale=${width}:${height}:flags=bicubic`;
  const mask = `[${input + 2}:v]format=gray[m${person}]`;
  const cutOut =
    chromaKey === undefined
      ? [
          mask,
          `[c${person}]${scaled},format=yuv420p[s${person}]`,
          `[s${person}][m${person}]alphamerge,${copies('head')}`,
        ]
      : [
          mask,
          `[c${person}]chromakey=${chromaKey},despill=type=blue:mix=0.7:expand=0.2,format=yuva420p,split[d${person}][k${person}]`,
          `[d${person}]${scaled}[s${person}]`,
          // The outermost pixel still has some blue in it.
          `[k${person}]alphaextract,format=gray,erosion,${scaled}[a${person}]`,
          `[a${person}][m${person}]blend=all_mode=multiply[am${person}]`,
          `[s${person}][am${person}]alphamerge,${copies('head')}`,
        ];
  return [
    `[${input}:v]fps=${options.fps},trim=end_frame=${half},setpts=PTS-STARTPTS,` +
      `crop=${crop.width}:${crop.height}:${crop.x}:${crop.y},split[f${person}][b${person}]`,
    `[b${person}]reverse[r${person}]`,
    `[f${person}][r${person}]concat=n=2:v=1,loop=loop=-1:size=${2 * half}:start=0,` +
      `setpts=N/${options.fps}/TB[c${person}]`,
    ...cutOut,
    `[${input + 1}:v]format=yuva420p,${copies('torso')}`,
  ];
}

/** Green frame, black field, white guards, and a white box for each cell that is on in a frame. */
function timecodeFilters(scene: Scene, person: number, size: Size): readonly string[] {
  const { x, y, cellPx } = timecodePlace(scene, person, size);
  const outer = { x, y, ...timecodeSize(cellPx) };
  const inner = timecodeInner(outer);
  const box = (at: typeof outer, colour: string, enable?: string): string =>
    `drawbox=x=${at.x}:y=${at.y}:w=${at.width}:h=${at.height}:color=${colour}:t=fill` +
    (enable === undefined ? '' : `:enable='${enable}'`);
  const cell = (row: number, column: number): typeof outer => ({
    x: inner.x + (column * inner.width) / TIMECODE_COLUMNS,
    y: inner.y + (row * inner.height) / TIMECODE_ROWS,
    width: cellPx,
    height: cellPx,
  });
  return [
    box(outer, '0x00E000'),
    box(inner, 'black'),
    box({ ...inner, width: cellPx }, 'white'),
    ...timecodeRules().map(({ row, column, bits, odd }) => {
      const ones = [...bits.map((bit) => `floor(n/${2 ** bit})`), String(odd)].join('+');
      return box(cell(row, column), 'white', `mod(${ones},2)`);
    }),
  ];
}
