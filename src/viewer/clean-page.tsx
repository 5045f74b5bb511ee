import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { LivePicture } from './live-picture.js';

const TICK_MS = 500;

/**
 * The picture alone, as large as the window, for browser sources and frames of other pages: no words,
 * no controls. While nothing can be received the last picture stays; the gateway's own slate tells of
 * a camera that is away. Sound is played where `isSoundOn` and where the browser allows it.
 */
export function CleanPage({
  streamId,
  isSoundOn,
}: {
  readonly streamId: string;
  readonly isSoundOn: boolean;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    document.title = `${streamId} · Diptych`;
    document.documentElement.classList.add('clean');
    const picture = new LivePicture(streamId, { onChange: () => undefined });
    place.current?.append(picture.root);
    if (isSoundOn) void picture.setSound(true);
    setInterval(() => picture.tick(), TICK_MS);
  }, [streamId, isSoundOn]);
  return (
    <main>
      <h1 class="sr-only">{streamId}</h1>
      <div ref={place} />
    </main>
  );
}
