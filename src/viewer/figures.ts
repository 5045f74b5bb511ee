import { element, setText } from './elements.js';

/** Fills a list of terms; rows are made once and afterwards only their text changes. */
export function setRows(
  list: HTMLElement,
  rows: readonly (readonly [string, string, string?])[],
  heading?: readonly [string, string, string],
): void {
  const all = heading ? [heading, ...rows] : rows;
  if (list.childElementCount !== all.length) {
    list.replaceChildren(
      ...all.map((cells, index) =>
        element(
          'div',
          heading && index === 0 ? { className: 'heading', aria: { hidden: 'true' } } : {},
          ...cells.map((_, place) => element(place === 0 ? 'dt' : 'dd')),
        ),
      ),
    );
  }
  all.forEach((cells, index) => {
    const row = list.children[index];
    cells.forEach((text, place) => {
      const cell = row?.children[place];
      if (cell instanceof HTMLElement) setText(cell, text ?? '');
    });
  });
}
