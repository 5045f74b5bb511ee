import type { JSX } from 'preact';
import { isGuest, session, signOut } from '../session.js';
import { at, streamPage } from '../urls.js';
import { ActionButton } from './action.js';
import { Bar } from './bar.js';

/** Sending a camera is not for those who watch. */
export const PublishRefused = ({ streamId }: { readonly streamId: string }): JSX.Element => (
  <RefusedPage
    title={`Camera for ${streamId}`}
    text="It is for watching only. Sending a camera needs a token with role operate: ask whoever runs the gateway for one, or for a link to send a camera."
    back={{ href: streamPage(streamId), label: `Watch ${streamId}` }}
  />
);

/** A stream is not among those that somebody's token is for. */
export const StreamRefused = ({ streamId }: { readonly streamId: string }): JSX.Element => (
  <RefusedPage
    title={streamId}
    text={`It is for other streams only: ${(session.value.streams ?? []).join(', ')}. Ask whoever runs the gateway for a token that is for ${streamId} as well.`}
    back={{ href: at(''), label: 'All streams' }}
  />
);

/** What is asked for is not for whoever is signed in; the ways on. */
function RefusedPage({
  title,
  text,
  back,
}: {
  readonly title: string;
  /** Why, and what to do. */
  readonly text: string;
  /** Where they may be. */
  readonly back: { readonly href: string; readonly label: string };
}): JSX.Element {
  const { name } = session.value;
  return (
    <>
      <Bar title={title} />
      <main class="notice">
        <h2>Not with this token</h2>
        <p>
          {isGuest() ? 'You came by a link for guests. ' : `You are signed in with the token of “${name ?? ''}”. `}
          {text}
        </p>
        <div class="actions">
          <a class="button primary" href={back.href}>
            {back.label}
          </a>
          <ActionButton className="button" onAct={signOut} onError={() => undefined}>
            Sign in with another token
          </ActionButton>
        </div>
      </main>
    </>
  );
}
