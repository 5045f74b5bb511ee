import { callApi } from '../api.js';
import { may, session } from '../session.js';
import { at, authorization, currentBase, streamApi } from '../urls.js';
import type { StreamModel } from './stream-model.js';

const LINK_KEPT_MS = 2_500;

/** Tells people what came of it, for a moment. */
export type Say = (text: string) => void;

/** Saves the composed picture as a file. Never rejects. */
export async function saveSnapshot({ streamId }: StreamModel, say: Say): Promise<void> {
  try {
    const response = await fetch(streamApi(streamId, 'snapshot.jpg'), { headers: authorization() });
    if (!response.ok) throw new Error(String(response.status));
    const url = URL.createObjectURL(await response.blob());
    const time = new Date().toISOString().slice(0, 19).replace(/[:T]/g, '-');
    Object.assign(document.createElement('a'), { href: url, download: `${streamId}-${time}.jpg` }).click();
    setTimeout(() => URL.revokeObjectURL(url), LINK_KEPT_MS);
    say('Picture saved');
  } catch {
    say('There is no picture to save at the moment');
  }
}

/** A small window of its own for the picture, or back. Never rejects. */
export async function togglePictureInPicture({ picture }: StreamModel, say: Say): Promise<void> {
  try {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await picture.video?.requestPictureInPicture();
  } catch {
    say('This browser has no picture in picture');
  }
}

/** The whole screen for the picture and its toolbar, or back. Never rejects. */
export async function toggleFullscreen(stage: HTMLElement | null, say: Say): Promise<void> {
  try {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await stage?.requestFullscreen();
  } catch {
    say('This browser does not allow full screen');
  }
}

interface GuestLink {
  readonly page: string;
}

/**
 * A link to the page into the clipboard; where the gateway asks who somebody is, one that lets a guest watch for a day.
 * Never rejects.
 */
export async function copyLink({ streamId }: StreamModel, say: Say): Promise<void> {
  const isForGuest = session.value.required && may('operate');
  try {
    const { page } = isForGuest
      ? await callApi<GuestLink>('POST', at('api/v1/guest-links'), { stream: streamId })
      : { page: location.href };
    await navigator.clipboard.writeText(new URL(page, currentBase()).href);
    say(isForGuest ? 'Link for a guest copied: it is good for a day' : 'Link copied');
  } catch {
    say('The link could not be copied; copy it from the address bar');
  }
}
