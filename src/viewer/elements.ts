type Child = Node | string | undefined;

type Properties<T> = Partial<Omit<T, 'style' | 'dataset'>> & {
  readonly dataset?: Readonly<Record<string, string>>;
  readonly aria?: Readonly<Record<string, string>>;
};

/** An element with properties, `data-` and `aria-` attributes, and children; text stays text. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  { dataset = {}, aria = {}, ...properties }: Properties<HTMLElementTagNameMap[K]> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const created = document.createElement(tag);
  Object.assign(created, properties);
  Object.assign(created.dataset, dataset);
  for (const [name, value] of Object.entries(aria))
    created.setAttribute(name === 'role' ? name : `aria-${name}`, value);
  created.append(...children.filter((child) => child !== undefined));
  return created;
}

/** Sets text only where it differs, so that screen readers and selections are not disturbed. */
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Paths on a 24 × 24 grid, drawn with a stroke. */
const ICONS = {
  sound: ['M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z', 'M15.5 9a4.2 4.2 0 0 1 0 6', 'M18 6.5a8 8 0 0 1 0 11'],
  muted: ['M4 9.5v5h3.5L12 18.5v-13L7.5 9.5z', 'M16 9.5l5 5', 'M21 9.5l-5 5'],
  boxes: [
    'M4 8V5.5A1.5 1.5 0 0 1 5.5 4H8',
    'M16 4h2.5A1.5 1.5 0 0 1 20 5.5V8',
    'M20 16v2.5a1.5 1.5 0 0 1-1.5 1.5H16',
    'M8 20H5.5A1.5 1.5 0 0 1 4 18.5V16',
    'M9.5 10.5v.5',
    'M14.5 10.5v.5',
    'M9.5 14.5c1.4 1.2 3.6 1.2 5 0',
  ],
  fullscreen: ['M4 9V4h5', 'M15 4h5v5', 'M20 15v5h-5', 'M9 20H4v-5'],
  link: [
    'M10 14a4 4 0 0 0 6 .4l3-3a4.2 4.2 0 0 0-6-6l-1.5 1.5',
    'M14 10a4 4 0 0 0-6-.4l-3 3a4.2 4.2 0 0 0 6 6l1.5-1.5',
  ],
  back: ['M15 5l-7 7 7 7'],
  download: ['M12 4v11', 'M7.5 11l4.5 4.5 4.5-4.5', 'M5 19.5h14'],
  people: [
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
    'M3.5 19c.4-3.2 2.6-5 5.5-5s5.1 1.8 5.5 5',
    'M15.5 5.4a3 3 0 0 1 0 5.2',
    'M17.5 14.4c1.7.7 2.8 2.3 3 4.6',
  ],
  delete: ['M5 7h14', 'M10 7V4.5h4V7', 'M7 7l.8 12.5h8.4L17 7', 'M10.5 10.5v5.5', 'M13.5 10.5v5.5'],
} as const;

/** A key of the icons above. */
export type IconName = keyof typeof ICONS;

const SVG = 'http://www.w3.org/2000/svg';

/** An icon that screen readers pass over; its size is that of the text. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  for (const d of ICONS[name]) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** The two tiles that stand for Diptych, and its name; leads to the list. */
export function brand(): HTMLAnchorElement {
  const mark = element('span', { className: 'brand-mark', aria: { hidden: 'true' } }, element('i'), element('i'));
  return element('a', { className: 'brand', href: '/' }, mark, 'Diptych');
}
