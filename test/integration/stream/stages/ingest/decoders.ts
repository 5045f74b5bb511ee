import { loadAddon } from '#src/stream/native/addon.adapter.js';
import {
  chooseDecoders,
  type DecoderChoices,
  type DecoderPreferences,
} from '#src/stream/stages/ingest/decoder-choice.js';
import { thisMachine } from '#src/stream/stages/ingest/decoder-machine.adapter.js';

/** Stands in for nvh264dec, with system memory in the place of the card's. */
function standIn(launch: string): (preferences: DecoderPreferences) => DecoderChoices {
  return (preferences) => {
    const choices = chooseDecoders(thisMachine(loadAddon()), preferences);
    if (preferences.avoid?.has('nvh264dec') === true) return choices;
    return {
      ...choices,
      h264: {
        ...choices.h264,
        element: 'nvh264dec',
        launch,
        output: 'videoconvert ! video/x-raw,format=NV12',
        memory: 'cuda',
        isHardware: true,
      },
    };
  };
}

export const onCard = standIn('avdec_h264 name=decoder-h264 thread-type=slice');

/** After so many access units; `negotiation`: at once, because it does not take what comes. */
export function failingAfter(units: number | 'negotiation'): (preferences: DecoderPreferences) => DecoderChoices {
  return standIn(
    units === 'negotiation'
      ? 'capsfilter name=decoder-h264 caps=video/x-h264,width=16 ! avdec_h264'
      : `identity name=decoder-h264 error-after=${units} ! avdec_h264 thread-type=slice`,
  );
}
