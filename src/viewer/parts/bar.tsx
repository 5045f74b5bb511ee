import type { ComponentChildren, JSX } from 'preact';
import { session, signOut } from '../session.js';
import { at } from '../urls.js';
import { Icon } from './icon.js';

/** A longer title has a line of its own where the page is narrow, characters. */
const LONG_TITLE = 28;

/** The head of a page: the name of the product, which leads to the list, the title of the page, and more. */
export function Bar({
  title,
  isList = false,
  children,
}: {
  readonly title: string;
  /** It is the list itself, from which nothing leads back. */
  readonly isList?: boolean;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <header class={`bar${isList ? '' : ' below'}${title.length > LONG_TITLE ? ' long' : ''}`}>
      <a class="brand" href={at('')} {...(!isList && { 'aria-label': 'Diptych: all streams', title: 'All streams' })}>
        {!isList && <Icon name="back" />}
        <span class="brand-mark" aria-hidden="true">
          <i />
          <i />
        </span>
        <span class="brand-name">Diptych</span>
      </a>
      <h1>{title}</h1>
      <div class="bar-end">
        {children}
        {session.value.required && session.value.signedIn && (
          <button
            type="button"
            class="button small"
            title={`Signed in as ${session.value.name ?? 'guest'}`}
            onClick={() => void signOut()}
          >
            Sign out
          </button>
        )}
      </div>
    </header>
  );
}

/** A state in a word or two. @param isAnnounced - whether screen readers tell its changes */
export function Pill({
  state,
  label,
  isAnnounced = false,
}: {
  readonly state: string;
  readonly label: string;
  readonly isAnnounced?: boolean;
}): JSX.Element {
  return (
    <span class="pill" data-state={state} {...(isAnnounced && { role: 'status' })}>
      {label}
    </span>
  );
}
