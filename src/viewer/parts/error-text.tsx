import type { JSX } from 'preact';
import type { StatusError } from '../../shared/domain/status-error.js';
import { retryAtText, sentence } from '../wording.js';

/** What is wrong, and when it is tried again: in a text of its own, so that the rest stays selected while it counts down. */
export function ErrorText({ error, nowMs }: { readonly error: StatusError; readonly nowMs?: number }): JSX.Element {
  const retry = retryAtText(error, nowMs);
  return (
    <>
      <span>{sentence(error.message)}</span>
      {retry !== '' && <span> {retry}</span>}
    </>
  );
}
