import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { errorText } from '../api.js';

/** A button that asks something of the gateway; it waits for the answer. */
export function ActionButton({
  onAct,
  onError,
  className = 'button',
  label,
  data = {},
  children,
}: {
  readonly onAct: () => Promise<unknown>;
  /** A sentence for people; the empty string when it is asked again. */
  readonly onError: (text: string) => void;
  readonly className?: string;
  /** For screen readers, where the content says less. */
  readonly label?: string;
  /** Attributes beginning with `data-` or `aria-`. */
  readonly data?: Readonly<Record<`data-${string}` | `aria-${string}`, boolean | string>>;
  readonly children: ComponentChildren;
}): JSX.Element {
  const isBusy = useSignal(false);
  const act = async (): Promise<void> => {
    isBusy.value = true;
    onError('');
    try {
      await onAct();
    } catch (error) {
      onError(errorText(error));
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <button
      type="button"
      {...data}
      class={className}
      disabled={isBusy.value}
      {...(label !== undefined && { 'aria-label': label, title: label })}
      onClick={() => void act()}
    >
      {children}
    </button>
  );
}
