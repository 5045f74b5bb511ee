import type { JSX } from 'preact';

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
  snapshot: ['M4 8.5h3.5L9 6h6l1.5 2.5H20V19H4z', 'M12 10.2a3.2 3.2 0 1 0 .01 0z'],
  pip: ['M4 5.5h16v13H4z', 'M12.5 12.5h5.5v4h-5.5z'],
  keys: ['M3.5 7h17v10.5h-17z', 'M7 10.5v.01', 'M10.3 10.5v.01', 'M13.7 10.5v.01', 'M17 10.5v.01', 'M8.5 14h7'],
  swap: ['M4 9h14', 'M14.5 5.5L18 9l-3.5 3.5', 'M20 15H6', 'M9.5 11.5L6 15l3.5 3.5'],
  settings: ['M4 7h9', 'M17 7h3', 'M15 5v4', 'M4 17h3', 'M11 17h9', 'M9 15v4', 'M4 12h16'],
  edit: ['M5 19l.8-3.6L15.6 5.6a1.6 1.6 0 0 1 2.3 0l.5.5a1.6 1.6 0 0 1 0 2.3L8.6 18.2z', 'M14 7.2l2.8 2.8'],
  lock: ['M6.5 11h11v8.5h-11z', 'M8.5 11V8a3.5 3.5 0 0 1 7 0v3', 'M12 14.2v2.2'],
  pin: ['M9 4.5h6', 'M10 4.5v5.2L7 13.5h10l-3-3.8V4.5', 'M12 13.5v6'],
  plus: ['M12 5v14', 'M5 12h14'],
  close: ['M6 6l12 12', 'M18 6L6 18'],
  trash: ['M5 7h14', 'M9.5 7V5h5v2', 'M7 7l.8 12h8.4L17 7'],
  retry: ['M19 12a7 7 0 1 1-2.2-5.1', 'M17.5 3.5V7H14'],
  back: ['M15 5l-7 7 7 7'],
  download: ['M12 4v11', 'M7.5 11l4.5 4.5 4.5-4.5', 'M5 19.5h14'],
  people: [
    'M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
    'M3.5 19c.4-3.2 2.6-5 5.5-5s5.1 1.8 5.5 5',
    'M15.5 5.4a3 3 0 0 1 0 5.2',
    'M17.5 14.4c1.7.7 2.8 2.3 3 4.6',
  ],
} as const;

/** A key of the icons above. */
export type IconName = keyof typeof ICONS;

/** An icon that screen readers pass over. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      {ICONS[name].map((d) => (
        <path key={d} d={d} />
      ))}
    </svg>
  );
}
