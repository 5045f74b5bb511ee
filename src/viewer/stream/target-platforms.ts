/** A platform whose server is known, so that people only give their stream key. */
export interface Platform {
  /** As people know it. */
  readonly name: string;
  /** What the platform calls the stream URL; absent where people give it. */
  readonly server?: string;
  /** What a target is called where it is given no name. */
  readonly id?: string;
}

/** In the order of the list; the first one is chosen. */
export const PLATFORMS: readonly Platform[] = [
  { name: 'YouTube', server: 'rtmp://a.rtmp.youtube.com/live2', id: 'youtube' },
  { name: 'Twitch', server: 'rtmp://live.twitch.tv/app', id: 'twitch' },
  { name: 'Facebook', server: 'rtmps://live-api-s.facebook.com:443/rtmp', id: 'facebook' },
  { name: 'Another server' },
];

/** A platform by its place in the list. */
export const platformAt = (index: number): Platform => PLATFORMS[index] ?? { name: '' };

/** A name for a target of a platform that no other target has; absent where the gateway gives one. */
export function targetId({ id }: Platform, taken: readonly string[]): string | undefined {
  if (id === undefined) return undefined;
  for (let number = 1; ; number++) {
    const name = number === 1 ? id : `${id}-${number}`;
    if (!taken.includes(name)) return name;
  }
}
