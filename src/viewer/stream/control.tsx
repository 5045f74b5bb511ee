import type { JSX, RefObject, TargetedKeyboardEvent } from 'preact';
import { useEffect } from 'preact/hooks';
import { Icon, type IconName } from '../parts/icon.js';

/** A button of the toolbar. @param isOn - whether it is pressed; absent where it is no switch */
export function Control({
  icon,
  label,
  keys,
  isOn,
  onClick,
}: {
  readonly icon: IconName;
  readonly label: string;
  readonly keys: string;
  readonly isOn?: boolean;
  readonly onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class="control"
      title={`${label} (${keys})`}
      aria-label={label}
      aria-keyshortcuts={keys}
      data-key={keys}
      onClick={onClick}
      {...(isOn !== undefined && { 'aria-pressed': isOn })}
    >
      <Icon name={icon} />
    </button>
  );
}

/** Keys work wherever nothing is typed and no dialog is open. */
export function useShortcuts(bar: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const { target } = event;
      if (target instanceof Element && target.closest('input:not([type=range]), select, textarea, dialog')) return;
      const key = event.key.toLowerCase();
      const buttons = bar.current?.querySelectorAll<HTMLButtonElement>('[data-key]') ?? [];
      [...buttons].find((button) => button.dataset['key'] === key)?.click();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [bar]);
}

/** The arrow keys go from one control of a toolbar to the next. */
export function moveFocus(event: TargetedKeyboardEvent<HTMLDivElement>): void {
  if (event.target instanceof HTMLInputElement) return;
  const controls = [...event.currentTarget.querySelectorAll<HTMLElement>('.control')];
  const index = controls.findIndex((control) => control === event.target);
  const steps: Readonly<Record<string, number>> = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: -1 };
  const next = steps[event.key];
  if (next === undefined) return;
  event.preventDefault();
  controls.at(next % controls.length)?.focus();
}
