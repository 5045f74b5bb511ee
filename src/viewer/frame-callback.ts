/** Calls back for every frame on screen, with its RTP time stamp where the browser reports it, until `false`. */
export function onEachFrame(
  video: HTMLVideoElement,
  callback: (nowMs: number, rtpTimestamp?: number) => boolean,
): void {
  if ('requestVideoFrameCallback' in video) {
    const onFrame: VideoFrameRequestCallback = (nowMs, { rtpTimestamp }) => {
      if (callback(nowMs, rtpTimestamp)) video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    return;
  }
  let lastTimeS = 0;
  const onRefresh = (nowMs: number): void => {
    const { currentTime } = video as HTMLVideoElement;
    const isNew = currentTime !== lastTimeS;
    lastTimeS = currentTime;
    if (!isNew || callback(nowMs)) requestAnimationFrame(onRefresh);
  };
  requestAnimationFrame(onRefresh);
}
