import { WebRTCPlayer } from '@eyevinn/webrtc-player';

/* Runs in a page: starts the player as its own documentation does. */
declare global {
  interface Window {
    playByEyevinn: (url: string) => Promise<void>;
  }
}

window.playByEyevinn = async (url) => {
  const video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true });
  document.body.append(video);
  const player = new WebRTCPlayer({ video, type: 'whep', iceServers: [] });
  await player.load(new URL(url));
};
