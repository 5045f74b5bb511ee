import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { errorText } from '../api.js';
import { Problem } from './panel.js';

/** A form whose answer comes from the gateway: it waits for it, and says what is wrong. */
export function Form({
  submit,
  onSubmit,
  isReady = true,
  isInline = false,
  note = '',
  aside,
  children,
}: {
  /** On the button. */
  readonly submit: string;
  /** Rejects with what is wrong. */
  readonly onSubmit: () => Promise<unknown>;
  /** Whether it can be sent. */
  readonly isReady?: boolean;
  /** One field with its button behind it. */
  readonly isInline?: boolean;
  /** What sending it does; stands beside the button. */
  readonly note?: string;
  /** Another button, before that which sends it. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}): JSX.Element {
  const problem = useSignal('');
  const isBusy = useSignal(false);
  const send = async (): Promise<void> => {
    isBusy.value = true;
    problem.value = '';
    try {
      await onSubmit();
    } catch (error) {
      problem.value = errorText(error);
    } finally {
      isBusy.value = false;
    }
  };
  return (
    <form
      class={isInline ? 'form inline' : 'form'}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {children}
      <div class="form-end">
        {/* Beside the button, which stays in sight in a long form. */}
        {!isInline && <Problem text={problem.value} />}
        <div class="actions end">
          {!isInline && <Note text={note} />}
          {aside}
          <button type="submit" class="button primary" disabled={isBusy.value || !isReady}>
            {submit}
          </button>
        </div>
      </div>
      {isInline && <Problem text={problem.value} />}
    </form>
  );
}

/** What sending a form does; told to screen readers when it changes. */
function Note({ text }: { readonly text: string }): JSX.Element {
  return (
    <p class="help" role="status">
      {text}
    </p>
  );
}
