import type { Page } from 'playwright-core';

/** What people can press, follow or fill in, and the test that does so. */
export interface TestedControl {
  /** Kind and accessible name, as {@link controlsOf} tells them. */
  readonly control: RegExp;
  /** File in test/e2e. */
  readonly file: string;
  /** A part of the name of the test in it. */
  readonly test: string;
}

const row = (control: RegExp, file: string, test: string): TestedControl => ({ control, file, test });

/** Every control of the pages. */
export const TESTED_CONTROLS: readonly TestedControl[] = [
  row(/^link Diptych/, 'list.test.ts', 'adds a camera whose address is pasted'),
  row(/^link All streams$/, 'list.test.ts', 'is a page with a way back'),
  row(
    /^link (hall|stage|phone|overloaded|unauthorized|offline|failed|unpublished|keyframe)$/,
    'viewer.test.ts',
    'shows every stream',
  ),
  row(/^button Add a camera$/, 'list.test.ts', 'adds a camera whose address is pasted'),
  row(/^searchbox Search$/, 'list.test.ts', 'and then has a search'),
  row(/^textbox (Address|User|Password)$/, 'list.test.ts', 'adds a camera whose address is pasted'),
  row(/^textbox Name$/, 'list.test.ts', 'takes the name that is given'),
  row(/^button Try it$/, 'list.test.ts', 'tries a camera before it is saved'),
  row(/^button Close$/, 'list.test.ts', 'tries a camera before it is saved'),
  row(/^button Save$/, 'list.test.ts', 'adds a camera whose address is pasted'),

  row(/^textbox Token$/, 'sign-in.test.ts', 'asks for the token'),
  row(/^button Sign (in|out)$/, 'sign-in.test.ts', 'asks for the token'),
  row(/^(link Watch hall|button Sign in with another token)$/, 'sign-in.test.ts', 'that the token may not'),

  row(/^button Settings of the stream$/, 'editing.test.ts', 'changes every option'),
  row(/^button Save and restart$/, 'editing.test.ts', 'changes every option'),
  row(/^disclosure More of (source|output|tiles)$/, 'editing.test.ts', 'changes every option'),
  row(/^(textbox|spinbutton|combobox) .*option$/, 'editing.test.ts', 'changes every option'),
  row(/^button Restart the stream$/, 'editing.test.ts', 'restarts the stream'),
  row(/^button (Remove the stream|Keep it|Remove hall and end its broadcast)$/, 'editing.test.ts', 'removes a stream'),

  row(/^button Sound$/, 'viewer.test.ts', 'starts without sound'),
  row(/^slider Volume$/, 'stream-controls.test.ts', 'has a volume'),
  row(/^button Boxes and names$/, 'viewer.test.ts', 'hides the boxes by button and by key'),
  row(/^button Save this picture$/, 'stream-controls.test.ts', 'saves the picture'),
  row(/^button Picture in picture$/, 'stream-controls.test.ts', 'shows the picture in a window of its own'),
  row(/^button Copy the link$/, 'stream-controls.test.ts', 'copies the link'),
  row(/^button Full screen$/, 'stream-controls.test.ts', 'fills the screen'),
  row(/^button Keyboard shortcuts$/, 'stream-controls.test.ts', 'lists its shortcuts'),

  row(/^button (Left|Right) tile, /, 'stream-controls.test.ts', 'can be clicked: %s'),
  row(/^button Person \d+ (Left|Right) tile$/, 'naming.test.ts', 'a person can be chosen in the list'),
  row(/^button (Swap|Lock|Follow)$/, 'stream-controls.test.ts', 'have buttons beside the people'),
  row(/^button (Auto|Split|Together|Single|Wide)$/, 'shot-panel.test.ts', 'is chosen by button and by key'),
  row(/^button (Calm|Normal|Lively)$/, 'shot-panel.test.ts', 'changes its pace'),
  row(/^button (In this tile|In the (left|right) tile)$/, 'stream-controls.test.ts', 'can be clicked: %s'),
  row(/^button (Swap the two people|Lock: .*|Follow left and right)$/, 'stream-controls.test.ts', 'can be clicked: %s'),
  row(/^button (Leave out: no tile|Take in again)$/, 'left-out.test.ts', 'leaves a person out by their menu'),
  row(/^textbox This is$/, 'naming.test.ts', 'says who somebody is'),
  row(/^(disclosure Name the place instead|textbox Name of this place)$/, 'editing.test.ts', 'names a place'),

  row(/^button Add a target$/, 'stream-controls.test.ts', 'are added'),
  row(/^(combobox Platform|textbox (Server|Stream key)|button Publish)$/, 'stream-controls.test.ts', 'are added'),
  row(/^button (Remove \w+|Keep|Stop publishing to \w+)$/, 'stream-controls.test.ts', 'are added'),
  row(/^button Try now$/, 'outage.test.ts', 'which can be now'),

  row(/^button (Record|Stop recording)$/, 'recordings.test.ts', 'records, lists, hands out and deletes'),
  row(/^link Download (the|who was in the) recording/, 'recordings.test.ts', 'records, lists, hands out and deletes'),
  row(/^button Delete the recording/, 'recordings.test.ts', 'records, lists, hands out and deletes'),
  row(/^button \d+ older$/, 'recordings.test.ts', 'shows older ones on demand'),
  row(/^list Events, newest first$/, 'stream-controls.test.ts', 'tells what happened before the page was opened'),
  row(/^disclosure Technical details$/, 'viewer.test.ts', 'tells who is there'),

  row(/^link Send this device’s camera$/, 'publish.test.ts', 'is composed and shown in another browser'),
  row(/^button Use this camera$/, 'publish.test.ts', 'is composed and shown in another browser'),
  row(/^link To the stream$/, 'publish.test.ts', 'that stops leaves the slate'),
  row(/^combobox (Camera|Microphone)$/, 'publish.test.ts', 'goes on with another microphone'),
];

/** Kind and name of everything on the page that can be used, sorted; inputs of options end in `option`. */
export const controlsOf = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const KINDS: Readonly<Record<string, string>> = {
      A: 'link',
      BUTTON: 'button',
      SELECT: 'combobox',
      SUMMARY: 'disclosure',
      OL: 'list',
    };
    const INPUTS: Readonly<Record<string, string>> = { search: 'searchbox', range: 'slider', number: 'spinbutton' };
    const usable = document.querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, summary, [tabindex="0"]',
    );
    const modal = document.querySelector('dialog[open]');
    const found = Array.from(usable).filter((one) => one.checkVisibility() && (modal === null || modal.contains(one)));
    const nameOf = (one: HTMLElement): string => {
      const label = (one as HTMLInputElement).labels?.[0];
      // What stands in a label beside its text, such as that an option restarts the stream.
      const text = one.getAttribute('aria-label') ?? (label ?? one).innerText;
      return text.replace(/\s+/g, ' ').trim();
    };
    const kindOf = (one: HTMLElement): string =>
      one instanceof HTMLInputElement ? (INPUTS[one.type] ?? 'textbox') : (KINDS[one.tagName] ?? one.tagName);
    const isOption = (one: HTMLElement): boolean => one.closest('.options') !== null;
    return [...new Set(found.map((one) => `${kindOf(one)} ${nameOf(one)}${isOption(one) ? ' option' : ''}`))].sort();
  });
