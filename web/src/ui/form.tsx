import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ApiError } from '../api/client';
import { useAction } from '../hooks';
import { Icon } from './icon';

interface FormProps {
  submit: string;
  act: () => Promise<string | void>;
  /// Gets what is wrong with the member that a JSON pointer names.
  children: (mistakeAt: (pointer: string) => string | undefined) => ComponentChildren;
  cancel?: string;
}

/// A form for one call to the server, whose mistakes appear at their fields; those without a field stand above them all.
export function Form({ submit, act, children, cancel }: FormProps) {
  const action = useAction(act, 'shown');
  const form = useRef<HTMLFormElement>(null);
  const problem = action.error instanceof ApiError ? action.error : undefined;
  useEffect(() => {
    if (!action.error) return;
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid]');
    (field ?? form.current?.querySelector<HTMLElement>('.failure'))?.focus();
  }, [action.error]);
  const seen = new Set<string>();
  const fields = children((pointer) => {
    seen.add(pointer);
    return problem?.at(pointer);
  });
  const others = problem?.problem.errors?.filter((mistake) => !seen.has(mistake.pointer)) ?? [];
  return (
    <form ref={form} noValidate onSubmit={(event) => { event.preventDefault(); void action.run(); }}>
      {action.error && (
        <div class="failure" role="alert" tabIndex={-1}>
          <Icon name="alert" />
          <div>
            {action.error.message}
            {others.map((mistake) => <div key={mistake.pointer}><code>{mistake.pointer || 'the whole'}</code> {mistake.detail}</div>)}
          </div>
        </div>
      )}
      {fields}
      <div class="actions">
        <button type="submit" class="main" aria-busy={action.isBusy}>{submit}</button>
        {cancel && <a class="button" href={cancel}>Cancel</a>}
      </div>
    </form>
  );
}
