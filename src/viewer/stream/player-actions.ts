import { streamApi } from '../urls.js';
import type { StreamModel } from './stream-model.js';

const LINK_KEPT_MS = 2_500;

/** Tells people what came of it, for a moment. */
export type Say = (text: string) => void;

/** Saves the composed picture as a file. Never rejects. */
export async function saveSnapshot({ streamId }: StreamModel, say: Say): Promise<void> {
  try {
    const response = await fetch(streamApi(streamId, 'snapshot.jpg'));
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

/** The address of the page into the clipboard. Never rejects. */
export async function copyLink(say: Say): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    say('Link copied');
  } catch {
    say('The link could not be copied; copy it from the address bar');
  }
}
