/**
 * `single`: one person, whole picture · `dual`: two tiles · `grid`: three or four tiles ·
 * `scene`: the whole source · `slate`: no source.
 */
export type LayoutName = 'single' | 'dual' | 'grid' | 'scene' | 'slate';
