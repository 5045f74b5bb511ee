import type { ComponentChildren, JSX } from 'preact';

/** A part of a page with a heading. */
export function Panel({
  title,
  name,
  aside,
  children,
}: {
  readonly title: string;
  /** Its class is `panel-NAME`. */
  readonly name: string;
  /** Stands beside the heading. */
  readonly aside?: ComponentChildren;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <section class={`panel panel-${name}`} aria-labelledby={`panel-${name}`}>
      <div class="panel-head">
        <h2 id={`panel-${name}`}>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** A term and what there is to say of it; a third cell where there is more. */
export type FigureRow = readonly [string, string, string?];

/** A list of terms and figures. */
export function Figures({ rows }: { readonly rows: readonly FigureRow[] }): JSX.Element {
  return (
    <dl class="figures">
      {rows.map(([term, ...values]) => (
        <div key={term}>
          <dt>{term}</dt>
          {values.map((value, index) => (
            <dd key={index}>{value}</dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

/** What is wrong; nothing where nothing is. */
export function Problem({ text }: { readonly text: string | undefined }): JSX.Element | null {
  return text === undefined || text === '' ? null : (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}
