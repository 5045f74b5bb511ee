import type { JSX } from 'preact';
import { at } from '../urls.js';
import { Bar } from './bar.js';

/** There is nothing at this address; the way back. */
export function MissingPage({ title, text }: { readonly title: string; readonly text: string }): JSX.Element {
  return (
    <>
      <Bar title={title} />
      <main class="notice">
        <h2>Not found</h2>
        <p>{text}</p>
        <a class="button primary" href={at('')}>
          All streams
        </a>
      </main>
    </>
  );
}
