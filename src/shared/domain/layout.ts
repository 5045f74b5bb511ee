/** Ways to divide the picture. */
export const LAYOUTS = ['single', 'dual', 'grid', 'columns', 'together', 'scene', 'slate'] as const;
/**
 * `single`: one person, whole picture · `dual`: two tiles · `grid`: three or four tiles · `columns`: four tiles side
 * by side, of which neighbours share a frame · `together`: all people in one frame · `scene`: the whole source ·
 * `slate`: no source.
 */
export type LayoutName = (typeof LAYOUTS)[number];
