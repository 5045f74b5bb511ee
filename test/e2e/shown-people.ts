/** What a page shows of its people while one picture is on screen. */
export interface ShownSample {
  /** Colour of each person in the list, `#rrggbb`, by what the list calls them; those without a tile are left out. */
  readonly list: Readonly<Record<string, string>>;
  /** The same of the tiles that can be clicked. */
  readonly tiles: Readonly<Record<string, string>>;
  /** For each colour of the boxes over the picture: how bright the picture is below the box, 0 to 255. */
  readonly drawn: Readonly<Record<string, number>>;
}

/** Runs in the page: looks at list, tiles, boxes and picture, once for each of so many pictures. */
export function sampleShownPeople(pictures: number): Promise<ShownSample[]> {
  const COLOURS = ['#5fd3c4', '#f2b866', '#9db4ff', '#f29bb2'];
  const video = document.querySelector<HTMLVideoElement>('video:last-of-type');
  const overlay = document.querySelector<HTMLCanvasElement>('canvas.overlay');
  if (!video || !overlay) return Promise.resolve([]);
  const picture = document.createElement('canvas');
  const context = picture.getContext('2d', { willReadFrequently: true });
  const hex = (red: number, green: number, blue: number): string =>
    `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`;

  const coloursOf = (
    rows: Iterable<Element>,
    nameOf: (row: Element) => string,
    slotOf: (row: Element) => Element | null,
  ) => {
    const found: Record<string, string> = {};
    for (const row of rows) {
      const slot = slotOf(row);
      if (!slot || slot.getAttribute('data-slot') === 'none') continue;
      const colour = getComputedStyle(slot).getPropertyValue('--tile').trim();
      found[nameOf(row)] = colour;
    }
    return found;
  };

  /** Brightness of the picture below each box, by the colour of the box. */
  const drawnNow = (): Record<string, number> => {
    const { width, height } = overlay;
    Object.assign(picture, { width, height });
    context?.drawImage(video, 0, 0, width, height);
    const ink = overlay.getContext('2d')?.getImageData(0, 0, width, height).data ?? new Uint8ClampedArray();
    const boxes = new Map<string, { left: number; right: number; top: number; bottom: number; count: number }>();
    for (let at = 0; at < ink.length; at += 4) {
      if (ink[at + 3] !== 255) continue;
      const colour = hex(ink[at] ?? 0, ink[at + 1] ?? 0, ink[at + 2] ?? 0);
      if (!COLOURS.includes(colour)) continue;
      const [x, y] = [(at / 4) % width, Math.floor(at / 4 / width)];
      const box = boxes.get(colour) ?? { left: x, right: x, top: y, bottom: y, count: 0 };
      boxes.set(colour, {
        ...{ left: Math.min(box.left, x), right: Math.max(box.right, x), top: box.top, bottom: y },
        count: box.count + 1,
      });
    }
    const drawn: Record<string, number> = {};
    for (const [colour, { left, right, top, bottom, count }] of boxes) {
      if (count < 20) continue;
      const x = Math.round((left + right) / 2);
      const y = Math.min(height - 8, Math.round(bottom + (bottom - top) * 0.6));
      const { data } = context?.getImageData(Math.max(0, x - 4), y, 8, 8) ?? { data: [] };
      let sum = 0;
      for (let at = 0; at < data.length; at += 4)
        sum += ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3;
      drawn[colour] = Math.round(sum / 64);
    }
    return drawn;
  };

  return new Promise((resolve) => {
    const samples: ShownSample[] = [];
    const onPicture = (): void => {
      samples.push({
        list: coloursOf(
          document.querySelectorAll('.person'),
          (row) => row.querySelector('.name')?.textContent ?? '',
          (row) => row.querySelector('.swatch'),
        ),
        tiles: coloursOf(
          document.querySelectorAll('.tile'),
          (row) =>
            /, (person \d+|[^:]+):/i.exec(row.getAttribute('aria-label') ?? '')?.[1]?.replace('person', 'Person') ?? '',
          (row) => row,
        ),
        drawn: drawnNow(),
      });
      if (samples.length < pictures) video.requestVideoFrameCallback(onPicture);
      else resolve(samples);
    };
    // The page asked first, so that it has drawn this picture's people when this is called.
    video.requestVideoFrameCallback(onPicture);
  });
}
