/**
 * Runs in the page: for so many frames, how far the middle of the left disc in the video is from
 * the middle of what the overlay has drawn in that half, in CSS pixels.
 */
export function measureOverlay(frames: number): Promise<number[]> {
  const video = document.querySelector<HTMLVideoElement>('video:last-of-type');
  const overlay = document.querySelector<HTMLCanvasElement>('canvas.overlay');
  if (!video || !overlay) return Promise.resolve([]);
  const picture = document.createElement('canvas');
  picture.width = overlay.clientWidth;
  picture.height = overlay.clientHeight;
  const context = picture.getContext('2d', { willReadFrequently: true });
  const half = Math.floor(picture.width / 2) - 4;

  /** Middle of the columns in which a pixel passes. */
  const middle = (data: Uint8ClampedArray, width: number, passes: (at: number) => boolean): number | undefined => {
    let first = Number.POSITIVE_INFINITY;
    let last = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < data.length; at += 4) {
      if (!passes(at)) continue;
      const column = (at / 4) % width;
      first = Math.min(first, column);
      last = Math.max(last, column);
    }
    return Number.isFinite(first) ? (first + last) / 2 : undefined;
  };

  return new Promise((resolve) => {
    const distances: number[] = [];
    let seen = 0;
    const onFrame = (): void => {
      context?.drawImage(video, 0, 0, picture.width, picture.height);
      const shown = context?.getImageData(0, 0, half, picture.height).data;
      const drawn = overlay.getContext('2d')?.getImageData(0, 0, half, picture.height).data;
      const disc = shown && middle(shown, half, (at) => (shown[at] ?? 0) > 140);
      const ink = drawn && middle(drawn, half, (at) => (drawn[at + 3] ?? 0) > 60);
      if (disc !== undefined && ink !== undefined) distances.push(Math.abs(disc - ink));
      seen++;
      if (seen < frames) video.requestVideoFrameCallback(onFrame);
      else resolve(distances);
    };
    // The page asked first, so that it has drawn its overlay when this is called.
    video.requestVideoFrameCallback(onFrame);
  });
}
