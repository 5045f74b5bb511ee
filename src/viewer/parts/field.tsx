import type { JSX } from 'preact';
import { useId } from 'preact/hooks';

/** A labelled field of a form. */
export function TextField({
  label,
  help,
  value,
  onInput,
  type = 'text',
  ...input
}: {
  readonly label: string;
  readonly help?: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: 'text' | 'password' | 'search' | 'url';
  readonly required?: boolean;
  readonly placeholder?: string;
  readonly autocomplete?: string;
  readonly maxLength?: number;
}): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...{ ...input, type: type as 'text' }}
        id={id}
        value={value}
        spellcheck={false}
        {...(help !== undefined && { 'aria-describedby': `${id}-help` })}
        onInput={({ currentTarget }) => {
          onInput(currentTarget.value);
        }}
      />
      {help !== undefined && (
        <p class="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
