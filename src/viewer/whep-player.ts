/*
 * Runs inside a page of a benchmark or a test: a WHEP player (draft-ietf-wish-whep) of a few lines, which tells how long
 * its first picture took.
 */

declare global {
  interface Window {
    /** Plays in place of what played before. Resolves with the time to the first picture, ms from the request on. */
    diptychPlay: (url: string) => Promise<number>;
  }
}

let playing: { readonly connection: RTCPeerConnection; readonly video: HTMLVideoElement } | undefined;

async function play(url: string): Promise<number> {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const media = new MediaStream();
  const video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true, srcObject: media });
  document.body.append(video);
  connection.ontrack = ({ track }) => media.addTrack(track);
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.addTransceiver('audio', { direction: 'recvonly' });
  const shown = new Promise<number>((resolve) => video.requestVideoFrameCallback(resolve));
  await connection.setLocalDescription();
  const beganMs = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp' },
    body: connection.localDescription?.sdp ?? '',
  });
  const text = await response.text();
  if (response.status !== 201) throw new Error(`${url}: ${response.status} ${text}`);
  await connection.setRemoteDescription({ type: 'answer', sdp: text });
  await shown;
  const tookMs = performance.now() - beganMs;
  playing?.connection.close();
  playing?.video.remove();
  playing = { connection, video };
  return tookMs;
}

window.diptychPlay = play;
