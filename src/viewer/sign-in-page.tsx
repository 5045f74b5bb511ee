import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { Bar } from './parts/bar.js';
import { TextField } from './parts/field.js';
import { Form } from './parts/form.js';
import { Problem } from './parts/panel.js';
import { signIn } from './session.js';

/** Asks for a token. @param problem - why the one of the address is not taken, or why the session ended; empty without one */
export function SignInPage({ problem }: { readonly problem: string }): JSX.Element {
  const token = useSignal('');
  useEffect(() => {
    document.title = 'Sign in · Diptych';
  }, []);
  const submit = async (): Promise<void> => {
    const refusal = await signIn(token.value.trim());
    if (refusal !== '') throw new Error(refusal);
    location.reload();
  };
  return (
    <>
      <Bar title="Sign in" isList />
      <main class="notice sign-in">
        <span class="brand-mark large" aria-hidden="true">
          <i />
          <i />
        </span>
        <h2>Sign in</h2>
        <p>This gateway shows its cameras to those who have a token.</p>
        <Problem text={problem} />
        <Form submit="Sign in" onSubmit={submit} isReady={token.value.trim() !== ''}>
          <TextField
            label="Token"
            type="password"
            autocomplete="current-password"
            required
            value={token.value}
            onInput={(value) => (token.value = value)}
            help="It is printed when the gateway starts, or made with: diptych token add NAME"
          />
        </Form>
      </main>
    </>
  );
}
